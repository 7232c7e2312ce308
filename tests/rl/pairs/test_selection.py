"""Pairs are selected as asked, each answer once before any twice, and the same for the same seed."""

from collections import Counter
from dataclasses import replace

import pytest

from envs.example import Database, Example
from policy.config_error import ConfigError
from rl.pairs.answers import Answer, Answered, Judged, pair_of
from rl.pairs.balance import Caps, capped, once
from rl.pairs.distance import distance
from rl.pairs.selection import Selection, select

GOLD = "SELECT MAX(a) FROM t"
EXAMPLE = Example("q", "?", Database("sqlite", script="CREATE TABLE t (a)"), "CREATE TABLE t (a)", "t", GOLD, "sqlite")


def right(sql: str, **more) -> Answer:
    return replace(Answer(sql, sql, True, False, False, "ok", "policy", False, -5.0), **more)


def wrong(sql: str, **more) -> Answer:
    return replace(Answer(sql, sql, False, True, False, "ok", "policy", False, -5.0), **more)


NESTED = right("SELECT a FROM t WHERE a = (SELECT MAX(a) FROM t) LIMIT 1", logprob=-9.0)
SORTED = right("SELECT a FROM t ORDER BY a DESC LIMIT 1", logprob=-1.0)
ALIKE = right("SELECT MAX(t.a) FROM t", logprob=-3.0)
MIN = wrong("SELECT MIN(t.a) FROM t", logprob=-7.0)
FIRST = wrong("SELECT a FROM t ORDER BY a ASC LIMIT 1", logprob=-2.0)
LUCKY = wrong("SELECT 7 FROM t", lucky=True, logprob=-8.0)
UNSURE = replace(wrong("SELECT a FROM t WHERE a > 99"), wrong=False)
ALL = (NESTED, MIN, SORTED, FIRST, ALIKE, LUCKY, UNSURE)


def selected(answers=ALL, **how) -> list[tuple[str, str]]:
    found, why = select(Answered(EXAMPLE, answers), Selection(**how), "strict")
    assert bool(found) != bool(why)
    return [(good.sql, bad.sql) for good, bad in found]


def why(*answers: Answer, **how) -> str:
    return select(Answered(EXAMPLE, answers), Selection(**how), "strict")[1]


@pytest.mark.parametrize(
    ("how", "one"),
    [
        ({"chosen": "shortest", "rejected": "hardest"}, (ALIKE, FIRST)),
        ({"chosen": "likeliest", "rejected": "lucky"}, (SORTED, LUCKY)),
        ({"chosen": "nearest", "rejected": "hardest"}, (SORTED, FIRST)),
        ({"chosen": "farthest", "rejected": "hardest"}, (NESTED, FIRST)),
        ({"chosen": "shortest", "rejected": "nearest"}, (ALIKE, MIN)),
        ({"chosen": "shortest", "rejected": "farthest"}, (ALIKE, FIRST)),
        ({"chosen": "nearest", "rejected": "nearest"}, (ALIKE, MIN)),
    ],
)
def test_each_way_takes_the_pair_that_it_names(how, one):
    assert selected(**how) == [(one[0].sql, one[1].sql)]


def test_another_plan_than_the_golds_is_preferred_and_not_required():
    assert {selected(chosen="other_plan", seed=seed)[0][0] for seed in range(8)} == {NESTED.sql, SORTED.sql}
    assert selected((ALIKE, MIN), chosen="other_plan") == [(ALIKE.sql, MIN.sql)]


def test_the_gold_is_chosen_where_it_is_asked_for():
    assert {good for good, _ in selected(each=None)} == {NESTED.sql, SORTED.sql, ALIKE.sql}
    assert {good for good, _ in selected(each=None, gold="also")} == {NESTED.sql, SORTED.sql, ALIKE.sql, GOLD}
    assert {good for good, _ in selected(each=None, gold="always")} == {GOLD}
    assert selected((MIN,)) == [(GOLD, MIN.sql)]
    assert why(MIN, gold="never") == "all wrong"
    again = right("select  max(a) from t ;")
    assert [good for good, _ in selected((again, MIN), gold="also", each=None)] == [again.sql], "it is there already"


def test_each_wrong_answer_is_taken_once_before_any_is_taken_again():
    for seed in range(5):
        found = selected(each=4, seed=seed)
        assert Counter(bad for _, bad in found[:3]) == {MIN.sql: 1, FIRST.sql: 1, LUCKY.sql: 1}
        assert len(set(found)) == 4
    assert len(selected(each=None)) == len(set(selected(each=None))) == 9


def test_a_question_without_a_pair_says_why():
    assert why(NESTED, SORTED) == "all right"
    assert why(NESTED, UNSURE) == "none wrong, some not judged"
    assert why(UNSURE) == "no answer could be judged"
    assert why() == "no answer"
    cut = replace(NESTED, truncated=True)
    assert why(cut, MIN, gold="never") == "right ones truncated"
    assert selected((cut, MIN)) == [(GOLD, MIN.sql)], "what was cut is never chosen"


def test_answers_that_differ_in_style_are_one():
    twice = replace(MIN, text="select min(t.a)  from t;", sql="select min(t.a)  from t")
    assert selected((ALIKE, MIN, twice, ALIKE), each=None) == [(ALIKE.sql, MIN.sql)]


def test_a_wrong_answer_that_the_policy_would_hardly_write_teaches_nothing():
    assert {bad for _, bad in selected(each=None, within=1.0)} == {FIRST.sql}, "1 nat below the likeliest answer"
    assert {bad for _, bad in selected(each=None, within=6.0)} == {FIRST.sql, MIN.sql}
    assert why(SORTED, MIN, within=1.0) == "wrong ones far less likely"
    with pytest.raises(ConfigError, match="within needs the log-probability"):
        selected((NESTED, replace(MIN, logprob=None)), within=1.0)


def test_what_is_drawn_depends_on_seed_and_question_alone():
    assert selected(each=2, seed=3) == selected(each=2, seed=3)
    assert len({tuple(selected(each=2, seed=seed)) for seed in range(9)}) > 3


def test_likelihood_cannot_be_asked_of_answers_that_have_none():
    for how in ({"rejected": "hardest"}, {"chosen": "likeliest"}):
        with pytest.raises(ConfigError, match="log-probability"):
            selected((replace(NESTED, logprob=None), replace(MIN, logprob=None)), **how)


def test_edit_distance_counts_tokens():
    assert distance(GOLD, "select max ( a )\nfrom t;") == 0
    assert distance(GOLD, "SELECT MIN(a) FROM t") == 1
    assert distance(GOLD, "SELECT MAX(a), b FROM t WHERE b") == 4
    assert distance("", "a b c") == distance("a b c", "") == 3
    assert distance("a x y b", "a y x b") == 2


def pairs() -> list:
    how = Judged("worlds", "train", "strict", "strict", True)
    found = []
    for number in range(40):
        name = "big" if number < 30 else f"small {number}"
        example = replace(EXAMPLE, id=f"q{number}", question=f"Question {number}?", schema_id=name)
        found.append(pair_of(example, ALIKE, MIN if number % 4 else LUCKY, how, "policy"))
    return found


def test_a_pair_is_kept_once_and_not_against_another():
    found = pairs()
    again = replace(found[0], example="other id", chosen_sql=found[0].chosen_sql.lower(), chosen="...")
    against = replace(found[1], chosen_sql=found[1].rejected_sql, rejected_sql=found[1].chosen_sql, error="")
    assert once([*found, again, against]) == ([found[0], *found[2:]], 1, 2)


def test_caps_hold_and_keep_the_order():
    found = pairs()
    assert capped(found, Caps(), 0) == found
    kept = capped(found, Caps(database=5), 0)
    assert Counter(pair.schema_id for pair in kept)["big"] == 5 and len(kept) == 15
    assert [pair for pair in found if pair in kept] == kept
    assert capped(found, Caps(database=5), 1) != kept
    errors = Counter(pair.error for pair in capped(found, Caps(error=4), 0))
    assert set(errors.values()) == {4} and len(errors) == 2
    even = Counter(pair.schema_id for pair in capped(found, Caps(even=True), 0))
    assert even["big"] == 8, "twice the even share of 40 pairs over 11 databases"
