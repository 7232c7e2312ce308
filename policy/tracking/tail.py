"""The rows that were appended to a file of rollouts since the last look: each generation batch is one gzip member."""

import json
import zlib
from pathlib import Path
from typing import Any


class Tail:
    """Reads on where it stopped, from the file's end as it is now; a member that is half written is left for later."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._place = file.stat().st_size if file.is_file() else 0

    def new(self) -> list[dict[str, Any]]:
        if not self._file.is_file():
            return []
        with self._file.open("rb") as opened:
            opened.seek(self._place)
            data = opened.read()
        rows: list[dict[str, Any]] = []
        while data:
            inflate = zlib.decompressobj(wbits=31)
            text = inflate.decompress(data)
            if not inflate.eof:
                break
            self._place += len(data) - len(inflate.unused_data)
            data = inflate.unused_data
            rows += [json.loads(line.decode("utf-8", "replace")) for line in text.splitlines()]
        return rows
