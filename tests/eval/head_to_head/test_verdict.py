"""One sentence for every way in which it can end."""

from collections import defaultdict

import pytest

from eval.head_to_head.comparison import compare
from eval.head_to_head.policies import Asked
from eval.head_to_head.same_questions import matched
from eval.head_to_head.verdict import verdict


@pytest.mark.parametrize(
    ("rights", "sentence"),
    [
        ((100, 140), "b is better than a by 20.0 points (70.0% against 50.0%), 95% interval [14.5, 25.5], p < 0.0001"),
        ((140, 100), "a is better than b by 20.0 points (70.0% against 50.0%), 95% interval [14.5, 25.5], p < 0.0001"),
        ((100, 101), "This test cannot tell b from a (50.5% against 50.0%): +0.5 points, 95% interval [-1.0, +2.5]"),
        ((100, 102, 120), "c, with 60.0%, is better than a by 10.0 and b by 9.0 points, all p < 0.0001"),
        ((100, 119, 120), "c is better than a by 10.0 points (60.0% against 50.0%), 95% interval [6.0, 14.5]"),
        ((100, 101, 102), "This test cannot tell any of them apart: c, highest with 51.0%, cannot be told from a and"),
    ],
)  # fmt: skip
def test_the_verdict(contestant, rights, sentence):
    policies = [contestant(name, [i < n for i in range(200)]) for name, n in zip("abc", rights, strict=False)]
    said = verdict(compare(policies, matched(policies), defaultdict(Asked), []))
    assert said.startswith(sentence) and said.endswith(", on 200 test questions of t, one seed each.")


def test_the_highest_may_be_told_from_nobody_while_others_are(contestant):
    steady = [i < 100 for i in range(200)]
    better = [i < 110 for i in range(200)]
    wild = [i < 50 or i >= 138 for i in range(200)]
    policies = [contestant(name, one) for name, one in (("a", steady), ("b", better), ("c", wild))]
    said = verdict(compare(policies, matched(policies), defaultdict(Asked), []))
    assert said.startswith(
        "No single best: b is better than a by 5.0 points (55.0% against 50.0%), 95% interval [2.0, "
    )
    assert "; c, highest with 56.0%, cannot be told from a and b, on " in said
