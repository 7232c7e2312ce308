"""Ask a database in words, from a script:

    with Asker("policy/seedling", "shop.sqlite") as asker:
        answer = asker.ask("How many customers are there?")
        print(answer.sql, answer.rows, answer.error)

The policy writes the query, or several that vote by what they return (`policy.vote`); each runs in the lab's sandbox,
which reads and does not write. A query that fails is shown its error once and may be written again.

    Asker(["runs/one", "runs/other"], "shop.sqlite", samples=8, reward_model="runs/reward_model")

pools the queries of several policies; a reward model weighs the votes.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from envs import schema_styles
from envs.completion import find_sql
from envs.example import Example
from envs.execution import Limits, Status
from envs.observation import NO_QUERY, TOLD, observe
from envs.presentation.schema_part import part_of
from envs.sandbox import Sandbox
from envs.sandbox.file_stamp import file_stamp
from envs.sandbox.shown import Shown
from policy import vote
from policy.config_error import ConfigError
from serve.answer import Answer, Candidate, Heard, unheard
from serve.candidates import candidates_of
from serve.database_file import database_at
from serve.in_place import write_in_place
from serve.opinions import Opinions, weights
from serve.question import encodable, question_of
from serve.refusals import is_write
from serve.several_writers import all_show_values, members, writer_for
from serve.shown_answer import shown_answer
from serve.shown_tables import schema_for
from serve.writer import Asking, Writer

STEPS = 1 << 62
"""Of SQLite's virtual machine: a person waits for seconds, not for steps."""
DEFAULT = Limits(seconds=5.0, steps=STEPS)
ROWS = 100
LARGEST_SEED = 2**32 - 1
"""That every sampler takes, with the number of a sample added."""
TEMPERATURE = 1.0
"""Of several samples: what a vote of 8 was measured with (LAB_NOTES.md)."""
_NOT_REPAIRED = {Status.FORBIDDEN, Status.NO_DATABASE}


class Asker:
    """A policy loaded, a database open. `rows` are shown of a result; `tables` are the ones the policy is told of, None
    for all; of a schema of more than `schema_tokens` it is shown what the question needs. `write` runs statements that
    write, on a copy that is thrown away. `samples` are queries of all policies together, None one of each; every policy
    is asked in each of the ways `asking`. A `writer` and a `sandbox` that are given are shared with others: they are
    not closed here, and threads may ask at once where the writer stands it. Raises ConfigError on what cannot be."""

    def __init__(
        self,
        policy: str | Sequence[str],
        database: str | Path,
        *,
        samples: int | None = None,
        temperature: float = TEMPERATURE,
        repair: bool = True,
        write: bool = False,
        rows: int = ROWS,
        limits: Limits = DEFAULT,
        tables: Sequence[str] | None = None,
        schema_tokens: int | None = None,
        server_url: str | None = None,
        asking: Asking | Sequence[Asking] | None = None,
        seed: int = 0,
        reward_model: str | None = None,
        writer: Writer | None = None,
        sandbox: Sandbox | None = None,
    ) -> None:
        if rows < 1 or limits.rows < 1:
            raise ConfigError(f"rows is {min(rows, limits.rows)}; at least 1 must be shown")
        named = members(policy, asking)
        self.samples, self.repair, self.write = len(named) if samples is None else samples, repair, write
        self._temperature, self._rows, self._limits, self._seed = temperature, rows, limits, seed
        self._tables, self._schema_tokens = tables, schema_tokens
        self.database = database_at(database)
        self._shared = [one for one in (writer, sandbox) if one is not None]
        self._sandbox = sandbox or Sandbox(2, limits)
        self._schema = "", ""  # and the stamp of the file that it is of: one record, as threads share it
        self._writer = writer
        try:
            self._annotated = all_show_values(named, server_url)
            self.schema()  # what is wrong with the file is said before a policy is loaded
            self._opinions = Opinions(reward_model) if reward_model is not None else None
            if writer is None:
                self._writer = writer_for(named, server_url)
        except BaseException:
            self.close()
            raise

    def ask(
        self, question: str, *, samples: int | None = None, evidence: str = "", heard: Heard | None = None
    ) -> Answer:
        """The answer, right or wrong, or why there is none; `samples` where not as many as usual are wanted. Raises
        ConfigError where it cannot be asked at all."""
        question, evidence = question_of(question), encodable(evidence, "the evidence")
        if self._writer is None:
            raise ValueError("this asker is closed")
        samples = self.samples if samples is None else samples
        if not 1 <= samples <= 64:
            raise ConfigError(f"samples is {samples}; it must be 1 to 64")
        engine, schema = self.database.engine, self.schema()
        example = Example("asked", question, self.database, schema, "", "", engine, evidence)
        if self._schema_tokens is not None:
            part = part_of(example, schema_styles.DEFAULT, self._schema_tokens, "none", keep_gold=False).text
            example = replace(example, schema=part or schema)
        began = time.monotonic()
        written = self._writer.write(example, samples, self._temperature if samples > 1 else 0.0, self._seed)
        model = time.monotonic() - began
        sqls = [find_sql(one.text) for one in written]
        tell = heard or unheard
        tell("written", [Candidate(sql, 0) for sql in sqls])
        shown, database = self._run(sqls)
        results = [one.fingerprint for one in shown]
        opinions = self._opinions.of(example, sqls) if self._opinions else [None] * len(sqls)
        place = vote.heaviest(results, weights(results, opinions), sqls=sqls)
        if not any(results):
            place = next((at for at, one in enumerate(shown) if one.answers), 0)
        candidates = candidates_of(written, sqls, shown, opinions, self._limits)
        tell("candidates", candidates)
        sql, chosen = sqls[place], shown[place]
        if self.repair and not chosen.answers and chosen.status not in _NOT_REPAIRED and not is_write(chosen):
            began = time.monotonic()
            told = (observe(chosen.execution, engine, TOLD) if sql else None) or NO_QUERY
            again = self._writer.again(example, written[place], told)
            model += time.monotonic() - began
            if again is not None:
                better = find_sql(again.text)
                (second,), took = self._run([better])
                database += took
                (mended,) = candidates_of([again], [better], [second], [None], self._limits)
                candidates.append(replace(mended, repaired=True))
                tell("repaired", candidates[-1:])
                if second.answers:
                    sql, chosen = better, second
        answer = shown_answer(question, sql, chosen, self._limits)
        return replace(answer, model_seconds=model, database_seconds=database, candidates=tuple(candidates))

    def run(self, sql: str) -> Answer:
        """What a query returns that somebody wrote by hand, in the same sandbox."""
        (shown,), took = self._run([sql])
        return replace(shown_answer("", sql, shown, self._limits), database_seconds=took)

    def apply(self, answer: Answer) -> Answer:
        """Do to the file itself what was tried on a copy of it. Ask before: there is no way back. Raises ConfigError
        where the file has changed since, or cannot be written; then nothing was."""
        if not answer.changes:
            raise ConfigError("there is nothing to write: the statement was not tried on a copy, or changes nothing")
        self._sandbox.close()  # DuckDB lets nobody write to a file that somebody reads
        try:
            write_in_place(self.database, answer.sql, self._stamp, self._limits.seconds)
        finally:
            self._sandbox = Sandbox(2, self._limits)
        return replace(answer, in_place=True, checks="writes, tried on a copy, then done to the file")

    def schema(self) -> str:
        """What the policy is shown of the database as it is now. Raises ConfigError where there is nothing to show."""
        stamp = file_stamp(self.database.path)[1]
        schema, of = self._schema
        if stamp != of or not schema:
            schema = schema_for(self.database, self._sandbox, self._tables, self._annotated)
            self._schema = schema, stamp
        return schema

    def close(self) -> None:
        """Let go of the model and end the sandbox. Closing twice is harmless."""
        for own in (self._sandbox, self._writer):
            if own is not None and own not in self._shared:
                own.close()
        self._writer = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _run(self, sqls: Sequence[str]) -> tuple[list[Shown], float]:
        began = time.monotonic()
        self._stamp = file_stamp(self.database.path)[1]
        try:
            found = self._sandbox.show(self.database, sqls, self._rows, self.write)
        except ValueError as error:
            found = [Shown(Status.NO_DATABASE, message=str(error)) for _ in sqls]
        return found, time.monotonic() - began
