"""The one chat prompt: supervised fine-tuning, reinforcement learning and evaluation all ask in these words.

`strict` asks for SQL and nothing else, in as few tokens as will do; `loose` lets the policy think and asks for the
query in a fence; `steps` asks for a short plan before that fence. Schema and dialect stand in the system message, the
question and its evidence in the user's.

Shots stand in the system message too, after the schema, and not as earlier turns of the chat: templates write earlier
answers in ways of their own (Qwen3 takes their thinking out, Gemma knows no system role, Mistral moves it to the last
question), so that what is taught would not be what is asked; and where a policy may look at results, an earlier answer
would pass for one of this question's. The schema comes first, so that questions of one database begin alike.
"""

from typing import Literal, get_args

from envs.completion import find_sql
from envs.example import Example, Shot
from envs.short_plan import short_plan

Style = Literal["strict", "loose", "steps"]
STYLES: tuple[Style, ...] = get_args(Style)


DIALECTS = {"sqlite": "SQLite", "duckdb": "DuckDB", "postgres": "PostgreSQL"}
"""sqlglot's name of a dialect -> what people, and the text a policy was trained on, call it."""

SYSTEM: dict[Style, str] = {
    "strict": "Write one {dialect} query and nothing else.\n\n{schema}",
    "loose": "Think as long as it helps, then write one {dialect} query in a ```sql fence.\n\n{schema}",
    "steps": (
        "First name the tables, the columns, the joins and the conditions that the question needs, a line each. "
        "Then write one {dialect} query in a ```sql fence.\n\n{schema}"
    ),
}

TURNS = (
    " It is run and you are shown the result. Then write a better query, or DONE to hand it in. "
    "You may write {turns} queries; the last one counts."
)
"""Said after what is asked for, where the policy may look at results (`policy.turns`)."""

SHOTS = "Other questions, with their answers:"


def style_of(name: str) -> Style:
    """Raises ValueError on one that there is not."""
    for style in STYLES:
        if style == name:
            return style
    raise ValueError(f"no prompt style named {name!r}; the styles are: {', '.join(STYLES)}")


def messages(example: Example, style: Style = "strict", turns: int = 1) -> list[dict[str, str]]:
    """What the policy is asked: a system and a user message. Raises ValueError on an unknown style or dialect."""
    style_of(style)
    if example.dialect not in DIALECTS:
        known = ", ".join(DIALECTS)
        raise ValueError(f"example {example.id!r} is in the dialect {example.dialect!r}; the prompt knows: {known}")
    asked, _, shown = SYSTEM[style].partition("\n\n")
    asked += TURNS.format(turns=turns) if turns > 1 else ""
    system = f"{asked}\n\n{shown}".format(dialect=DIALECTS[example.dialect], schema=example.shown or example.schema)
    if example.shots:
        system = "\n\n".join((system, SHOTS, *(_shot(shot, style) for shot in reversed(example.shots))))
    user = f"{example.question}\n\nEvidence: {example.evidence}" if example.evidence else example.question
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def answer(example: Example, style: Style = "strict") -> list[dict[str, str]]:
    """What a policy should have said, for supervised fine-tuning: the gold's own text without its last semicolon."""
    return [{"role": "assistant", "content": _said(example, style)}]


def _said(example: Example | Shot, style: Style) -> str:
    gold = example.gold_sql.strip().rstrip("; \t\r\n")
    if style == "strict":
        return gold
    fenced = f"```sql\n{gold}\n```"
    planned = f"{plan}\n{fenced}" if style == "steps" and (plan := short_plan(gold, example.dialect)) else fenced
    return planned if find_sql(planned) == find_sql(fenced) else fenced  # a name or a text may look like a fence


def _shot(shot: Shot, style: Style) -> str:
    """The most like the question stands last, beside it."""
    parts = [
        f"Schema: {shot.schema}" if shot.schema else "",
        f"Question: {shot.question}",
        f"Evidence: {shot.evidence}" if shot.evidence else "",
        f"Answer:\n{_said(shot, style)}",
    ]
    return "\n".join(filter(None, parts))
