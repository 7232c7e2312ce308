"""People's SQL in one spelling: the same query, in capitals, with the schema's own names."""

import apsw
import pytest

from policy.plain_sql import NotPlain, plain

SCHEMA = 'CREATE TABLE Student (stuId INTEGER, name TEXT, Home_State TEXT, "Full Name" TEXT)'
NAMES = {"student": "Student", "stuid": "stuId", "name": "name", "home_state": "Home_State", "full name": '"Full Name"'}


@pytest.fixture
def students():
    connection = apsw.Connection(":memory:")
    connection.execute(SCHEMA)
    connection.execute("INSERT INTO Student VALUES (1, 'Ada', 'Texas', 'Ada B'), (2, 'Bo', NULL, 'Bo C')")
    return connection


@pytest.mark.parametrize(
    ("sql", "spelled"),
    [
        (
            'select NAME from STUDENT where HOME_STATE  =  "Texas"',
            "SELECT name FROM Student WHERE Home_State = 'Texas'",
        ),
        ("SELECT t1.STUID FROM student AS t1", "SELECT T1.stuId FROM Student AS T1"),
        ("SELECT name FROM Student WHERE stuId NOT IN (2)", "SELECT name FROM Student WHERE stuId NOT IN (2)"),
        ("SELECT name FROM Student WHERE Home_State IS NOT NULL", None),
        (
            "SELECT `full name` FROM Student WHERE name NOT LIKE 'B%'",
            "SELECT \"Full Name\" FROM Student WHERE name NOT LIKE 'B%'",
        ),
        ('SELECT count(*) AS "n" FROM Student ORDER BY "n"', 'SELECT COUNT(*) AS "n" FROM Student ORDER BY "n"'),
    ],
)
def test_the_new_spelling_is_the_usual_one_and_gives_the_same_rows(students, sql, spelled):
    found = plain(sql, NAMES, students)
    assert found == (spelled or sql)
    assert students.execute(found).fetchall() == students.execute(sql).fetchall()


@pytest.mark.parametrize(("sql", "why"), [("SELECT FROM FROM", "parse"), ("SELECT age FROM Student", "no such column")])
def test_what_does_not_run_is_refused_by_name(students, sql, why):
    with pytest.raises(NotPlain, match=why):
        plain(sql, NAMES, students)
