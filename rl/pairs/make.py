"""From a source to the file of pairs and its report."""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from policy.config_error import ConfigError
from policy.run_folder import write_whole
from rl.pairs import from_file, from_samples, questions
from rl.pairs.answers import Answer, Answered, Judged, pair_of
from rl.pairs.balance import Caps, capped, once
from rl.pairs.claims import Claims, audit, believed
from rl.pairs.command import LABELS, task_of
from rl.pairs.leakage import held_back, leaks
from rl.pairs.pair import Pair, line, why_not
from rl.pairs.report import Made, report
from rl.pairs.report_page import page
from rl.pairs.selection import Selection, select


def make(found: argparse.Namespace) -> str:
    """Writes the pairs and their report, whole or not at all, and returns the report. Raises ConfigError where nothing
    can be paired."""
    source = {"samples": _samples, "corruption": _corruption}.get(found.source, _file)
    pairs, made, path, split = source(found)
    pairs, repeated, contradictory = once(pairs)
    kept = capped(pairs, Caps(found.most_per_database, found.most_per_error, found.balance), found.seed)
    made = replace(made, repeated=repeated, contradictory=contradictory, over_caps=len(pairs) - len(kept))
    if not kept:
        why = "; ".join(f"{count:,} {reason}" for reason, count in made.unpaired.items())
        raise ConfigError(f"no pair came of {made.questions:,} questions ({why}); nothing was written")
    if broken := next((told for pair in kept if (told := why_not(pair))), ""):
        raise ConfigError(f"a pair was made that must not be trained on: {broken}")
    shown = report(kept, made, leaks(kept, held_back(kept[0].task, path, split)))
    text = page(shown, found.output.name)
    try:
        write_whole(found.output.with_suffix(".md"), text)
        write_whole(found.output.with_suffix(".json"), json.dumps(shown, indent=2, ensure_ascii=False) + "\n")
        write_whole(found.output, "".join(f"{line(pair)}\n" for pair in kept))
    except OSError as error:
        raise ConfigError(f"{found.output} and its report cannot be written ({error.strerror})") from error
    return f"{text}\n{len(kept):,} pairs are in {found.output}, this report in {found.output.with_suffix('.md')}"


Source = tuple[list[Pair], Made, str | None, str]
"""Pairs, how they came about, and the path and split of their task."""


def _samples(found: argparse.Namespace) -> Source:
    named = {name: getattr(found, name) for name in ("task", "split", "prompt", "comparison")}
    sampled = from_samples.answers(found.samples, found.scores, named)
    path = found.task_path or sampled.task_path
    task = task_of(found, sampled.judged.task, path, sampled.judged.comparison, sampled.judged.twins)
    asked = questions.load(task, sampled.judged.split)
    if unknown := sampled.answers.keys() - {one.id for one in asked}:
        raise ConfigError(
            f"the samples answer {sorted(unknown)[0]}, and the {sampled.judged.split} split of task {task.task} has no "
            f"such question ({len(unknown):,} of {len(sampled.answers):,} are not there); is --task_path the same data?"
        )
    examples = questions.first([one for one in asked if one.id in sampled.answers], found.limit)
    with questions.admitted(task, examples) as admitted:
        answered = [Answered(one, sampled.answers[one.id]) for one in admitted.examples]
        notes = tuple(f"Sampled from {name} ({weights[:12]})." for weights, name in sampled.policies.items())
        made = _selected(found, answered, sampled.judged, len(examples), admitted.quarantined)
    return made[0], replace(made[1], notes=notes), path, sampled.judged.split


def _file(found: argparse.Namespace) -> Source:
    judged = Judged(
        found.task,
        found.split or "train",
        found.prompt or "strict",
        found.comparison or "strict",
        found.twins is not False,
    )
    task = task_of(found, judged.task, found.task_path, judged.comparison, judged.twins)
    asked = questions.first(questions.load(task, judged.split), found.limit)
    told = from_file.given(found.answers, asked, judged.prompt, found.verbatim)
    about = {one.example for one in told}
    examples = [one for one in asked if one.id in about]
    with questions.admitted(task, examples) as admitted:
        answers = from_file.executed(told, admitted.examples, admitted.env, LABELS[found.source])
    counted: dict[str | None, list[Answer]] = {}
    for given, answer in zip(told, answers, strict=True):
        if kept := believed(given, answer):
            counted.setdefault(given.example, []).append(kept)
    answered = [Answered(one, tuple(counted.get(one.id, ()))) for one in admitted.examples]
    pairs, made = _selected(found, answered, judged, len(examples), admitted.quarantined, audit(told, answers))
    nowhere = len({one.question for one in told if one.example is None})
    notes = (f"{nowhere:,} rows are about questions that the task has not.",) if nowhere else ()
    return pairs, replace(made, notes=notes), found.task_path, judged.split


def _corruption(found: argparse.Namespace) -> Source:
    from rl.pairs.corruption import corrupted

    split, style = found.split or "train", found.prompt or "strict"
    task = task_of(found, found.task, found.task_path, found.comparison or "strict", found.twins is not False)
    examples = questions.first(questions.load(task, split), found.limit)
    each = 1_000 if found.each == "all" else int(found.each)
    with questions.admitted(task, examples) as admitted:
        pairs, told = corrupted(admitted.examples, admitted.env, task.task, split, style, each, found.seed)
    unpaired = Counter(["gold cannot grade an answer"] * len(admitted.quarantined))
    unpaired.update(reason for _, reason in told.barren)
    paired = len({pair.example for pair in pairs})
    unpaired["left out by the balance of kinds"] = len(examples) - unpaired.total() - paired
    made = Made(f"at most {found.each} a question, seed {found.seed}", len(examples), dict((+unpaired).most_common()))
    table = "\n".join(("```", *told.lines(), "```"))
    return pairs, replace(made, notes=(table,)), found.task_path, split


def _selected(
    found: argparse.Namespace,
    answered: Sequence[Answered],
    judged: Judged,
    asked: int,
    quarantined: Sequence[tuple[str, str]],
    claims: Claims | None = None,
) -> tuple[list[Pair], Made]:
    how = Selection(
        found.chosen or "random",
        found.rejected or "random",
        found.gold or "instead_of_none",
        None if found.each == "all" else int(found.each),
        found.seed,
        found.within,
    )
    unpaired = Counter({"gold cannot grade an answer": len(quarantined)} if quarantined else {})
    pairs: list[Pair] = []
    for question in answered:
        some, why = select(question, how, judged.prompt)
        unpaired.update([why] if why else [])
        pairs += [pair_of(question.example, good, bad, judged, LABELS[found.source]) for good, bad in some]
    told = (
        f"chosen {how.chosen}, rejected {how.rejected}, gold {how.gold}, "
        f"{'all' if how.each is None else f'at most {how.each}'} a question, seed {how.seed}"
        + (f", wrong ones within {how.within:g} nats of the likeliest" if how.within is not None else "")
    )
    return pairs, Made(told, asked, dict(unpaired.most_common()), claims=claims)
