"""How long is it? Characters and tokens of questions, golds, schemas and prompts."""

from envs.explore.facts import Facts, SplitFacts
from envs.explore.lengths import Lengths
from envs.explore.pieces import dot, fold, of, row, safe, table
from envs.explore.plots import histograms

DRAWN = ("question", "gold", "schema", "prompt")
PARTS = ("prompt", "schema", "question", "evidence", "gold")


def long(facts: Facts) -> list[str]:
    unit = "tokens" if facts.tokenizer else "characters"
    lines = ["<h2>How long is it?</h2>", f'<p class="soft">{_told(facts)}</p>']
    if facts.tokenizer:
        limits = list(facts.splits[0].over)
        names = [dot(i, split.name) for i, split in enumerate(facts.splits)]
        rows = [
            row(f"over {limit:,} tokens", [of(split.over[limit], split.examples) for split in facts.splits])
            for limit in limits
        ]
        lines += ["<h3>Prompts over a limit</h3>", table(["", *names], rows)]
    lines.append('<div class="plots">')
    for part in DRAWN:
        found = {split.name: _of(split, unit)[part] for split in facts.splits}
        plot = histograms(found, unit, part)
        lines.append(f"<figure><figcaption>{part}, in {unit}</figcaption>{plot}</figure>")
    lines.append("</div>")
    lines.append(
        f'<p class="key">{"".join(f"<span>{dot(i, split.name)}</span>" for i, split in enumerate(facts.splits))}'
        "<span>share of examples; the last bin holds all that are longer</span></p>"
    )
    tables = {"tokens": "in tokens", "characters": "in characters"} if facts.tokenizer else {"characters": ""}
    for name, words in tables.items():
        lines.append(fold(f"all figures {words}".strip(), [_table(facts, name)], opened=name == unit))
    return lines


def _told(facts: Facts) -> str:
    if not facts.tokenizer:
        return "Characters only: there is no tokenizer here, give one with <code>--tokenizer</code>."
    marks = "with the marks of ChatML" if facts.with_marks else "without the marks of its chat template"
    return (
        f"Tokens as <code>{safe(facts.tokenizer)}</code> counts them. A prompt is the system message with the schema "
        f"and the user's question, as the strict style writes them, {marks}; the answer comes on top."
    )


def _of(split: SplitFacts, unit: str) -> dict[str, Lengths]:
    return split.tokens if unit == "tokens" else split.characters


def _table(facts: Facts, unit: str) -> str:
    rows = [
        row(f"{dot(i, split.name)}, {part}", [f"{each.mean:,.0f}", *(f"{n:,}" for n in _ranks(each))])
        for part in PARTS
        for i, split in enumerate(facts.splits)
        if (each := _of(split, unit).get(part))
    ]
    return table(["", "mean", "50%", "90%", "99%", "most"], rows)


def _ranks(each: Lengths) -> tuple[int, ...]:
    return each.p50, each.p90, each.p99, each.max
