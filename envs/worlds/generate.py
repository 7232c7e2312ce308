"""Rows of text-to-SQL data from a seed: `python -m envs.worlds.generate --split test --count 1000 --out worlds.jsonl`.

Columns are those of gretelai/synthetic_text_to_sql, plus `schema_id` and `schema`. Every gold runs and returns
something: a question whose answer is empty or NULL is thrown away and another is asked.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (apsw's stubs name typing.Buffer, which Python 3.11 does not have)

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random

import apsw

from envs.sentence_parser import SentenceParser
from envs.worlds.questions import FAMILIES, SHARES
from envs.worlds.questions.phrasing import Asked
from envs.worlds.vocabulary import Domain, domains
from envs.worlds.world import World, draw

QUESTIONS_A_WORLD = 12
LONGEST_ANSWER = 200  # rows


def rows(
    group: str,
    count: int,
    stream: str,
    improvise: Callable[[Random], Domain] | None = None,
    shares: Mapping[str, float] = SHARES,
    questions: int = QUESTIONS_A_WORLD,
) -> Iterator[dict[str, str]]:
    """`count` rows, at most `questions` about each world, the same for the same arguments on any machine.

    `group` says which written domains are drawn from (`vocabulary.domains`), `stream` names the random numbers. With
    `improvise` the vocabulary of each world comes from that function instead.
    """
    rng, made, number = Random(stream), 0, 0
    written = list(domains(group).items())
    while made < count:
        name, vocabulary = ("improvised", improvise(rng)) if improvise else rng.choice(written)
        world = draw(name, vocabulary, rng)
        number += 1
        schema_id = f"{stream}-{number}"
        for complexity, asked in _questions(world, rng, shares, questions):
            yield {
                "id": f"{schema_id}-{made}",
                "domain": world.domain,
                "sql_complexity": complexity,
                "sql_task_type": "analytics and reporting",
                "sql_prompt": asked.question,
                "sql_context": world.script,
                "sql": asked.sql,
                "schema": world.schema,
                "schema_id": schema_id,
            }
            made += 1
            if made == count:
                return


def _questions(world: World, rng: Random, shares: Mapping[str, float], most: int) -> Iterator[tuple[str, Asked]]:
    connection = apsw.Connection(":memory:")
    connection.execute(world.script)
    seen: set[str] = set()
    for family in rng.choices(list(shares), list(shares.values()), k=most):
        asked = rng.choice(FAMILIES[family])(world, rng)
        if asked is None or asked.question in seen or not _answers(connection, asked.sql):
            continue
        seen.add(asked.question)
        yield family, asked
    connection.close()


def _answers(connection: apsw.Connection, sql: str) -> bool:
    """Whether the query returns rows, not too many, and not only NULLs."""
    found = connection.execute(sql).fetchall()
    return 0 < len(found) <= LONGEST_ANSWER and any(cell is not None for row in found for cell in row)


def main() -> None:
    parser = SentenceParser(description="Write generated text-to-SQL rows as JSON lines.")
    parser.add_argument("--split", choices=("train", "validation", "test"), default="train")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with options.out.open("w", encoding="utf-8") as file:
        for row in rows(options.split, options.count, f"{options.split}-{options.seed}"):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
