import pytest

from envs.execution import Status
from rewards.blended import TEXT, blended
from rewards.rouge_l import rouge_l

GOLD = "SELECT name FROM singer WHERE age > 30"
NEAR = "SELECT name FROM singer WHERE age > 31"


def test_a_right_answer_is_worth_one_however_it_is_written(make_rollout):
    assert blended(make_rollout("SELECT s.name FROM singer AS s WHERE NOT s.age <= 30")) == 1.0


def test_right_by_the_state_it_leaves_is_right(make_rollout):
    assert blended(make_rollout(strict=None, state=True)) == 1.0


def test_a_wrong_answer_earns_seven_tenths_of_its_rouge_l(make_rollout):
    rollout = make_rollout(NEAR, strict=False)
    assert blended(rollout) == pytest.approx(TEXT * rouge_l(rollout))
    assert 0 < blended(rollout) < TEXT


def test_no_wrong_answer_outscores_a_right_one(make_rollout):
    copied_text_wrong_operator = make_rollout("SELECT name FROM singer WHERE age < 30", strict=False)
    assert blended(copied_text_wrong_operator) == TEXT < blended(make_rollout("SELECT 1"))


@pytest.mark.parametrize("status", [Status.SYNTAX, Status.MISSING_COLUMN, Status.TOO_MANY_ROWS])
def test_an_honest_failure_keeps_its_text_credit(make_rollout, status):
    assert blended(make_rollout(NEAR, strict=False, status=status)) > 0


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.MEMORY, Status.FORBIDDEN, Status.CRASH])
def test_a_hard_ending_earns_nothing_for_looking_like_the_gold(make_rollout, status):
    assert blended(make_rollout(strict=False, status=status)) == 0.0


def test_sql_that_the_gate_refused_earns_nothing_for_looking_like_the_gold(make_rollout):
    assert blended(make_rollout(strict=False, gate="two statements")) == 0.0


def test_saying_nothing_earns_nothing(make_rollout):
    assert blended(make_rollout("", strict=False)) == 0.0
    assert blended(make_rollout("", strict=True)) == 0.0


def test_a_vacuous_equality_is_not_paid_as_a_match(make_rollout):
    rollout = make_rollout("SELECT name FROM singer WHERE 1 = 0", vacuous=True)
    assert blended(rollout) == pytest.approx(TEXT * rouge_l(rollout))
    assert blended(make_rollout(vacuous=True)) == TEXT


def test_an_equality_that_a_twin_refutes_is_not_paid_as_a_match(make_rollout):
    assert blended(make_rollout(twins=False)) == TEXT


def test_an_answer_that_reads_no_table_gets_no_text_credit(make_rollout):
    assert blended(make_rollout(constant=True)) == 0.0
    assert blended(make_rollout(strict=False, constant=True)) == 0.0


def test_the_gold_copied_into_a_comment_or_a_string_earns_nothing(make_rollout):
    plain = blended(make_rollout("SELECT age FROM singer", strict=False))
    for copied in (f"SELECT age FROM singer -- {GOLD}", f"SELECT age /* {GOLD} */ FROM singer"):
        assert blended(make_rollout(copied, strict=False)) == plain
    in_a_string = blended(make_rollout(f"SELECT '{GOLD}' FROM singer", strict=False))
    assert in_a_string == blended(make_rollout("SELECT FROM singer", strict=False))
    assert blended(make_rollout(twins=True)) == 1.0


def test_the_mode_that_the_run_names_decides(make_rollout):
    assert blended(make_rollout(strict=False, bird=True, mode="bird")) == 1.0
    assert blended(make_rollout(strict=True, bird=False, mode="bird")) == TEXT


def test_no_ruler_is_unscored_and_not_zero(make_rollout):
    assert blended(make_rollout(strict=None)) is None
