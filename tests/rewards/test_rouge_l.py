import random
import re
import time

import pytest

from rewards.rouge_l import f_measure, rouge_l

VOCABULARY = re.findall(
    r"\S+", "SELECT name , age FROM singer WHERE > <= ( ) COUNT(*) 'O''Brien' T1.id = 3.5 -- İ é \0 x-y"
)
EDGES = ["", " ", ";", "İ", "\u212a", "ß", "\0", "a", "A_b", "a-b", "1.5", "SELECT", "select  *\n\tfrom t"]


def test_the_gold_text_scores_one_and_an_empty_answer_zero(make_rollout):
    assert rouge_l(make_rollout()) == 1.0
    assert rouge_l(make_rollout("")) == 0.0


def test_operators_are_invisible_to_it(make_rollout):
    assert rouge_l(make_rollout("SELECT name FROM singer WHERE age < 30")) == 1.0


def test_it_scores_as_rouge_score_does_on_random_pairs_and_edges():
    scorer = pytest.importorskip("rouge_score.rouge_scorer").RougeScorer(["rougeL"])
    pick = random.Random(0)
    pairs = [(a, b) for a in EDGES for b in EDGES]
    for _ in range(3000):
        sides = (" ".join(pick.choices(VOCABULARY, k=pick.randint(0, 30))) for _ in range(2))
        pairs.append(tuple(sides))
    for pair in pairs:
        assert f_measure(*pair) == scorer.score(*pair)["rougeL"].fmeasure, pair


def test_a_rambling_completion_of_four_thousand_tokens_costs_milliseconds():
    text = " ".join(f"t{i % 97}" for i in range(4000))
    start = time.process_time()
    assert f_measure(text, text[::-1]) >= 0.0
    assert time.process_time() - start < 1.0
