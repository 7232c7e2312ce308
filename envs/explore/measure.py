"""Look at every split of a task once and put down what there is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from time import monotonic

from envs.example import Example
from envs.explore.facts import LIMITS, VERSION, Facts, Sample, SplitFacts
from envs.explore.golds import Look, look, made, reach
from envs.explore.lengths import Lengths, lengths, width_for
from envs.explore.near import THRESHOLD
from envs.explore.repeats import keys_of, leak, repeats
from envs.explore.scoring import scoring
from envs.explore.tokens import TokenCounter
from envs.progress import Tell
from envs.prompt import messages
from envs.sandbox import Sandbox

LARGEST = 20
"""Databases that are named."""
SAMPLES = 2
"""Examples shown of each level."""

PARTS = ("question", "evidence", "gold", "schema", "prompt")


@dataclass(frozen=True, slots=True)
class Source:
    """What was asked for: the task, where it was read, how many examples of a split at most, splits it has not."""

    task: str
    task_path: str
    limit: int | None
    left_out: tuple[str, ...]


def measure(
    source: Source,
    splits: Mapping[str, Sequence[Example]],
    sandbox: Sandbox,
    counter: TokenCounter | None,
    tell: Tell = lambda line: None,
) -> Facts:
    """Everything about these splits; leaks are from each split into every later one, in the order given."""
    started = monotonic()
    scored = {name: scoring(examples, sandbox, tell) for name, examples in splits.items()}
    characters = {name: _characters(examples) for name, examples in splits.items()}
    tokens: dict[str, dict[str, list[int]]] = {name: {} for name in splits}
    if counter is not None:
        for name, examples in splits.items():
            tell(f"counting the tokens of {name}")
            tokens[name] = _tokens(examples, counter)
    in_characters, in_tokens = _lengths(characters), _lengths(tokens)
    keys = {name: [keys_of(example) for example in examples] for name, examples in splits.items()}
    found: list[SplitFacts] = []
    for name, examples in splits.items():
        tell(f"reading the golds of {name}")
        looks = [look(example) for example in examples]
        databases = Counter(example.schema_id for example in examples)
        prompts = tokens[name].get("prompt", [])
        found.append(
            SplitFacts(
                name=name,
                examples=len(examples),
                databases=len(databases),
                largest_databases=dict(databases.most_common(LARGEST)),
                scoring=scored[name],
                characters=in_characters[name],
                tokens=in_tokens[name],
                over={limit: sum(n > limit for n in prompts) for limit in LIMITS} if prompts else {},
                made=made(looks),
                reach=reach(examples, looks),
                levels=_levels(examples),
                repeats=repeats(examples, keys[name]),
                samples=_samples(examples, looks),
            )
        )
    tell("comparing the splits")
    parts = [(name, examples, keys[name]) for name, examples in splits.items()]
    return Facts(
        version=VERSION,
        task=source.task,
        task_path=source.task_path,
        limit=source.limit,
        left_out=source.left_out,
        tokenizer=str(counter.file) if counter else "",
        with_marks=counter is not None and counter.chat,
        near_threshold=THRESHOLD,
        splits=tuple(found),
        leaks=tuple(leak(earlier, later) for earlier, later in combinations(parts, 2)),
        seconds=round(monotonic() - started, 1),
    )


def _texts(examples: Sequence[Example]) -> dict[str, list[str]]:
    """Part -> its text in each example that has one."""
    return {
        "question": [example.question for example in examples],
        "evidence": [example.evidence for example in examples if example.evidence],
        "gold": [example.gold_sql for example in examples],
        "schema": [example.schema for example in examples],
    }


def _characters(examples: Sequence[Example]) -> dict[str, list[int]]:
    found = {part: [len(text) for text in texts] for part, texts in _texts(examples).items()}
    return found | {"prompt": [sum(len(m["content"]) for m in messages(example)) for example in examples]}


def _tokens(examples: Sequence[Example], counter: TokenCounter) -> dict[str, list[int]]:
    found = {part: counter.count(texts) for part, texts in _texts(examples).items()}
    return found | {"prompt": counter.prompts([messages(example) for example in examples])}


def _lengths(found: Mapping[str, Mapping[str, list[int]]]) -> dict[str, dict[str, Lengths]]:
    """Split -> part -> its figures, in bins that are the same in every split."""
    widths = {part: width_for([n for parts in found.values() for n in parts.get(part, ())]) for part in PARTS}
    return {
        name: {part: lengths(values, widths[part]) for part, values in parts.items() if values}
        for name, parts in found.items()
    }


def _levels(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for example in examples:
        found.setdefault(example.category, Counter())[example.difficulty] += 1
    return {category: dict(found[category]) for category in sorted(found, key=lambda c: (-found[c].total(), c))}


def _samples(examples: Sequence[Example], looks: Sequence[Look]) -> tuple[Sample, ...]:
    """The first few of each level, about different databases where there are any; most frequent level first."""
    named = any(example.difficulty for example in examples)
    groups: dict[str, list[Example]] = {}
    for example, seen in zip(examples, looks, strict=True):
        groups.setdefault(example.difficulty if named else seen.level, []).append(example)
    found: list[Sample] = []
    for level, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        apart = list({example.schema_id: example for example in reversed(group)}.values())[::-1]
        for example in (apart if len(apart) >= SAMPLES else group)[:SAMPLES]:
            parts = (example.id, example.question, example.evidence, example.schema, example.gold_sql)
            found.append(Sample(level or "no difficulty given", *parts))
    return tuple(found)
