"""A question from its arrival to its answer: the cache, the line, the asker, and what goes wrong on the way."""

import logging
import time
from collections.abc import Callable, Hashable
from hashlib import sha256
from typing import Any
from uuid import uuid4

from envs.sandbox.file_stamp import file_stamp
from policy.config_error import ConfigError
from serve.answer import Answer, Heard
from serve.api.failure import Failure, internal
from serve.api.feedback import FeedbackFile, Given
from serve.api.kept_answers import KeptAnswers
from serve.api.line import Line
from serve.api.measured import Measured
from serve.api.messages import Question
from serve.api.opened import Opened
from serve.api.options import Options
from serve.api.readiness import Readiness
from serve.api.told import Hidden, candidates, told
from serve.asker import Asker
from serve.writer import Away, Refuses, TooLong

log = logging.getLogger("serve.api")
Tell = Callable[[str, dict[str, Any]], None]
"""Told of each stage, from any thread."""


class Service:
    """All of it but HTTP. One event loop uses it."""

    def __init__(self, options: Options, opened: Opened, feedback: FeedbackFile | None = None) -> None:
        self.options, self.opened = options, opened
        self.line = Line(options.at_once, options.most_waiting, options.longest_wait, options.most_seconds)
        self.database_line = Line(2, options.most_waiting, options.longest_wait, options.most_seconds)
        self.kept = KeptAnswers(options.cache, options.cache_seconds)
        self.feedback, self.measured = feedback or FeedbackFile(options.feedback), Measured()
        self.ready = Readiness(opened.expect)
        self.hidden = Hidden(str(asker.database.path) for asker in opened.askers.values())
        self.measured.gauge("working", "Questions that are being answered.", lambda: self.line.working)
        self.measured.gauge("waiting", "Questions that wait for their turn.", lambda: self.line.waiting)
        self.measured.gauge("kept_answers", "Answers in the cache.", lambda: len(self.kept))

    def asker(self, database: str) -> Asker:
        """Raises Failure where there is no such database."""
        found = self.opened.askers.get(database)
        if found is None:
            raise Failure(404, "no_such_database", "there is no database of that name; GET /databases lists them")
        return found

    async def schema(self, database: str) -> str:
        """As the policy reads it. Raises Failure."""
        self.asker(database)
        return await self.database_line.run(lambda: self._schema(database))

    async def answer(self, asked: Question, tell: Tell | None = None) -> dict[str, Any]:
        """Raises Failure where there is none; a query that was written and does not run is an answer with `error`."""
        began = time.monotonic()
        try:
            asker, key = self.asker(asked.database), self._key(asked)
            answer = self.kept.find(key)
            waiting = 0.0
            if cached := answer is not None:
                assert answer is not None
            else:
                answer, waiting = await self._ask(asker, asked, tell, began)
                self.kept.keep(key, answer)
        except Failure as error:
            self.measured.unanswered(error.status)
            raise
        total = time.monotonic() - began
        self.measured.answered(answer, cached, total, waiting)
        name = uuid4().hex
        self.feedback.remember(name, Given(asked.database, asker.database, asked.evidence, answer))
        spent = (0.0, 0.0) if cached else (answer.model_seconds, answer.database_seconds)
        seconds = {"total": total, "waiting": waiting, "model": spent[0], "database": spent[1]}
        shown = told(answer, self.hidden) | {"question": asked.question}
        return {"id": name, "database": asked.database, **shown, "cached": cached, "seconds": seconds}

    async def correction(self, database: str, sql: str) -> None:
        """Raises Failure where a query that somebody wrote does not run."""
        asker = self.asker(database)
        answer = await self.database_line.run(lambda: asker.run(sql))
        if answer.error is not None:
            raise Failure(422, "correction_fails", f"the correction is no answer: {self.hidden(answer.error)}")

    def close(self) -> None:
        self.line.close()
        self.database_line.close()
        self.opened.close()

    async def _ask(self, asker: Asker, asked: Question, tell: Tell | None, began: float) -> tuple[Answer, float]:
        waited = [0.0]

        def work() -> Answer:
            waited[0] = time.monotonic() - began
            if tell is not None:
                tell("started", {"waiting": waited[0]})
            self._schema(asked.database)
            heard = None if tell is None else self._heard(tell)
            return asker.ask(asked.question, samples=asked.samples, evidence=asked.evidence, heard=heard)

        try:
            return await self.line.run(work), waited[0]
        except ConfigError as error:
            log.warning("%s: %s", asked.database, error)
            raise _failure(error, self.options.patience) from None
        except Failure:
            raise
        except Exception:  # a batch goes on with its other questions, a stream ends with this one's error
            log.exception("%s", asked.database)
            raise internal() from None

    def _heard(self, tell: Tell) -> Heard:
        return lambda stage, some: tell(stage, {"candidates": candidates(some, self.hidden)})

    def _schema(self, database: str) -> str:
        try:
            return self.asker(database).schema()
        except ConfigError as error:
            log.warning("%s: %s", database, error)
            told = f"the database {database} cannot be read now; ask again later"
            raise Failure(503, "database_unavailable", told, 10) from None

    def _key(self, asked: Question) -> Hashable:
        """The file as it is now is in it: its schema cannot change without its stamp."""
        asker, options = self.opened.askers[asked.database], self.options
        path, stamp = file_stamp(asker.database.path)
        how = (options.temperature, options.seed, options.no_repair, options.prompt, options.max_new_tokens)
        how += (options.schema_tokens,)
        limits = (options.seconds, options.limit_rows, options.memory, options.rows)
        words = (asked.question.strip(), asked.evidence, asked.samples or options.samples)
        return sha256(repr((path, stamp, self.opened.policy, how, limits, words)).encode()).hexdigest()


def _failure(error: ConfigError, patience: float) -> Failure:
    """Without where the model is served, and what its server said."""
    if isinstance(error, Away):
        told = f"the model's server does not answer, though it was asked for {patience:g} seconds; ask again later"
        return Failure(503, "model_away", told, 10)
    if isinstance(error, Refuses):
        return Failure(502, "model_refuses", "the model's server refuses this question; a shorter one may do")
    if isinstance(error, TooLong):
        told = "the schema of the database and the question are more than this policy can read"
        return Failure(422, "too_long", told)
    return Failure(422, "cannot_ask", "the question cannot be asked as it is")
