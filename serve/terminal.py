"""An answer on a terminal: the query, what it takes, its rows as a table. Nothing that a model or a database wrote is
obeyed by the terminal (`envs.visible`); colour only on a terminal, and not where NO_COLOR is set (https://no-color.org).
"""

import os
import sys

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from envs.visible import visible
from serve.answer import Answer
from serve.ballot import ballot

CELL, COLUMNS = 80, 20
"""Most that is shown: characters of a value, columns."""
WIDE = 240
"""Characters of a line where there is no terminal."""


def console() -> Console:
    on_terminal = sys.stdout.isatty()
    plain = not on_terminal or bool(os.environ.get("NO_COLOR"))
    return Console(
        color_system=None if plain else "auto",
        force_terminal=None if on_terminal else False,
        width=None if on_terminal else WIDE,
        markup=False,
        emoji=False,
        highlight=False,
    )


def show(answer: Answer, to: Console) -> None:
    """All of it; the last line says the time."""
    if answer.sql:
        show_sql(answer.sql, to)
    if answer.checks:
        to.print(Text(f"checks: {answer.checks}", style="dim"), soft_wrap=True)
    if answer.error is not None:
        to.print(sentence(f"no answer: {answer.error}"), soft_wrap=True)
    elif answer.changes is not None:
        _changes(answer, to)
    else:
        _table(answer, to)
    for line in ballot(answer.candidates):
        to.print(Text(_line(line), style="dim"), soft_wrap=True)
    to.print(Text(_summary(answer), style="dim"), soft_wrap=True)


def show_sql(sql: str, to: Console) -> None:
    """Highlighted where there is colour."""
    text = visible(sql).replace("\t", "    ")
    if to.color_system is None:
        to.print(Text(text), soft_wrap=True)
    else:
        to.print(Syntax(text, "sql", theme="ansi_dark", background_color="default", word_wrap=True))


def sentence(text: str) -> Text:
    """What went wrong, in red."""
    return Text(_line(text), style="red")


def _changes(answer: Answer, to: Console) -> None:
    done = "done" if answer.in_place else "on a copy that is thrown away; the file is as it was"
    told = "; ".join(map(_line, answer.changes or ())) or "nothing changes"
    to.print(Text(f"changes ({done}): {told}", style="yellow"), soft_wrap=True)


def _table(answer: Answer, to: Console) -> None:
    if not answer.rows:
        to.print(Text("no rows"))
        return
    shown = Table(show_edge=to.is_terminal, header_style="bold")
    for at, name in enumerate(answer.columns[:COLUMNS]):
        number = all(isinstance(row[at], int | float | None) for row in answer.rows)
        shown.add_column(Text(_cell(name)), justify="right" if number else "left", overflow="fold")
    more = len(answer.columns) > COLUMNS
    if more:
        shown.add_column(Text(f"... {len(answer.columns) - COLUMNS:,} more"))
    for row in answer.rows:
        shown.add_row(*(Text(_cell(value)) for value in row[:COLUMNS]), *([Text("")] if more else []))
    to.print(shown)


def _summary(answer: Answer) -> str:
    parts: list[str] = []
    if answer.error is None and answer.changes is None:
        if answer.count is None:
            parts.append(f"the first {len(answer.rows):,} rows; there are more than --limit_rows")
        else:
            first = f", the first {len(answer.rows):,} shown" if answer.capped else ""
            parts.append(f"{answer.count:,} row{'' if answer.count == 1 else 's'}{first}")
    asked = [one for one in answer.candidates if not one.repaired]
    if len(asked) > 1:
        agree = max((one.votes for one in asked if one.sql == answer.sql), default=0)
        failed = sum(one.error is not None for one in asked)
        parts.append(f"{agree} of {len(asked)} queries agree, {failed} failed")
    if answer.candidates and answer.candidates[-1].repaired:
        mended = answer.candidates[-1].error is None
        parts.append("repaired after an error" if mended else "one repair was tried, and failed too")
    if answer.candidates:
        parts.append(f"{answer.model_seconds:.2f} s model")
    return ", ".join([*parts, f"{answer.database_seconds:.2f} s database"])


def _cell(value: object) -> str:
    if value is None:
        return "NULL"
    text = _line(f"x'{value.hex()}'" if isinstance(value, bytes) else str(value))
    return text if len(text) <= CELL else f"{text[: CELL - 3]}..."


def _line(text: str) -> str:
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")
