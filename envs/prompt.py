"""The one chat prompt: supervised fine-tuning, reinforcement learning and evaluation all ask in these words.

`strict` asks for SQL and nothing else, in as few tokens as will do; `loose` lets the policy think and asks for the
query in a fence. Schema and dialect stand in the system message, the question and its evidence in the user's.
"""

from typing import Literal, get_args

from envs.example import Example

Style = Literal["strict", "loose"]
STYLES: tuple[Style, ...] = get_args(Style)

DIALECTS = {"sqlite": "SQLite", "duckdb": "DuckDB", "postgres": "PostgreSQL"}
"""sqlglot's name of a dialect -> what people, and the text a policy was trained on, call it."""

SYSTEM: dict[Style, str] = {
    "strict": "Write one {dialect} query and nothing else.\n\n{schema}",
    "loose": "Think as long as it helps, then write one {dialect} query in a ```sql fence.\n\n{schema}",
}

TURNS = (
    " It is run and you are shown the result. Then write a better query, or DONE to hand it in. "
    "You may write {turns} queries; the last one counts."
)
"""Said after what is asked for, where the policy may look at results (`policy.turns`)."""


def messages(example: Example, style: Style = "strict", turns: int = 1) -> list[dict[str, str]]:
    """What the policy is asked: a system and a user message. Raises ValueError on an unknown style or dialect."""
    if style not in SYSTEM:
        raise ValueError(f"no prompt style named {style!r}; the styles are: {', '.join(STYLES)}")
    if example.dialect not in DIALECTS:
        known = ", ".join(DIALECTS)
        raise ValueError(f"example {example.id!r} is in the dialect {example.dialect!r}; the prompt knows: {known}")
    asked, _, shown = SYSTEM[style].partition("\n\n")
    asked += TURNS.format(turns=turns) if turns > 1 else ""
    system = f"{asked}\n\n{shown}".format(dialect=DIALECTS[example.dialect], schema=example.shown or example.schema)
    user = f"{example.question}\n\nEvidence: {example.evidence}" if example.evidence else example.question
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def answer(example: Example, style: Style = "strict") -> list[dict[str, str]]:
    """What a policy should have said, for supervised fine-tuning: the gold's own text without its last semicolon."""
    gold = example.gold_sql.strip().rstrip("; \t\r\n")
    return [{"role": "assistant", "content": f"```sql\n{gold}\n```" if style == "loose" else gold}]
