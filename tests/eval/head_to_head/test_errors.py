"""How wrong answers are wrong, by policy and by what was gained and lost; in other words where the task is gone."""

import json
import re

from eval.head_to_head.__main__ import main
from eval.head_to_head.flips import Flip, Written
from eval.head_to_head.flips_by_error import kinds
from eval.head_to_head.policies import Asked
from eval.taxonomy import CLASSES
from eval.taxonomy.meaning import MEANING

WRONG, FAILS = "SELECT name FROM items WHERE price = 5", "SELECT nam FROM items"


def told(folder):
    return json.loads((folder / "head_to_head.json").read_text())


def test_wrong_answers_are_counted_by_their_difference_from_the_gold_in_all_three_files(contest, answers, tmp_path):
    made = contest(8)
    before = [made.run(f"sft_{i}", answers("rrwwwwff") | {"q2": WRONG}) for i in (1, 2)]
    after = [made.run("dpo_1", answers("rrrrrrfw")), made.run("dpo_2", answers("rrrrrrff") | {"q7": "I do not know"})]
    main([",".join(map(str, before)), ",".join(map(str, after)), "--output", str(tmp_path / "out")])
    found = told(tmp_path / "out")
    sft, dpo = (one["outcomes"] for one in found["policies"])
    assert found["compared"] and sft == {"filter": 3, "value": 1, "hallucinated column": 2, "right": 2}
    assert dpo == {"right": 6, "hallucinated column": 1, "filter": 0.5, "prose": 0.5}
    (pair,) = found["pairs"]
    assert (pair["mended"], pair["broken"]) == ({"filter": 3, "value": 1}, {})
    plain = (tmp_path / "out/head_to_head.md").read_text()
    assert "| hallucinated column | 2.0 | 1.0 |" in plain and "| filter | 3 | 0 |" in plain
    assert plain.index("#### sft was wrong by filter: 3 questions") < plain.index("#### sft was wrong by value: 1 q")
    page = re.sub(r"<[^>]+>", " ", (tmp_path / "out/head_to_head.html").read_text())
    assert re.search(r"hallucinated column\s+2\.0\s+1\.0", page) and MEANING["hallucinated column"] in page


def test_where_the_task_is_gone_or_has_changed_the_files_words_stand_and_the_page_says_so(contest, answers, tmp_path):
    made = contest(4)
    given = [str(made.run("a", answers("rrww"))), str(made.run("b", answers("rrrw")))]
    task = made.shop.task.read_text()
    for text, why in ((None, "nothing is there"), (task.replace("price = 4", "price = 5", 1), "another gold of q0")):
        made.shop.task.write_text(text) if text else made.shop.task.unlink()
        main([*given, "--output", str(tmp_path / "out")])
        found = told(tmp_path / "out")
        assert not found["compared"] and found["policies"][0]["outcomes"] == {"right": 2, "more or fewer rows": 2}
        for end in ("html", "md"):
            told_so = (tmp_path / f"out/head_to_head.{end}").read_text()
            assert "judge" in told_so and why in told_so.replace("\\", "")


def test_some_flips_of_every_error_come_before_more_of_any():
    flips = [flip(number, "filter" if number < 40 else f"error {number}") for number in range(44)]
    found = kinds(flips, True, 20)
    assert [(one.error, one.count, len(one.shown)) for one in found][:2] == [("filter", 40, 16), ("error 40", 1, 1)]
    assert sum(len(one.shown) for one in found) == 20 and kinds(flips, False, 20) == []
    fewer = {one.example for kind in kinds(flips, True, 9) for one in kind.shown}
    assert fewer < {one.example for kind in found for one in kind.shown}, "what --tables executes holds what is shown"


def flip(number: int, error: str) -> Flip:
    wrong, right = (Written("", (1,), one, error, (), "", 0, 0, None) for one in (False, True))
    return Flip(f"q{number}", 1.0, Asked(), (wrong,), (right,))


def test_predictions_made_elsewhere_which_have_no_tokens_are_compared(contest, answers, tmp_path):
    made = contest(3)
    given = [made.samples(name, answers(rights)) for name, rights in (("a", "rww"), ("b", "rrw"))]
    for file in given:
        file.write_text(file.read_text().replace('"tokens": 10', '"tokens": null'))
    main([*map(str, given), "--output", str(tmp_path / "out")])
    assert told(tmp_path / "out")["policies"][0]["costs"][0]["answer_tokens"] is None


def test_every_error_has_a_meaning():
    assert tuple(MEANING) == CLASSES
