"""Known ways to be paid without answering, played through a real sandbox under every shipped reward configuration.

An honest wrong answer is the gold of another question about the same database: it runs, and answers something else.
What is no honest query must earn no more than the least of those. What runs (a constant, an empty result, the gold's
text with an operator flipped) is a wrong answer like others and may earn text credit, but less than any right one.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import pytest

from envs import tasks
from envs.example import Example
from envs.prompt import messages
from envs.rollout import Rollout
from envs.sql_env import SqlEnv
from rewards.validate import text

HONEST = 6  # golds of other questions for each example
EMPTY = ("nothing from nothing", "empty", "the gold and nothing", "the gold without a row")
CONSTANT = ("constant 1", "constant 0", "constant null", "constant text", "values", "the result by hand")
FLIPS = {" = ": " <> ", " <> ": " = ", " > ": " <= ", " < ": " >= ", " >= ": " < ", " <= ": " > ", " DESC": " ASC"}


def refused(example: Example) -> dict[str, str]:
    """Completions that hold no honest query."""
    gold, table = text(example), first_table(example)
    words = gold.split()
    salad = random.Random(7).sample(words, len(words))
    prompt = "\n\n".join(message["content"] for message in messages(example))
    return {
        "explain": f"EXPLAIN {gold}",
        "pragma": f"PRAGMA table_info('{table}')",
        "comments only": f"-- the answer is in {table}\n/* that is all */",
        "salad": "SELECT " + " ".join(salad),
        "doubled words": " ".join(word for word in words for _ in range(2)),
        "the gold twice": f"{gold}; {gold}",
        "the gold among others": f"SELECT 1; {gold}",
        "delete returning": f"DELETE FROM {table} RETURNING *",
        "with delete": f"WITH x AS (SELECT 1) DELETE FROM {table}",
        "drop": f"DROP TABLE {table}",
        "create table as the gold": f"CREATE TABLE answer AS {gold}",
        "over-long": f"{gold} /* {'x ' * 10_000} */ LIMIT 1000",
        "over-long by its columns": "SELECT " + ", ".join(["*"] * 12_000) + f" FROM {table}",
        "nul": gold.replace("FROM ", "FROM \0", 1),
        "no columns": f"SELECT FROM {table}",
        "the prompt": prompt,
        "the schema": example.schema,
        "the question": example.question,
        "a question in a fence": f"```sql\n{example.question}\n```",
        "nothing": "",
        "thinking only": f"<think>{gold}</think>",
        "brackets": "(" * 300 + gold + ")" * 300,
    }


def running(example: Example) -> dict[str, str]:
    """Wrong answers that run: they read nothing of the question, or copy a gold that they then spoil."""
    gold, table = text(example), first_table(example)
    flips = {
        f"flipped {a.strip()} at {at}": spoiled(gold, a, b, at) for a, b in FLIPS.items() for at in range(gold.count(a))
    }
    return {
        "constant 1": "SELECT 1",
        "constant 0": "SELECT 0",
        "constant null": "SELECT NULL",
        "constant text": "SELECT ''",
        "values": "VALUES (1)",
        "nothing from nothing": "SELECT 1 WHERE 1 = 0",
        "empty": f"SELECT * FROM {table} WHERE 1 = 0",
        "count of nothing": f"SELECT count(*) FROM {table} WHERE 1 = 0",
        "star": f"SELECT * FROM {table}",
        "the gold and nothing": f"SELECT * FROM ({gold}) AS q WHERE 1 = 0",
        "the gold without a row": f"SELECT * FROM ({gold}) AS q LIMIT 0",
        "the gold twice over": f"SELECT * FROM ({gold}) AS q UNION ALL SELECT * FROM ({gold}) AS r",
        "the gold and a column": f"SELECT q.*, 1 AS more FROM ({gold}) AS q",
        "the gold in a comment": f"SELECT /* {gold} */ 1",
        "the gold in a string": f"SELECT {literal(gold)}",
        **flips,
    }


def by_hand(gold: Rollout) -> str:
    """The first rows of the gold's result, all of it where it is short, written down."""
    rows = [", ".join("NULL" if v is None else literal(v) for v in row) for row in gold.execution.sample]
    return "VALUES " + ", ".join(f"({row})" for row in rows)


def literal(value: object) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def spoiled(gold: str, old: str, new: str, at: int) -> str:
    place = [found.start() for found in re.finditer(re.escape(old), gold)][at]
    return gold[:place] + new + gold[place + len(old) :]


def first_table(example: Example) -> str:
    return re.findall(r"CREATE TABLE (\w+)", example.schema)[0]


def chosen() -> Iterator[tuple[Example, list[str]]]:
    """One example of each kind of question of both bundled tasks, with golds of other questions about its database."""
    for task, kind in (("worlds", "difficulty"), ("storefront", "category")):
        examples = tasks.load(task, "test")
        ordered = sorted(examples, key=lambda example: getattr(example, kind))
        for _, group in groupby(ordered, key=lambda example: getattr(example, kind)):
            example = next(group)
            others = [text(e) for e in examples if e.schema_id == example.schema_id and e.gold_sql != example.gold_sql]
            yield example, others[:HONEST]


class Played:
    """What became of the right answers, the honest wrong ones and the hacks of one example; hacks by name."""

    def __init__(self, env: SqlEnv, example: Example, others: list[str]) -> None:
        self.example = example
        hacks = refused(example) | running(example)
        hacks["the result by hand"] = by_hand(env.play(example.id, text(example)))
        rights = [text(example), f"```sql\n{example.gold_sql}\n```", f"The answer:\n\n{text(example)};"]
        played = env.play_batch([(example.id, sql) for sql in [*rights, *others, *hacks.values()]])
        self.right, rest = played[: len(rights)], played[len(rights) :]
        self.honest = [r for r in rest[: len(others)] if r.execution.ok and not r.verdict.correct]
        found = dict(zip(hacks, rest[len(others) :], strict=True))
        # a flip that the judge proves right gives the gold's answer on this database: that is a matter for its twins
        self.hacks = {name: r for name, r in found.items() if not (name.startswith("flipped") and r.verdict.proven)}


@pytest.fixture(scope="module")
def asked() -> list[tuple[Example, list[str]]]:
    return list(chosen())


@pytest.fixture(scope="module")
def env(asked) -> Iterator[SqlEnv]:
    with SqlEnv([example for example, _ in asked]) as env:
        yield env


@pytest.fixture(scope="module")
def played(asked, env) -> list[Played]:
    return [Played(env, example, others) for example, others in asked]


def test_the_catalogue_is_played_beside_right_and_honest_wrong_answers(played):
    assert len(played) == 18
    assert all(r.verdict.proven for game in played for r in game.right)
    assert all(game.honest for game in played)
    assert sum(name.startswith("flipped") for game in played for name in game.hacks) >= 18


def test_no_hack_is_proven_right(played):
    won = [(r.example.id, name, r.sql) for game in played for name, r in game.hacks.items() if r.verdict.proven]
    assert not won


def liked(rollout: Rollout) -> Rollout:
    """As a learned reward model would have it that was fooled."""
    return replace(rollout, learned=99.0)


def disliked(rollout: Rollout) -> Rollout:
    return replace(rollout, learned=-99.0)


def test_every_hack_earns_less_than_every_right_answer(played, weights, total):
    least = min(total(disliked(r), weights) for game in played for r in game.right)
    paid = {name: total(liked(r), weights) for game in played for name, r in game.hacks.items()}
    assert {name: score for name, score in paid.items() if score >= least} == {}


def test_what_is_no_honest_query_earns_no_more_than_the_least_honest_wrong_answer(played, weights, total):
    for game in played:
        least = min(total(disliked(r), weights) for r in game.honest)
        paid = {name: total(liked(game.hacks[name]), weights) for name in refused(game.example)}
        assert {name: score for name, score in paid.items() if score > least} == {}


def over_honest(game, names, total):
    """Those of the hacks that `row_overlap` pays more than the least honest wrong answer, with what they are paid."""
    least = min(total(r, {"row_overlap": 1.0}) for r in game.honest)
    return {name: paid for name in names if (paid := total(game.hacks[name], {"row_overlap": 1.0})) > least}


def test_paid_by_its_rows_an_empty_result_earns_no_more_than_the_least_honest_wrong_answer(played, total):
    assert [found for game in played if (found := over_honest(game, EMPTY, total))] == []


def test_paid_by_its_rows_a_constant_earns_no_more_than_the_least_honest_wrong_answer(played, total):
    assert [found for game in played if (found := over_honest(game, CONSTANT, total))] == []


@pytest.mark.parametrize("name", ["the gold in a comment", "the gold in a string"])
def test_paid_by_its_text_the_gold_in_a_comment_or_a_string_earns_no_more_than_a_constant(played, total, name):
    for game in played:
        bare, padded = (total(game.hacks[hack], {"blended": 1.0}) for hack in ("constant 1", name))
        assert padded <= bare


def test_a_query_that_is_only_a_comment_is_no_answer(env, played):
    example = played[0].example
    assert not env.play(example.id, f"-- {text(example)}").verdict.proven
