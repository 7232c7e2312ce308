"""How to tell that an attack got through: bait to take, places to leave traces in, and honest questions beside it."""

import hashlib
import os
import socket
import sqlite3
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from time import sleep

import duckdb

from benchmarks._processes import peak_bytes
from envs.example import Database, Engine
from envs.sandbox import Judged, Sandbox

CANARY = "canary-5f0c1e9a"
NAMES = ("ann", "Abe", "bob", "alf", "cyd", "ada", "Bea", "art")
ROWS = ", ".join(f"({i}, '{NAMES[i % 8]}', '{'xyz'[i % 3]}', {17 * i % 50})" for i in range(1, 41))
SCRIPT = (
    "CREATE TABLE emp (id INTEGER PRIMARY KEY, name VARCHAR, dept VARCHAR, sal INTEGER);"
    f"CREATE TABLE sink (a VARCHAR); INSERT INTO emp VALUES {ROWS};"
)
PROBE = "SELECT name, sal / 3 FROM emp WHERE name LIKE 'a%' AND {n} = {n} ORDER BY sal, id"
RIGHT = "SELECT e.name, e.sal / 3 FROM emp AS e WHERE e.name LIKE 'a%' AND {n} < {n} + 1 ORDER BY e.sal, e.id"
WRONG = "SELECT name, sal / 3 FROM emp WHERE name LIKE 'a%' AND {n} = {n} ORDER BY sal DESC, id DESC"


class Bait:
    """A temporary folder with secrets to read, an empty folder to write to, databases, and a port that listens."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="attacks-")
        root = Path(self._folder.name)
        self.drop, self.canary, self.data = root / "drop", root / "canary", root / "data"
        for folder in (self.drop, self.canary, self.data):
            folder.mkdir()
        os.environ["CANARY_ENV"] = CANARY
        self._fill_canary()
        self.files: dict[Engine, Path] = {"sqlite": self.data / "emp.sqlite", "duckdb": self.data / "emp.duckdb"}
        with sqlite3.connect(self.files["sqlite"]) as file:
            file.executescript(SCRIPT)
        file.close()
        with duckdb.connect(str(self.files["duckdb"])) as other:
            other.execute(SCRIPT)
        self._hashes = self._now()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.connections = 0
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def places(self) -> dict[str, object]:
        return {"DROP": self.drop, "CANARY": self.canary, "PORT": self._server.getsockname()[1]}

    def databases(self, engine: Engine) -> dict[str, Database]:
        return {"script": Database(engine, script=SCRIPT), "file": Database(engine, path=str(self.files[engine]))}

    def traces(self) -> list[str]:
        """What the last attack left behind; a trace is told once."""
        found: list[str] = []
        for path in sorted(self.drop.rglob("*"), reverse=True):
            found.append(f"a file appeared: {path.name}")
            path.rmdir() if path.is_dir() else path.unlink()
        if (now := self._now()) != self._hashes:
            found.append(f"the databases changed: {set(now.items()) ^ set(self._hashes.items())}")
            self._hashes = now
        if self.connections:
            found.append(f"{self.connections} connections to the port")
            self.connections = 0
        return found

    def leaks(self, judged: Sequence[Judged]) -> list[str]:
        """Secrets in an answer that were not in the question."""
        secrets = [CANARY, *(str(path) for path in [*self.canary.iterdir(), *self.files.values()])]
        said = [(one.sql, f"{one.execution.sample} {one.execution.message} {one.gate} {one.verdict}") for one in judged]
        return [f"told {secret}" for sql, text in said for secret in secrets if secret in text and secret not in sql]

    def close(self) -> None:
        self._server.close()
        self._folder.cleanup()

    def _fill_canary(self) -> None:
        (self.canary / "canary.csv").write_text(f"a,b\n{CANARY},1\n")
        (self.canary / "canary.json").write_text(f'[{{"a": "{CANARY}"}}]')
        (self.canary / "evil.duckdb_extension").write_text(CANARY)
        with duckdb.connect(str(self.canary / "canary.duckdb")) as file:
            file.execute(f"CREATE TABLE secret AS SELECT '{CANARY}' AS a")
            file.execute(f"COPY secret TO '{self.canary / 'canary.parquet'}'")
        with sqlite3.connect(self.canary / "canary.sqlite") as other:
            other.execute(f"CREATE TABLE secret AS SELECT '{CANARY}' AS a")
        other.close()

    def _now(self) -> dict[str, str]:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(self.data.iterdir())}

    def _listen(self) -> None:
        while True:
            try:
                self._server.accept()[0].close()
            except OSError:
                return
            self.connections += 1


class Scales:
    """Watches, in a thread, the largest that any process of a sandbox has been, in bytes."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self._done = sandbox, threading.Event()
        self.peak = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.is_set():
            self.weigh()
            sleep(0.01)

    def weigh(self) -> None:
        self.peak = max([self.peak, *(peak_bytes(pid) for pid in self._sandbox.pids)])

    def close(self) -> None:
        self._done.set()
        self._thread.join()
