"""What W&B's own files say was logged: the transaction logs of a run, `wandb/*run-*-ID/run-ID.wandb` (wandb 0.31).

A log is LevelDB's format behind a header of seven bytes: blocks of 32 KiB, records of a checksum, a length, a kind and
a piece of a protobuf. wandb 0.31 ships no reader of it in Python. A killed process leaves the log without its last
second, so the log and not the training knows where a resumed run has to go on.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HEADER, BLOCK, FRAME = 7, 32768, struct.Struct("<IHB")
WHOLE, LAST = 1, 4
"""Kinds of a record's piece that end it."""


def parts(folder: Path, run_id: str) -> list[Path]:
    """The logs of a run in its W&B folder, oldest first: each start and each resumption of the run writes one."""
    return sorted(folder.glob(f"*run-*-{run_id}/run-{run_id}.wandb"), key=lambda file: file.parent.name[-24:])


def records(log: Path) -> Iterator[Any]:
    """The protobuf records of one log, `wandb_internal_pb2.Record`; a torn end is left out."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, at, pieces = log.read_bytes(), HEADER, b""
    while at + FRAME.size <= len(data):
        left = BLOCK - at % BLOCK
        if left < FRAME.size:
            at += left
            continue
        _, length, kind = FRAME.unpack_from(data, at)
        piece = data[at + FRAME.size : at + FRAME.size + length]
        if not kind or len(piece) < length:
            return
        pieces, at = pieces + piece, at + FRAME.size + length
        if kind in (WHOLE, LAST):
            record = Record()
            record.ParseFromString(pieces)
            pieces = b""
            yield record


def last_step(folder: Path, run_id: str) -> int:
    """The highest step in a run's logs, -1 where there is none."""
    return max(
        (
            record.history.step.num
            for log in parts(folder, run_id)
            for record in records(log)
            if record.WhichOneof("record_type") == "history"
        ),
        default=-1,
    )
