"""A few examples of each level, to read."""

from envs.explore.facts import Facts, Sample
from envs.explore.pieces import fold, safe


def samples(facts: Facts) -> list[str]:
    lines = ["<h2>A few examples</h2>"]
    for split in facts.splits:
        levels: dict[str, list[Sample]] = {}
        for sample in split.samples:
            levels.setdefault(sample.level, []).append(sample)
        body = [f"<h3>{safe(level)}</h3>" + "".join(map(_sample, found)) for level, found in levels.items()]
        lines.append(fold(f"<b>{len(split.samples):,}</b>of {safe(split.name)}", body, split is facts.splits[0]))
    return lines


def _sample(sample: Sample) -> str:
    evidence = f'<p class="soft">{safe(sample.evidence)}</p>' if sample.evidence else ""
    return (
        f'<div class="same"><p>{safe(sample.question)}</p>{evidence}<pre>{safe(sample.gold)}</pre>'
        f"<details><summary class='soft'>{safe(sample.id)}, schema</summary><pre>{safe(sample.schema)}</pre>"
        "</details></div>"
    )
