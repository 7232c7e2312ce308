"""What people think of answers, as lines that `python -m rl.pairs file` reads.

    python -m rl.pairs file --task jsonl --task_path F.jsonl --answers F.jsonl --output pairs.jsonl

A line is a question of the task `jsonl` and a preference at once: the gold is the answer that was called right, or the
correction of a wrong one; rejected are the answer that was called wrong, and of several queries those that failed or
returned something else. Nothing in it is believed there: each query is executed. A wrong answer without a correction
has no gold, and goes to F.wrong.jsonl, for somebody who knows better.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from envs.example import Database
from policy.config_error import ConfigError
from serve.answer import Answer
from serve.api.failure import Failure
from serve.api.feedback_lines import append, mend

MOST = 10_000
"""Answers on which an opinion can be given; the oldest is forgotten first."""


@dataclass(slots=True)
class Given:
    """An answer that somebody got; it is remembered without its rows, of which ten thousand may be 40 GB. `opinion` is
    what was said of it so far: "", "wrong" or "settled"."""

    database: str
    file: Database
    evidence: str
    answer: Answer
    opinion: str = field(default="")


class FeedbackFile:
    """Appends a line for each opinion. Raises ConfigError where the file cannot be written."""

    def __init__(self, file: Path) -> None:
        if not file.name:
            raise ConfigError(f"--feedback {file} names no file; name one to which opinions are appended")
        self._files = {True: file, False: file.with_suffix(f".wrong{file.suffix}")}
        self._given: OrderedDict[str, Given] = OrderedDict()
        for path in self._files.values():
            try:
                mend(path)
            except OSError as error:
                raise ConfigError(f"--feedback {path} cannot be written: {error.strerror}; name another") from None
            except ValueError as error:
                raise ConfigError(f"--feedback would be appended to, and {error}; name another") from None

    def remember(self, name: str, given: Given) -> None:
        given.answer = replace(given.answer, columns=(), rows=())
        self._given[name] = given
        while len(self._given) > MOST:
            self._given.popitem(last=False)

    def about(self, name: str, right: bool, sql: str | None) -> Given:
        """The answer of that id. Raises Failure where nothing can be said of it, or not this."""
        given = self._given.get(name)
        if given is None:
            raise Failure(404, "no_such_answer", "there is no answer of that id, or it is too long ago; ask again")
        if given.opinion == "settled" or (given.opinion and sql is None):
            raise Failure(409, "already_given", "this answer has its feedback already")
        if right and (given.answer.error is not None or not given.answer.sql):
            raise Failure(422, "cannot_be_right", "this answer has no rows, so it cannot be right")
        if right and sql is not None:
            raise Failure(422, "needs_no_correction", "a right answer needs no correction; leave sql out")
        if sql is not None and sql.strip() == given.answer.sql.strip():
            raise Failure(422, "same_query", "the correction is the query that it corrects")
        return given

    def write(self, name: str, given: Given, right: bool, sql: str | None, comment: str, policy: str) -> None:
        """Raises Failure where the disk takes nothing."""
        answer = given.answer
        gold = answer.sql if right else sql
        row: dict[str, Any] = {
            "id": name,
            "example": name,
            "split": "train",
            "database": given.file.path,
            "engine": given.file.engine,
            "question": answer.question,
            "evidence": given.evidence,
        }
        if gold is not None:
            row |= {"gold_sql": gold, "chosen": [gold], "rejected": _rejected(answer, right, gold)}
        else:
            row |= {"sql": answer.sql}
        row |= {"right": right, "comment": comment, "policy": policy, "time": time.strftime("%FT%TZ", time.gmtime())}
        try:
            append(self._files[gold is not None], row)
        except OSError as error:
            told = f"the feedback could not be kept ({error.strerror}); try again later"
            raise Failure(503, "not_kept", told, 60) from None


def _rejected(answer: Answer, right: bool, gold: str) -> list[str]:
    """What is known to be another result than the answer's: as many votes would be the same result, or nobody knows."""
    votes = max((one.votes for one in answer.candidates if one.sql == answer.sql), default=0)
    other = [one.sql for one in answer.candidates if one.error or (votes and one.votes != votes)]
    found = other if right else [answer.sql]
    return [sql for sql in dict.fromkeys(found) if sql.strip() and sql != gold]
