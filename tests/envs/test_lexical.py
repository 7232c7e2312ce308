import pytest

from envs.lexical import unstyled

SAME = [
    ("SELECT a FROM t", "select  A\n from T ;"),
    ("SELECT a FROM t WHERE b = 'X  y'", "SELECT A FROM t WHERE B  = 'X  y'"),
    ('SELECT "Ab" FROM t', 'select "Ab" from T'),
]
OTHERS = [
    ("SELECT 'Ab'", "SELECT 'ab'"),
    ("SELECT 'a  b'", "SELECT 'a b'"),
    ('SELECT "Ab"', 'SELECT "ab"'),
    ("SELECT x'ab' FROM t", "SELECT x 'ab' FROM t"),
    ("SELECT a -- b\nFROM t", "SELECT a -- b FROM t"),
    ("SELECT value FROM t", "SELECT Value FROM t"),
    ("SELECT [a  b] FROM t", "SELECT [a b] FROM t"),
    ("SELECT É FROM t", "SELECT é FROM t"),
    ("SELECT a FROM t GO", "SELECT a FROM t go"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_queries_that_differ_in_style_only_are_one_text(one: str, other: str) -> None:
    assert unstyled(one, "sqlite") == unstyled(other, "sqlite")


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_where_style_may_matter_texts_stay_apart(one: str, other: str) -> None:
    assert unstyled(one, "sqlite") != unstyled(other, "sqlite")


def test_upper_case_may_name_the_key_of_a_duckdb_struct() -> None:
    assert unstyled("SELECT q FROM (SELECT 1 AS A) q", "duckdb") != unstyled(
        "SELECT q FROM (SELECT 1 AS a) q", "duckdb"
    )
