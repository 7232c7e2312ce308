"""A family's results in words: the sentence at the end, and the cells of its table."""

from collections.abc import Sequence

from eval.ablation.results import Results, Row, called
from eval.head_to_head.numbers import accuracy_told, chance, counted, difference_told, percent, sees
from policy import yaml_file

UNKNOWN = "-"


def verdict(found: Results) -> str:
    """Whether anything differs from the reference, by how much, and what difference this test could have seen."""
    compared = [row for row in found.rows if row.difference]
    if not compared:
        there = any(row.name == found.reference for row in found.rows)
        why = "no other member ended" if there else f"{found.reference} did not end"
        return f"Nothing is compared: {why}. {_asked(found)}"
    parts = [_of_one_time(found, [row for row in compared if row.answered == at]) for at in ("before", "after")]
    widest = max((row.difference for row in compared if row.difference), key=lambda one: one.detectable)
    return f"{' '.join(filter(None, parts))} {sees(widest).capitalize()}, {_asked(found)}"


def _of_one_time(found: Results, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    reference = next(row for row in found.rows if row.name == found.reference and row.answered == rows[0].answered)
    named = f"{_name(reference)} ({percent(reference.accuracy.mean)}%)"
    sure = [row for row in rows if row.sure]
    if not sure:
        largest = max(rows, key=lambda row: abs(row.difference.mean) if row.difference else 0)
        assert largest.difference is not None and largest.p_holm is not None
        who = f"{_name(largest)} is" if len(rows) == 1 else f"none of {len(rows)} is told apart; the furthest is"
        what = "not told apart from" if len(rows) == 1 else f"{_name(largest)},"
        told = f"{difference_told(largest.difference)} points, {chance(largest.p_holm)}"
        if len(rows) == 1:
            return f"{who} {what} {named}: {told}."
        return f"Against {named} {who} {what} by {told}."
    each: list[str] = []
    for row in sure:
        assert row.difference is not None and row.p_holm is not None
        word = "better" if row.difference.mean > 0 else "worse"
        each.append(f"{_name(row)} is {word} by {difference_told(row.difference)} points, {chance(row.p_holm)}")
    rest = [_name(row) for row in rows if not row.sure]
    return f"Against {named} {'; '.join(each)}" + (f"; not told apart: {', '.join(rest)}." if rest else ".")


def _asked(found: Results) -> str:
    seeds = {len(row.seeds) for row in found.rows}
    each = f"{counted(seeds.pop(), 'seed')} each" if len(seeds) == 1 else "not as many seeds each"
    data = found.conditions
    told = f"on {counted(found.questions, str(data['split']) + ' question')} of {data['task']}, {each}."
    if max((len(row.seeds) for row in found.rows), default=1) == 1:
        told += " How far another training seed would move these numbers is not known from one."
    return told


def notes(found: Results) -> list[str]:
    data = found.conditions
    told = [
        f"{data['decoding']} answers, {data['comparison']} execution accuracy in %, 95% intervals; difference, paired, "
        f"is the member less {found.reference}, in points, and p is corrected by Holm over the family",
        "can see above: the smallest difference found four times of five in as many questions that change as often, at "
        "the correction's strictest level",
    ]
    if found.unscored:
        told.append(f"{counted(found.unscored, 'question')} that cannot be scored in every run left out for all alike")
    if any(row.minutes is not None for row in found.rows):
        told.append(
            "memory is the highest of the process (RSS) or of the GPU (VRAM), minutes are those of training steps, "
            "both as far as the machine was left alone"
        )
    if any(row.answered == "before" for row in found.rows):
        told.append("untrained: the same model before its training, asked as that member asks")
    if found.begun is not None:
        told.append(f"{found.reference} before its training: {percent(found.begun)}%")
    for one, other in found.alike:
        told.append(f"{one} and {other} wrote the very same answers: did what they differ in reach the run?")
    if found.base:
        told.append(f"all members: python -m {found.command} --config {found.base}")
    if found.also:
        told.append("for all: " + ", ".join(f"{key} {yaml_file.write(value)}" for key, value in found.also.items()))
    return told


def head(found: Results) -> list[str]:
    seeds = ["each seed"] if any(len(row.seeds) > 1 for row in found.rows) else []
    trained = ["trained parameters", "steps", "peak memory, MiB", "minutes"] if _costs(found) else []
    return [
        *("member", "what differs", "accuracy", *seeds, f"against {found.reference}", "p (Holm)"),
        *("gained / lost", "can see above", *trained),
    ]


def cells(found: Results, row: Row) -> list[str]:
    """As long as `head`."""
    change = row.difference
    compared = [UNKNOWN] * 4
    if change is not None and row.p_holm is not None:
        told = chance(row.p_holm).removeprefix("p = ").removeprefix("p ")
        flipped = f"{change.gained:,} / {change.lost:,}"
        compared = [difference_told(change), told, flipped, percent(change.detectable)]
    elif row.name == found.reference:
        compared[0] = "the reference"
    seeds = [", ".join(map(percent, row.each_seed))] if any(len(one.seeds) > 1 for one in found.rows) else []
    share = row.trainable and row.parameters and row.trainable / row.parameters
    trained = [
        (f"{row.trainable:,}" + (f" ({100 * share:.3g}%)" if share else "")) if row.trainable else UNKNOWN,
        f"{row.steps:,}" if row.steps else UNKNOWN,
        f"{row.peak_mib:,.0f} {row.memory}" if row.peak_mib else UNKNOWN,
        f"{row.minutes:.1f}" if row.minutes is not None else UNKNOWN,
    ]
    differs = ", ".join(f"{key} {yaml_file.write(value)}" for key, value in row.keys.items()) or "nothing: the base"
    return [
        *(_name(row), differs, accuracy_told(row.accuracy), *seeds, *compared),
        *(trained if _costs(found) else []),
    ]


def _costs(found: Results) -> bool:
    return any(row.trainable or row.minutes is not None for row in found.rows)


def _name(row: Row) -> str:
    return called(row.name, row.answered)
