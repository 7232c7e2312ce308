"""Policies that were executed and judged, and a look at a page: at a width, in the light or in the dark."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from envs import tasks
from envs.sql_env import SqlEnv
from eval.head_to_head.policies import Answer, Cost, Policy, Run
from eval.score import main as score
from policy.rollouts import row

Look = Callable[..., Path]


@pytest.fixture
def look(browser: Any) -> Look:
    """Opens a page with no script allowed to run and writes a picture of its first `height` pixels (0: of all)."""

    def looked(page: Path, picture: Path, width: int = 1280, height: int = 900, dark: bool = False) -> Path:
        browser.tell("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        browser.tell("Emulation.setEmulatedMedia", features=[scheme])
        browser.tell("Page.navigate", url="about:blank")
        browser.tell("Page.navigate", url=page.as_uri())
        browser.until("location.protocol === 'file:' && document.readyState === 'complete'")
        size = {"x": 0, "y": 0, "width": width, "scale": 1}
        size["height"] = height or browser.ask("document.documentElement.scrollHeight")
        taken = browser.tell("Page.captureScreenshot", format="png", clip=size, captureBeyondViewport=True)
        picture.write_bytes(base64.b64decode(taken["data"]))
        return picture

    return looked


RIGHT, WRONG, FAILS = "SELECT name FROM items WHERE price = 4", "SELECT name FROM items", "SELECT nam FROM items"


class Contest:
    """Policies that answer questions about the shop, as a run's folder or as a file of samples holds them: every query
    is executed and judged."""

    def __init__(self, folder: Path, shop: Callable[[dict[str, str]], Any], golds: dict[str, str]) -> None:
        self.folder, self.shop = folder, shop(golds)
        self.env = SqlEnv(tasks.load("jsonl", "test", str(self.shop.task)), workers=1)
        self.why_not = dict(self.env.admit().quarantined)

    def run(self, name: str, answers: Mapping[str, str], **config: Any) -> Path:
        """A finished run's folder."""
        folder = self.folder / "runs" / name
        (folder / "eval").mkdir(parents=True)
        played = self.env.play_batch(list(answers.items()))
        rows = [row(one) | {"seconds": 0.0, "stand_in": False, "decoding": "greedy"} for one in played]
        rows = [one | {"correct": None} if one["example"] in self.why_not else one for one in rows]
        text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)
        (folder / "eval/after.jsonl").write_text(text, encoding="utf-8", errors="surrogatepass")
        told = {"task": "jsonl", "task_path": str(self.shop.task), "held_out_split": "test", "prompt": "strict"}
        told |= {"comparison": "strict", "max_new_tokens": 96, "model_name_or_path": "policy/seedling"} | config
        lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in told.items())
        (folder / "config.yaml").write_text(f"# python -m sft.train --config {name}.yaml\n{lines}")
        (folder / "environment.json").write_text('{"processors": 2, "accelerators": [], "commit": "abcdef012345"}')
        measures = {"training_seconds": 120.0, "peak_rss_mib": 512.4, "trainable_parameters": 10}
        (folder / "trained.json").write_text(json.dumps({"steps": 60, "measures": measures}))
        (folder / "metrics.jsonl").write_text('{"step": 60, "num_tokens": 4000.0}\n')
        return folder

    def samples(self, name: str, answers: Mapping[str, str]) -> Path:
        """A file of samples, and its scores beside it."""
        path = self.shop.samples(f"{name}.jsonl", {key: [(sql, -1.0)] for key, sql in answers.items()}, 0.0)
        score(["--samples", str(path), "--workers", "1"])
        return path


@pytest.fixture
def answers() -> Callable[[str], dict[str, str]]:
    """One letter a question: r right, w other rows, f fails."""
    sql = {"r": RIGHT, "w": WRONG, "f": FAILS}
    return lambda rights: {f"q{place}": sql[one] for place, one in enumerate(rights)}


@pytest.fixture
def contest(tmp_path: Path, shop: Any) -> Iterator[Callable[..., Contest]]:
    with ExitStack() as opened:

        def made(questions: int = 10, **golds: str) -> Contest:
            contest = Contest(tmp_path, shop, {f"q{place}": RIGHT for place in range(questions)} | golds)
            opened.enter_context(contest.env)
            return contest

        yield made


SQL = "SELECT name, count(*) FROM items JOIN sales ON items.id = sales.item WHERE price > 4 GROUP BY name " * 3


@pytest.fixture
def contestant() -> Callable[..., Policy]:
    """A policy of one run, whose answers were judged so."""

    def made(name: str, right: Sequence[Any], latency: float | None = None) -> Policy:
        answers = {
            f"q{i}": Answer(SQL, bool(one), "ok", "", "", "" if one else "other rows", 2, 1, ((i, "a value"),), "")
            for i, one in enumerate(right)
        }
        told = {"task": "t", "split": "test", "prompt": "p", "comparison": "c", "contract": 2, "decoding": "greedy"}
        return Policy(name, (Run(name, answers, {}, told, None, False, None, Cost(latency=latency)),))

    return made
