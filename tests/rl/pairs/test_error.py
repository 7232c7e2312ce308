"""A wrong query is named by how it ended, or by the first clause in which it leaves its gold."""

import pytest

from envs.execution import Status
from rl.pairs.error import CLASSES, difference, error_of
from rl.pairs.plan import plan

CARS = (
    "SELECT T1.Model FROM CAR_NAMES AS T1 JOIN CARS_DATA AS T2 ON T1.MakeId = T2.Id "
    "WHERE T2.Cylinders = 4 AND T2.Year > 1980 ORDER BY T2.Horsepower DESC LIMIT 1"
)


def cars(before: str, after: str) -> tuple[str, str]:
    assert before in CARS
    return CARS, CARS.replace(before, after)


@pytest.mark.parametrize(
    ("golds", "told"),
    [
        (cars("CARS_DATA", "MODEL_LIST"), "tables"),
        (cars("ON T1.MakeId = T2.Id", "ON T1.Model = T2.Id"), "joins"),
        (cars("JOIN", "LEFT JOIN"), "joins"),
        (cars("T1.Model", "T1.Make"), "projection"),
        (cars("T1.Model", "T1.Model, T2.Year"), "projection"),
        (cars("T1.Model", "COUNT(T1.Model)"), "aggregate"),
        (cars(" AND T2.Year > 1980", ""), "filter"),
        (cars("> 1980", ">= 1980"), "filter"),
        (cars("AND", "OR"), "filter"),
        (cars("1980", "1981"), "values"),
        (("SELECT a FROM t WHERE b = 1 AND c = 2", "SELECT a FROM t WHERE b = 2 AND c = 1"), "values"),
        (cars("DESC", "ASC"), "order"),
        (cars("LIMIT 1", "LIMIT 2"), "limit"),
        (cars("SELECT", "SELECT DISTINCT"), "distinct"),
        (cars("T2.Year > 1980", "T2.Year > (SELECT AVG(Year) FROM CARS_DATA)"), "subquery"),
        (
            ("SELECT a FROM t GROUP BY a HAVING COUNT(*) > 1", "SELECT a FROM t GROUP BY b HAVING COUNT(*) > 1"),
            "grouping",
        ),
        (("SELECT a FROM t GROUP BY a HAVING COUNT(*) > 1", "SELECT a FROM t GROUP BY a HAVING SUM(b) > 1"), "having"),
        (("SELECT a FROM t EXCEPT SELECT a FROM s", "SELECT a FROM t INTERSECT SELECT a FROM s"), "set operation"),
        (("SELECT COUNT(*) FROM t", "SELECT COUNT(DISTINCT a) FROM t"), "aggregate"),
        (('SELECT a FROM t WHERE b = "JetBlue Airways"', "SELECT a FROM t WHERE b = 'Jetblue Airways'"), "values"),
        (("SELECT a FROM t", "select a from t where;"), "other"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_first_clause_that_differs_names_it(golds, told):
    gold, sql = golds
    assert difference(sql, gold, "sqlite") == told
    assert told in CLASSES


@pytest.mark.parametrize(
    "same",
    [
        CARS.lower(),
        CARS.replace("T1", "n").replace("T2", "d"),
        CARS.replace("T1.MakeId = T2.Id", "T2.Id = T1.MakeId"),
        CARS.replace("T2.Year > 1980", "1980 < T2.Year"),
        CARS.replace("T2.Cylinders = 4 AND T2.Year > 1980", "T2.Year > 1980 AND T2.Cylinders = 4"),
        CARS.replace("T1.Model", "Model").replace("T2.Year", "Year"),
        CARS.replace(
            "JOIN CARS_DATA AS T2 ON T1.MakeId = T2.Id WHERE", ", CARS_DATA AS T2 WHERE T1.MakeId = T2.Id AND"
        ),
        CARS.replace("SELECT T1.Model", "SELECT T1.Model AS m"),
    ],
)
def test_aliases_sides_and_the_order_of_conditions_are_no_difference(same):
    assert difference(same, CARS, "sqlite") == "other", "nothing differs that has a name"


def test_an_ending_a_cut_and_luck_say_more_than_the_clause():
    wrong = CARS.replace("DESC", "ASC")
    assert error_of(wrong, CARS, "sqlite") == "order"
    assert error_of(wrong, CARS, "sqlite", Status.MISSING_COLUMN) == "missing_column"
    assert error_of("", CARS, "sqlite", Status.NO_SQL) == "no_sql"
    assert error_of(wrong, CARS, "sqlite", lucky=True) == "lucky"
    assert error_of(wrong, CARS, "sqlite", Status.SYNTAX, truncated=True) == "truncated"


def test_another_way_to_the_same_answer_is_another_plan():
    assert plan(CARS, "sqlite") == plan(CARS.lower().replace("t1", "x").replace("1980", "7"), "sqlite")
    nested = "SELECT Model FROM CAR_NAMES WHERE MakeId IN (SELECT Id FROM CARS_DATA WHERE Year > 1980)"
    assert plan(CARS, "sqlite") != plan(nested, "sqlite")
    assert plan("SELECT a FROM (", "sqlite") != plan("SELECT b FROM (", "sqlite"), (
        "what cannot be read is a plan of its own"
    )
