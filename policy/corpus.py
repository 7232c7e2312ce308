"""What the seedling reads: an endless, seeded stream of generated and real questions, short schemas first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count, islice
from random import Random

from transformers import PreTrainedTokenizerBase

from envs.example import Example
from envs.prompt import answer, messages
from envs.tasks import worlds
from envs.worlds.generate import rows
from envs.worlds.improvised import improvised
from envs.worlds.questions import SHARES
from envs.worlds.vocabulary import Domain
from policy.conventions import otherwise
from policy.disguise import disguise, worn
from policy.real_lessons import real_lessons
from policy.real_questions import Found
from policy.shown_schema import named, tables

DIALECTS = ("sqlite", "sqlite", "sqlite", "duckdb", "postgres")
FIRST_LESSONS = {"basic SQL": 0.6, "aggregation": 0.4}
QUESTIONS_A_WORLD = 3
"""Few, so that nearly every chat shows a schema never seen before."""
CHUNK = 240
"""Rows drawn at a time from one source."""
OTHER_TYPES = {
    "TEXT": ("VARCHAR(50)", "VARCHAR", "text", "varchar(20)", "CHAR(20)"),
    "INTEGER": ("INT", "int", "integer", "NUMBER", "BIGINT"),
    "REAL": ("DOUBLE", "FLOAT", "real", "NUMERIC", "DECIMAL(10,2)"),
    "DATE": ("TEXT", "DATETIME", "TIMESTAMP", "date"),
}
STEP = 32
"""Lengths are padded to a multiple of this: few shapes keep a CPU's caches small."""


@dataclass(frozen=True, slots=True)
class Item:
    """Token ids of one chat; question and answer start at `question_at` and `answer_at`; the end mark counts."""

    ids: list[int]
    question_at: int
    answer_at: int


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is taught: shares between 0 and 1, as `configs/pretrain_seedling.yaml` explains them."""

    improvised_share: float
    mutated_words: float
    suffixed_names: float
    other_conventions: float
    real_share: float = 0.0
    disguised: float = 0.0

    def domain(self, rng: Random) -> Domain:
        return improvised(rng, self.mutated_words, self.suffixed_names)

    def small_domain(self, rng: Random) -> Domain:
        """An improvised domain of one table."""
        domain = self.domain(rng)
        name = next(iter(domain))
        return {name: domain[name]}


def chats(
    seed: int,
    improvise: Callable[[Random], Domain] | None,
    shares: Mapping[str, float] = SHARES,
    other_conventions: float = 0.0,
    disguised: float = 0.0,
) -> Iterator[tuple[str, str, str]]:
    """Endless (system, question, answer) texts in the policy's chat format; joined they are the whole chat.

    `disguised` is the share whose schema, question and answer say other words (`policy/disguise.py`).
    """
    rng = Random(seed)
    for chunk in count():
        for row in rows("lessons", CHUNK, f"train-{seed + 1009 * chunk}", improvise, shares, QUESTIONS_A_WORLD):
            told = {"schema": retyped(row["schema"], rng), "sql": otherwise(row["sql"], rng, other_conventions)}
            told["sql_prompt"] = row["sql_prompt"]
            if rng.random() < disguised:
                words = disguise(*named(tables(told["schema"]), told["sql"]), told["sql_prompt"], rng)
                told = {key: worn(part, words) for key, part in told.items()}
            yield chat(row | told, rng.choice(DIALECTS))


def chat(row: dict[str, str], dialect: str = "sqlite") -> tuple[str, str, str]:
    """One generated row as (system, question, answer)."""
    return rendered(replace(worlds.example(row), dialect=dialect))


def rendered(example: Example) -> tuple[str, str, str]:
    """(system, question, answer) as the tokenizer's chat template renders them."""
    system, user = (f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages(example))
    return system, f"{user}<|im_start|>assistant\n", answer(example)[0]["content"] + "<|im_end|>"


def retyped(schema: str, rng: Random) -> str:
    """The same schema with other names of its types, as other people's databases have them; mostly unchanged."""
    for usual, others in OTHER_TYPES.items():
        if rng.random() < 0.15:
            schema = schema.replace(f" {usual}", f" {rng.choice(others)}")
    return schema


def lesson(
    lessons: Lessons, seed: int, early: bool, real: Mapping[str, Found] | None = None
) -> Iterator[tuple[str, str, str]]:
    """Endless texts: one-table schemas without meaning at first; later improvised ones among the written domains.

    With `real` questions, `real_share` of the later ones are theirs.
    """
    if early:
        yield from chats(seed, lessons.small_domain, FIRST_LESSONS, lessons.other_conventions)
    made = chats(seed, lessons.domain, other_conventions=lessons.other_conventions)
    written = chats(seed + 1, None, other_conventions=lessons.other_conventions, disguised=lessons.disguised)
    rng = Random(seed)
    asked = real_lessons(real, Random(seed + 2), lessons.disguised) if real else None
    while True:
        if asked and rng.random() < lessons.real_share:
            yield rendered(next(asked))
            continue
        yield next(made if rng.random() < lessons.improvised_share else written)


def batches(
    tokenizer: PreTrainedTokenizerBase,
    lessons: Lessons,
    seed: int,
    early: bool,
    tokens: int,
    longest: int,
    real: Mapping[str, Found] | None = None,
) -> Iterator[list[Item]]:
    """Endless batches of about `tokens` padded tokens, chats of like length together; those over `longest` left out."""
    texts, rng = lesson(lessons, seed, early, real), Random(seed)
    while True:
        buckets: dict[int, list[Item]] = {}
        groups: list[list[Item]] = []
        for parts in islice(texts, 2000):
            system, question, reply = (tokenizer(part, add_special_tokens=False)["input_ids"] for part in parts)
            item = Item([*system, *question, *reply], len(system), len(system) + len(question))
            width = padded(len(item.ids))
            if width > longest:
                continue
            bucket = buckets.setdefault(width, [])
            bucket.append(item)
            if len(bucket) == tokens // width:
                groups.append(buckets.pop(width))
        rng.shuffle(groups)
        yield from groups


def padded(length: int) -> int:
    return -(-length // STEP) * STEP
