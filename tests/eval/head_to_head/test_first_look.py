"""The four questions of somebody who opens the report are answered on the first screen and in the first lines."""

import re

import numpy as np
import pytest

from eval.head_to_head.asked import about
from eval.head_to_head.comparison import compare
from eval.head_to_head.first_look import first_look
from eval.head_to_head.markdown import markdown
from eval.head_to_head.page import page
from eval.head_to_head.policies import Asked
from eval.head_to_head.same_questions import matched
from policy.task_fields import TaskFields

ASKED = {f"q{i}": Asked() for i in range(40)}


def looked(*policies):
    found = compare(policies, matched(policies), ASKED, [], about="a few questions")
    return found, {one.asked: (one.answer, one.told) for one in first_look(found)}


def test_which_by_how_much_how_sure_and_on_what(contestant):
    found, told = looked(contestant("sft", np.arange(40) < 20), contestant("grpo", np.arange(40) < 30))
    assert told == {
        "Which is better?": ("grpo", "grpo answers 75.0% right, sft 50.0%"),
        "By how much?": (
            "+25.0 points",
            "grpo less sft, 95% interval +12.5 to +40.0; 10 questions gained, 0 lost",
        ),
        "How sure?": (
            "p = 0.002",
            "equal policies would differ this much about once in 512 such tests; a test like this finds a difference "
            f"of {100 * found.pairs[0].difference.detectable:.1f} points four times of five",
        ),
        "On what?": ("40 questions", "the test split of t (a few questions); one seed each"),
    }
    first = markdown(found).split("\n")[:10]
    text = re.sub(r"<[^>]+>", " ", page(found))
    for asked, (answer, said) in told.items():
        assert any(line.startswith(f"- **{asked}** {answer}") for line in first)
        assert answer in text and said in text


def test_where_nothing_can_be_told_it_says_so(contestant):
    _, told = looked(contestant("a", np.arange(40) < 20), contestant("b", np.arange(40) < 21))
    assert told["Which is better?"][0] == "not known"
    assert told["Which is better?"][1].startswith("no difference that this test can see: b answers 52.5% right")


@pytest.mark.parametrize(("order", "sign"), [((0, 1, 2), 1), ((2, 1, 0), -1)])
def test_of_several_the_best_is_held_against_the_next_in_whatever_order_they_were_given(contestant, order, sign):
    three = [contestant(name, np.arange(40) < right) for name, right in (("a", 10), ("b", 30), ("c", 31))]
    _, told = looked(*(three[place] for place in order))
    assert told["Which is best?"] == ("not known", "c is highest with 77.5% right, then b with 75.0%")
    assert told["By how much?"][0] == "+2.5 points" and "c over b" in told["By how much?"][1]
    low, high = map(float, re.findall(r"[+-]?\d+\.\d", told["By how much?"][1].split("interval")[1]))
    assert low <= 0 < high, sign
    assert told["How sure?"][0] == "2 of 3 pairs differ"


def test_where_the_questions_come_from_is_the_end_of_a_path_or_what_the_task_says_of_itself(tmp_path):
    assert about(TaskFields(task="spider", task_path="/data/spider/dev.json")) == "spider/dev.json"
    assert about(TaskFields(task="worlds")).startswith("the bundled task: invented databases")
    assert about(TaskFields(task="no_such_task")) == ""
