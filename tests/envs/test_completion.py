import time

import pytest

from envs.completion import find_sql

CASES = [
    ("SELECT 1;", "SELECT 1"),
    ("", ""),
    ("   \n", ""),
    ("hello world", ""),
    ("-- nothing", ""),
    ("```sql\n```", ""),
    ("```sql\nSELECT 1\n```", "SELECT 1"),
    ("```SQL\r\nSELECT 1;\r\n```\r\n", "SELECT 1"),
    ("```\nSELECT 1\n```", "SELECT 1"),
    ("~~~sql\nSELECT 1\n~~~", "SELECT 1"),
    ("```sql SELECT 1```", "SELECT 1"),
    ("```SELECT 1```", "SELECT 1"),
    ("```sql\nSELECT 1", "SELECT 1"),
    ("SELECT 1\n```", "SELECT 1"),
    ("SELECT 1\n```\nThis query returns one", "SELECT 1"),
    ("```sql\nSELECT 1\n```\nor\n```sql\nSELECT 2\n```", "SELECT 2"),
    ("```sql\nSELECT 1\n```\n```\n\n```", "SELECT 1"),
    ("```sql\nSELECT 1\n```\nOutput:\n```\n| 1 |\n```", "SELECT 1"),
    ("<think>SELECT 2</think>SELECT 1", "SELECT 1"),
    ("<THINK>x</THINK><ANSWER>SELECT 1</ANSWER>", "SELECT 1"),
    ("<think>a<think>b</think>c</think>SELECT 1", "SELECT 1"),
    ("<think>It's the one that's right.</think> SELECT 'x'", "SELECT 'x'"),
    ("<think>SELECT 2", ""),
    ("so SELECT 3</think>\nSELECT 1", "SELECT 1"),
    ("<answer>SELECT 1</answer>", "SELECT 1"),
    ("<answer>```sql\nSELECT 1;\n```</answer>", "SELECT 1"),
    ("<answer>it's SELECT 1</answer> that's all", "SELECT 1"),
    ("```sql\nSELECT 2\n```\n<answer>SELECT 1</answer>", "SELECT 1"),
    ("<sql>SELECT 1</sql> ok", "SELECT 1"),
    ("<solution>SELECT 1", "SELECT 1"),
    ("SELECT 1</answer>", "SELECT 1"),
    ("SELECT 1<|im_end|>", "SELECT 1"),
    ("SQL: SELECT 1 -- done", "SELECT 1"),
    ("Here is the query: SELECT a FROM b  This query returns all.", "SELECT a FROM b"),
    ("Here is the query: SELECT a FROM b. This query returns all.", "SELECT a FROM b"),
    ("I will use SELECT and JOIN.\nSELECT a FROM b", "SELECT a FROM b"),
    ("We can do it with a join.\n\nselect name from emp", "select name from emp"),
    ("Update the table: UPDATE t SET a = 1 WHERE b = 2;", "UPDATE t SET a = 1 WHERE b = 2"),
    ("The query is `SELECT name FROM emp`.", "SELECT name FROM emp"),
    ("The query is `SELECT `a` FROM t`", "SELECT `a` FROM t"),
    ("SELECT a\nFROM b\n\nThis doesn't matter", "SELECT a\nFROM b"),
    ("SELECT a\n\nFROM b\n\nWHERE c", "SELECT a\n\nFROM b\n\nWHERE c"),
    ("SELECT 1; This is it.", "SELECT 1"),
    ("DELETE FROM dept; SELECT name FROM emp", "DELETE FROM dept; SELECT name FROM emp"),
    ("PRAGMA table_info(x)", "PRAGMA table_info(x)"),
    ("FROM emp SELECT name", "FROM emp SELECT name"),
    ("(SELECT 1)", "(SELECT 1)"),
    ("WITH r AS (SELECT 1) SELECT * FROM r", "WITH r AS (SELECT 1) SELECT * FROM r"),
    ("SELECT a AS The FROM t", "SELECT a AS The FROM t"),
]

LITERALS = [
    "SELECT ';' FROM t",
    "SELECT '--x' /* keep */ FROM t",
    "SELECT a FROM b -- it's\nWHERE c = 1",
    "SELECT '```' FROM t",
    "SELECT '```sql' FROM t",
    "SELECT '</answer>' AS x",
    "SELECT '<think>' FROM t",
    "SELECT '<sql>x</sql>' FROM t",
    "SELECT 'a\n\nThe b' FROM t",
    "SELECT name FROM emp WHERE note = 'This is a note; SELECT 1'",
    "SELECT count(*) FROM t WHERE name = 'O''Brien; x'",
]

HOSTILE = [
    "`",
    "```'",
    "~~~\n",
    "'",
    "<think>",
    "<answer>'",
    "WITH a(",
    "UPDATE ",
    "/*",
    "SELECT (\n\nx ",
    "SELECT 1;",
    "SELECT This a ",
    " ",
]


@pytest.mark.parametrize(("completion", "sql"), CASES)
def test_the_last_answer_of_a_completion_is_its_sql(completion: str, sql: str) -> None:
    assert find_sql(completion) == sql


@pytest.mark.parametrize("sql", LITERALS)
@pytest.mark.parametrize("around", ["{}", "{};", "```sql\n{}\n```", "<answer>{}</answer>", "<think>so</think>{}"])
def test_what_stands_in_quotes_or_inner_comments_survives(sql: str, around: str) -> None:
    assert find_sql(around.format(sql)) == sql


@pytest.mark.parametrize("text", ["\ud800", "SELECT '\ud800'", "\0", "SELECT 1\0", "\u202e```\u0130", "\x85\x1c"])
def test_odd_characters_do_not_raise(text: str) -> None:
    find_sql(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_long_text_takes_time_in_proportion(text: str) -> None:
    start = time.process_time()
    find_sql(text * (200_000 // len(text)) + "x")
    assert time.process_time() - start < 10


def test_a_megabyte_of_backticks_is_no_sql() -> None:
    assert find_sql("`" * 1_000_000) == ""


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["<sql>'</sql>'\n", "<sql>\"</sql>\"\n<answer>'</answer>'\n", "```'```'\n"])
def test_closings_that_hide_in_quotes_are_looked_for_once_and_not_again_and_again(piece):
    assert isinstance(find_sql(piece * (400_000 // len(piece))), str)
