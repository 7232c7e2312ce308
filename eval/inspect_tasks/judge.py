"""The lab's judge as inspect_ai calls it: one sandbox pool a task, closed when the run that used it ends."""

import atexit
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from anyio.to_thread import run_sync
from inspect_ai.hooks import Hooks, RunEnd, hooks
from inspect_ai.scorer import CORRECT, INCORRECT, Score

from envs.example import Example
from envs.sql_env import SqlEnv
from eval.taxonomy import classes
from policy import scores
from policy.questions import environment
from policy.task_fields import TaskFields

_open: "set[Judge]" = set()


class Judge:
    """Its pool opens when it is first needed, and anew where it is needed after it was closed. One answer is judged at
    a time, in a thread, so that models go on answering."""

    def __init__(self, fields: TaskFields, examples: Sequence[Example]) -> None:
        self._fields = fields
        self._examples = {example.id: example for example in examples}
        self._env: SqlEnv | None = None
        self._alone = Lock()

    def ungradable(self) -> dict[str, str]:
        """Questions whose gold cannot grade an answer, and why. Of several golds those stay from now on that can."""
        with self._alone:
            admission = self._opened().admit()
        self._examples |= {example.id: example for example in admission.kept}
        return dict(admission.quarantined)

    async def score(self, example: str, completion: str, truncated: bool) -> Score:
        found = await run_sync(self._judged, example, completion)
        sql = {
            "answer": found.sql,
            "metadata": {"status": found.status, "modes": found.modes, "rewards": found.rewards},
        }
        if found.correct is None:
            return Score.unscored(explanation=found.ungradable or found.message or "the judge could not say", **sql)
        if found.correct:
            return Score(value=CORRECT, explanation="it returns what the gold returns", **sql)
        names = classes(found.sql, self._examples[example], replace(found, twins=None), completion, truncated)
        said = found.message or found.gate or found.reason
        return Score(value=INCORRECT, explanation=f"{', '.join(names)}{said and f': {said}'}", **sql)

    def close(self) -> None:
        with self._alone:
            if self._env is not None:
                self._env.close()
            self._env = None
            _open.discard(self)

    def _judged(self, example: str, completion: str) -> scores.Score:
        with self._alone:
            return scores.Score.of(self._opened().play(example, completion))

    def _opened(self) -> SqlEnv:
        if self._env is None:
            self._env = environment(self._fields, self._examples.values())
            _open.add(self)
        return self._env


@hooks(name="text_to_sql_pools", description="Closes the sandbox pools of this lab when a run ends.")
class ClosePools(Hooks):
    async def on_run_end(self, data: RunEnd) -> None:
        await run_sync(close_all)


@atexit.register
def close_all() -> None:
    """Of all tasks, those that were built and never run too."""
    for judge in list(_open):
        judge.close()
