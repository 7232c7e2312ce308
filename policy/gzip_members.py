"""A file of gzip members that were appended one by one, read member by member: what is torn costs no other."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PIECE = 1 << 16
HEAD = gzip.compress(b"", mtime=0)[:8]
"""With what a member begins that was written without a time."""


def squeezed(text: bytes) -> bytes:
    """One member, the same bytes whenever it is written."""
    return gzip.compress(text, mtime=0)


def members(file: Path) -> Iterator[tuple[bytes, int]]:
    """Each whole member, inflated, and the place in the file where it ends; none where there is no file."""
    if not file.is_file():
        return
    place = 0
    with file.open("rb") as opened:
        while place >= 0:
            opened.seek(place)
            inflate, pieces = zlib.decompressobj(wbits=31), []
            while not inflate.eof and (piece := opened.read(PIECE)):
                try:
                    pieces.append(inflate.decompress(piece))
                except zlib.error:
                    break
            if inflate.eof:
                place = opened.tell() - len(inflate.unused_data)
                yield b"".join(pieces), place
            else:
                place = _next_head(opened, place + 1)


def _next_head(opened: BinaryIO, place: int) -> int:
    """Where a member begins at this place or after it, -1 for nowhere."""
    opened.seek(place)
    before = b""
    while piece := opened.read(PIECE):
        if (at := (before + piece).find(HEAD)) >= 0:
            return place - len(before) + at
        place += len(piece)
        before = (before + piece)[-len(HEAD) + 1 :]
    return -1
