"""A real Chromium to look at pages with; tests that need one are skipped where there is none."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from policy.samples import Completion, Head, append


class Browser:
    """Chromium without a window, spoken to through its debugging pipe: one JSON message a NUL byte."""

    def __init__(self, program: str, profile: Path) -> None:
        ours, theirs = os.pipe(), os.pipe()
        command = f'exec "$0" "$@" 3<&{ours[0]} 4>&{theirs[1]}'
        flags = ("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={profile}")
        self._process = subprocess.Popen(
            ("bash", "-c", command, program, *flags), pass_fds=(ours[0], theirs[1]), stderr=subprocess.DEVNULL
        )
        os.close(ours[0])
        os.close(theirs[1])
        self._write, self._read, self._held, self._asked = ours[1], theirs[0], b"", 0
        self._session: dict[str, str] = {}
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self._session = {"sessionId": self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}
        self.tell("Page.enable")

    def tell(self, method: str, **given: Any) -> dict[str, Any]:
        self._asked += 1
        asked = {"id": self._asked, "method": method, "params": given} | self._session
        os.write(self._write, json.dumps(asked).encode() + b"\0")
        while True:
            whole, found, rest = self._held.partition(b"\0")
            if not found:
                more = os.read(self._read, 1 << 16)
                assert more, "Chromium ended"
                self._held += more
                continue
            self._held = rest
            said = json.loads(whole)
            if said.get("id") == self._asked:
                assert "error" not in said, said
                return said["result"]

    def ask(self, expression: str) -> Any:
        """The value of an expression on the page; a promise is waited for."""
        said = self.tell("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def until(self, expression: str) -> Any:
        """Waits until it holds, up to 20 s, and returns its value."""
        return self.ask(
            "new Promise((found, lost) => { const began = Date.now(); const look = () => { const value = (" + expression
            + "); if (value) found(value); else if (Date.now() - began > 20000) lost(new Error('waited in vain'));"
            " else setTimeout(look, 10); }; look(); })"
        )  # fmt: skip

    def open(self, page: Path, state: str = "") -> None:
        self.tell("Page.navigate", url="about:blank")
        self.tell("Page.navigate", url=f"{page.as_uri()}{state}")
        until = time.monotonic() + 20
        while not self.ask("location.protocol === 'file:' && document.documentElement?.dataset.ready"):
            assert time.monotonic() < until, "the page never got ready"
            time.sleep(0.01)

    def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            self.tell("Input.dispatchKeyEvent", type=kind, key=key)

    def close(self) -> None:
        with suppress(OSError):
            self.tell("Browser.close")
        self._process.wait(20)
        os.close(self._write)
        os.close(self._read)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium is installed here: apt-get install chromium")
    opened = Browser(program, tmp_path_factory.mktemp("chromium"))
    yield opened
    opened.close()


SHOP = (
    "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price REAL);"
    "INSERT INTO items VALUES (1, 'pen', 1.5), (2, 'cup', 4), (3, 'map', 4), (4, 'hat', 20);"
)


class Shop:
    """A task of a few questions about one small database, and files of samples that answer them."""

    def __init__(self, folder: Path, golds: dict[str, str]) -> None:
        self.folder, self.task = folder, folder / "shop.jsonl"
        rows = [{"id": i, "question": i, "sql": gold, "script": SHOP, "split": "test"} for i, gold in golds.items()]
        self.task.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def samples(self, name: str, answers: dict[str, list[tuple[str, float]]], temperature: float = 1.0) -> Path:
        """One line a question, of (text, log-probability), as `eval.generate` writes them."""
        first = next(iter(answers.values()))
        head = Head(
            *("p", "sha256:0", "jsonl", str(self.task), "test", "strict", None, "transformers", "float32"),
            *(len(first), temperature, 24, 4, 0),
        )
        path = self.folder / name
        rows = [(i, [Completion(text, 10, False, logprob) for text, logprob in some]) for i, some in answers.items()]
        append(path, head, {}, rows)
        return path


@pytest.fixture
def shop(tmp_path: Path) -> Callable[[dict[str, str]], Shop]:
    return lambda golds: Shop(tmp_path, golds)
