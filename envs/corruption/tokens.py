"""SQL as its dialect's tokens, with the text of each as it was written, and a key that is the same in any style."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sqlglot import Dialect, exp
from sqlglot.generator import Generator
from sqlglot.tokenizer_core import TokenType

Class = Literal["name", "keyword", "value", "sign"]
"""A name of anything, functions included; a word of SQL; a number or a string; punctuation and operators."""

_NAMES = {TokenType.VAR, TokenType.IDENTIFIER}
_VALUES = {TokenType.STRING, TokenType.NUMBER}


@dataclass(frozen=True, slots=True)
class Token:
    """`raw` is the text as written, `before` the blanks and comments that precede it. `key` leaves out the case of
    letters, quotes around names and which of two signs says "not equal"."""

    key: str
    raw: str
    before: str
    kind: Class
    quoted: bool


@lru_cache(maxsize=4096)
def tokens(sql: str, dialect: str) -> tuple[Token, ...]:
    """All of a text that sqlglot can read. Raises sqlglot's TokenError where it cannot."""
    found: list[Token] = []
    end = 0
    for token in Dialect.get_or_raise(dialect).tokenize(sql):
        raw = sql[token.start : token.end + 1]
        kind: Class = "sign"
        if token.token_type in _VALUES:
            kind = "value"
        elif token.token_type in _NAMES:
            kind = "name"
        elif raw[:1].isalpha():
            kind = "keyword"
        key = f"'{token.text}'" if token.token_type is TokenType.STRING else token.text.lower()
        quoted = token.token_type is TokenType.IDENTIFIER
        found.append(Token("<>" if key == "!=" else key, raw, sql[end : token.start], kind, quoted))
        end = token.end + 1
    return tuple(found)


def written(root: exp.Expr, dialect: str) -> str:
    """A tree as text: sqlglot's, but `a NOT IN (...)` and `a IS NOT NULL` as people write them."""
    made: str = _generator(dialect).generate(root, copy=True)
    return made


@lru_cache(maxsize=8)
def _generator(dialect: str) -> Generator:
    rules = Dialect.get_or_raise(dialect)

    class AsPeopleDo(rules.generator_class):  # type: ignore[misc,name-defined]
        def not_sql(self, expression: exp.Not) -> str:
            inner = expression.this
            if isinstance(inner, exp.In | exp.Like | exp.ILike | exp.Between | exp.Is):
                left, whole = self.sql(inner, "this"), self.sql(inner)
                rest = whole[len(left) :]
                return f"{left} IS NOT{rest[3:]}" if isinstance(inner, exp.Is) else f"{left} NOT{rest}"
            return f"NOT {self.sql(expression, 'this')}"

    return AsPeopleDo(dialect=rules)
