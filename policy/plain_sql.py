"""One spelling for the SQL that people wrote: capitals, the schema's own names, single quotes, `T1` and not `t1`.

A small policy copies names token by token; a gold that writes `Student.NAME` for `student.Name` teaches it to doubt.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (apsw's stubs name typing.Buffer, which Python 3.11 does not have)

import re
from collections.abc import Mapping

import apsw
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

_ALIAS = re.compile(r"t\d+", re.IGNORECASE)
_NOT = re.compile(r'\bNOT ((?:[\w.]|"[^"]*")+) (IN|LIKE|BETWEEN)\b')
_NOT_NULL = re.compile(r'\bNOT ((?:[\w.]|"[^"]*")+) IS NULL\b')
"""sqlglot writes NOT before the column; nearly all people write it after."""


class NotPlain(Exception):
    """The query cannot be read, or does not compile on its schema; the text says which."""


def plain(sql: str, names: Mapping[str, str], empty: apsw.Connection) -> str:
    """`sql`, a SQLite query, respelled. `names` maps a name in lower case to the schema's spelling.

    Double quotes around what no table or column is called are taken as SQLite takes them, for a string. Raises
    NotPlain when the query does not parse, or when it or its new spelling does not compile on the tables of
    `empty`, which need no rows.
    """
    try:
        tree = parse_one(sql, dialect="sqlite")
    except SqlglotError as error:
        raise NotPlain(f"does not parse: {str(error).splitlines()[0]}") from error
    known = {name.lower() for alias in tree.find_all(exp.Alias, exp.TableAlias, exp.CTE) if (name := alias.alias)}
    for column in list(tree.find_all(exp.Column)):
        name = column.this
        bare = isinstance(name, exp.Identifier) and name.quoted and not column.table
        if bare and name.name.lower() not in names and name.name.lower() not in known:
            column.replace(exp.Literal.string(name.name))
    for name in tree.find_all(exp.Identifier):
        lower = name.name.lower()
        if _ALIAS.fullmatch(lower):
            name.set("this", lower.upper())
        elif lower in names:
            spelled = names[lower]
            name.set("this", spelled.strip('"'))
            name.set("quoted", spelled.startswith('"'))
    found = _NOT.sub(r"\1 NOT \2", _NOT_NULL.sub(r"\1 IS NOT NULL", tree.sql(dialect="sqlite")))
    try:
        for text in (sql, found):
            empty.execute(f"EXPLAIN {text}").fetchall()
    except apsw.Error as error:
        raise NotPlain(f"does not compile: {error}") from error
    return found
