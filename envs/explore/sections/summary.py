"""The top of the page: how much can be graded, what to know, and each split in a column."""

from envs.explore.facts import Facts, SplitFacts
from envs.explore.findings import findings
from envs.explore.pieces import dot, of, row, safe, share, table


def summary(facts: Facts) -> list[str]:
    whole = sum(split.examples for split in facts.splits)
    graded = sum(split.scoring.graded for split in facts.splits)
    limited = f"the first {facts.limit:,} of each split" if facts.limit else ""
    source = ", ".join(filter(None, [facts.task_path, ", ".join(split.name for split in facts.splits), limited]))
    return [
        f"<h1>What is in {safe(facts.task)}</h1>",
        f'<p class="soft source">{safe(source)}</p>',
        f'<p class="figure">{graded:,} <small>of {whole:,} golds can grade an answer ({share(graded, whole)})'
        "</small></p>",
        '<ul class="findings">',
        *(f'<li class="{found.tone}">{safe(found.text)}</li>' for found in findings(facts)),
        "</ul>",
        *(f'<p class="soft">Left out: {safe(why)}.</p>' for why in facts.left_out),
        "<h2>The splits</h2>",
        _table(facts),
    ]


def _table(facts: Facts) -> str:
    splits = facts.splits
    unit = "tokens" if facts.tokenizer else "characters"
    prompts = [split.tokens.get("prompt") or split.characters["prompt"] for split in splits]
    rows = [
        row("examples", [f"{split.examples:,}" for split in splits]),
        row("databases", [f"{split.databases:,}" for split in splits]),
        row("golds that parse (sqlglot)", [of(split.scoring.parses, split.examples) for split in splits]),
        row("golds that run", [of(split.scoring.runs, split.examples) for split in splits]),
        row("golds that can grade", [of(split.scoring.graded, split.examples) for split in splits]),
        row("golds that write", [of(split.scoring.writes, split.examples) for split in splits]),
        row("golds that give no row", [of(split.scoring.empty, split.examples) for split in splits]),
        row("golds that prove nothing", [of(split.scoring.proves_nothing, split.examples) for split in splits]),
        row(f"prompt, median {unit}", [f"{each.p50:,}" for each in prompts]),
        row(f"prompt, 99% within {unit}", [f"{each.p99:,}" for each in prompts]),
        row("golds with a join", [of(_joined(split), split.made.parsed) for split in splits]),
    ]
    return table(["", *(dot(i, split.name) for i, split in enumerate(splits))], rows)


def _joined(split: SplitFacts) -> int:
    return split.made.parsed - split.made.joins.get(0, 0)
