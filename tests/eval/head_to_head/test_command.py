"""The command as a person runs it: runs and samples in, one verdict and three files out, or a sentence why not."""

import json
import re
from pathlib import Path

import pytest

from eval.head_to_head.__main__ import main
from eval.scoring import scores_beside
from policy.config_error import ConfigError


def told(folder: Path) -> dict:
    return json.loads((folder / "head_to_head.json").read_text())


def test_who_is_better_by_how_much_how_sure_and_on_what(contest, answers, tmp_path, capsys):
    made = contest(12)
    worse, better = made.run("sft", answers("rrwwwwwwffff")), made.run("grpo", answers("rrrrrrrrrrff"))
    main([str(worse), str(better), "--output", str(tmp_path / "out")])
    said = capsys.readouterr().out
    assert said.startswith(
        "grpo is better than sft by 66.7 points (83.3% against 16.7%), 95% interval [41.7, 91.7], p = 0.0078, "
        "on 12 test questions of jsonl, one seed each.\n"
    )
    found = told(tmp_path / "out")
    (pair,) = found["pairs"]
    assert pair["difference"]["gained"] == 8 and pair["difference"]["lost"] == 0 and pair["sure"]
    assert pair["mended"] == {"filter": 6, "hallucinated column": 2} and pair["broken"] == {}
    assert found["policies"][0]["outcomes"] == {"filter": 6, "hallucinated column": 4, "right": 2}
    assert found["policies"][1]["costs"][0] | {"command": "", "began_from": ""} == {
        "training_seconds": 120.0, "steps": 60, "training_tokens": 4000.0, "peak_mib": 512.4, "answer_tokens": None,
        "trainable_parameters": 10, "parameters": None, "latency": None, "latency_p50": None, "latency_p95": None,
        "answers_per_second": None, "answering_mib": None, "measured_on": "", "hardware": "2 CPU cores",
        "commit": "abcdef0", "command": "", "began_from": "",
    }  # fmt: skip


def test_page_markdown_and_json_say_the_very_same_numbers(contest, answers, tmp_path):
    made = contest(12)
    runs = [made.run(f"r{i}", answers(one)) for i, one in enumerate(("rrwwwwwwffff", "rrrrrrrrrrff", "rrrrrrrrrrrf"))]
    main([*map(str, runs), "--output", str(tmp_path / "out")])
    found = told(tmp_path / "out")
    page, plain = ((tmp_path / f"out/head_to_head.{end}").read_text() for end in ("html", "md"))
    text = re.sub(r"<[^>]+>", " ", page).replace("&nbsp;", " ")
    assert found["verdict"].replace(" points (", " points  (") in text.replace("points (", "points  (") and found[
        "verdict"
    ] in plain.replace("\\", "")
    for one in (*found["policies"], *found["pairs"]):
        share = one.get("accuracy") or one["difference"]
        form = "{:.1f} [{:.1f}, {:.1f}]" if "accuracy" in one else "{:+.1f} [{:+.1f}, {:+.1f}]"
        shown = form.format(*(100 * share[key] for key in ("mean", "low", "high"))).replace("+0.0", "0.0")
        assert shown in text and shown in plain.replace("\\", ""), shown
    ps = [pair["p_holm"] for pair in found["pairs"]]
    assert ps == pytest.approx([2 * 2 / 2**8, 3 * 2 / 2**9, 1.0])


def test_swapped_it_says_the_same_the_other_way_round(contest, answers, tmp_path):
    made = contest(12)
    one, two = made.run("one", answers("rrwwwwrrffff")), made.run("two", answers("wrrrrrrrrfff"))
    main([str(one), str(two), "--output", str(tmp_path / "there")])
    main([str(two), str(one), "--output", str(tmp_path / "back")])
    there, back = (told(tmp_path / name)["pairs"][0]["difference"] for name in ("there", "back"))
    assert (there["mean"], there["low"], there["high"]) == (-back["mean"], -back["high"], -back["low"])
    assert (there["p"], there["detectable"], there["gained"]) == (back["p"], back["detectable"], back["lost"])


def test_what_a_small_test_cannot_tell_it_does_not(contest, answers, capsys):
    made = contest(12)
    main([str(made.run("a", answers("rrrrrrrwwwww"))), str(made.run("b", answers("rrrrrrrrwwwr")))])
    said = capsys.readouterr().out
    assert said.startswith(
        "This test cannot tell b from a (75.0% against 58.3%): +16.7 points, 95% interval [-14.3, +42.9], p = 0.5; "
    )
    assert "it can see differences above" in said
    assert (made.folder / "runs/a_vs_b/head_to_head.html").is_file(), "beside the first run"


def test_seeds_of_a_policy_are_pooled_and_flips_show_who_wrote_what(contest, answers, tmp_path):
    made = contest(6)
    before = [made.run(f"sft_{i}", answers(one)) for i, one in enumerate(("rrrwww", "rrrwwf"), 1)]
    after = [made.run(f"dpo_{i}", answers(one)) for i, one in enumerate(("rrrrww", "rrwrrw"), 1)]
    main([",".join(map(str, before)), "New=" + ",".join(map(str, after)), "--output", str(tmp_path / "out")])
    found = told(tmp_path / "out")
    assert [one["name"] for one in found["policies"]] == ["sft", "New"]
    (pair,) = found["pairs"]
    assert pair["difference"]["mean"] == pytest.approx((2 + 1 - 1) / 12) and pair["difference"]["pairs"] == 6
    assert pair["each_seed"] == [[pytest.approx(1 / 6), 1, 0], [pytest.approx(1 / 6), 2, 1]]
    assert [(flip["example"], flip["change"]) for flip in pair["flips"]] == [("q3", 1.0), ("q2", -0.5), ("q4", 0.5)]
    assert [one["seeds"] for one in pair["flips"][0]["before"]] == [[1, 2]]
    assert sorted((one["seeds"], one["right"]) for one in pair["flips"][1]["after"]) == [([1], True), ([2], False)]


def test_questions_that_grade_nobody_are_listed_and_leave_every_denominator_alike(contest, answers, tmp_path, capsys):
    made = contest(6, q0="SELECT nothing FROM nowhere")
    main([str(made.run("a", answers("rrrrww"))), str(made.run("b", answers("rrrrrw"))), "--output", f"{tmp_path}/out"])
    found = told(tmp_path / "out")
    assert found["questions"] == 5 and list(found["unscored"]) == ["q0"]
    assert "does not run" in found["unscored"]["q0"] or "nowhere" in found["unscored"]["q0"]
    assert [one["accuracy"]["scored"] for one in found["policies"]] == [5, 5]
    for end in ("html", "md"):
        text = (tmp_path / f"out/head_to_head.{end}").read_text()
        assert "q0" in text and "Left out" in text
    assert "on 5 test questions" in capsys.readouterr().out


def test_samples_and_a_run_can_be_compared_and_tables_are_executed_on_demand(contest, answers, tmp_path):
    made = contest(4)
    given = [str(made.samples("greedy", answers("rwwf"))), str(made.run("grpo", answers("rrrr")))]
    main([*given, "--output", str(tmp_path / "plain")])
    (flip, *_) = told(tmp_path / "plain")["pairs"][0]["flips"]
    assert flip["before"][0]["table"] is None and flip["asked"]["gold"] == "SELECT name FROM items WHERE price = 4"
    main([*given, "--output", str(tmp_path / "full"), "--tables"])
    (flip, _, fails) = told(tmp_path / "full")["pairs"][0]["flips"]
    assert flip["before"][0]["table"] == [["pen"], ["cup"], ["map"], ["hat"]] and flip["before"][0]["rows"] == 4
    assert flip["expected"] == flip["after"][0]["table"] == [["cup"], ["map"]]
    assert fails["before"][0]["table"] is None and fails["before"][0]["told"] == "no such column: nam"
    assert "hat" in (tmp_path / "full/head_to_head.html").read_text()


def test_a_policy_is_called_by_its_folder_and_a_file_of_another_name_by_both(contest, answers, tmp_path):
    made = contest(4)
    files = [made.samples(name, answers("rwwf")) for name in ("one", "two", "three")]
    places = [
        tmp_path / "runs/sft/eval/samples.jsonl",
        tmp_path / "theirs/samples.jsonl",
        tmp_path / "theirs/dev.jsonl",
    ]
    for file, place in zip(files, places, strict=True):
        place.parent.mkdir(parents=True, exist_ok=True)
        scores = scores_beside(file)
        file.rename(place)
        scores.rename(scores_beside(place))
    main([*map(str, places), "--output", str(tmp_path / "out")])
    assert [one["name"] for one in told(tmp_path / "out")["policies"]] == ["sft", "theirs", "theirs/dev"]


def test_what_cannot_be_compared_is_refused_with_a_sentence(contest, answers, tmp_path):
    made = contest(4)
    a = made.run("a", answers("rrww"))
    fewer = made.run("fewer", answers("rrw"))
    loose = made.run("loose", answers("rrww"), prompt="loose")
    spider = made.run("spider", answers("rrww"), comparison="spider")
    old, other = made.run("old", answers("rrww")), made.run("other", answers("rrww"))
    for run, was, now in ((old, '"contract": 2', '"contract": 1'), (other, '"question": "q1"', '"question": "?"')):
        rows = (run / "eval/after.jsonl").read_text()
        (run / "eval/after.jsonl").write_text(rows.replace(was, now))
    (unfinished := tmp_path / "runs/unfinished").mkdir()
    (unfinished / "config.yaml").write_text("task: jsonl\n")
    many = made.shop.samples("many.jsonl", {"q0": [("SELECT 1", 0.0), ("SELECT 2", 0.0)]}, 0.0)
    for given, sentence in (
        ([a], "1 policy is named, and a head-to-head takes 2 to 8"),
        ([a, fewer], r"answers 4 questions and .*fewer 3, and 1 of them are not in both \(q3 for one\)"),
        ([a, loose], "prompt is 'strict' in .* and 'loose' in .*: answer both with the same prompt"),
        ([a, spider], "comparison is 'strict' in .* and 'spider' in"),
        ([a, old], "contract is 2 in .* and 1 in .*: score them anew"),
        ([a, other], "q1 has another question or gold in .*other"),
        ([a, unfinished], "holds no eval/after.jsonl: its run has not ended"),
        ([a, tmp_path / "nowhere"], "nothing is at .*nowhere"),
        ([a, tmp_path], "has no config.yaml, so it is no run's folder"),
        ([a, f"b={a},{a}"], "names a run twice: one run would count as two seeds"),
        ([f"x={a}", f"x={fewer}"], "two policies are called x"),
        ([a, "b="], "names no path"),
        ([a, many], "there is no file at .*many_scores.jsonl"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=sentence):
            main([*map(str, given), "--output", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_a_damaged_line_is_a_sentence_and_a_folder_that_cannot_be_written_keeps_what_it_had(contest, answers, tmp_path):
    made = contest(4)
    a, b = made.run("a", answers("rrww")), made.run("b", answers("rrrw"))
    main([str(a), str(b), "--output", str(tmp_path / "out")])
    before = (tmp_path / "out/head_to_head.json").read_bytes()
    (tmp_path / "out/head_to_head.md.partial").mkdir()
    with pytest.raises(ConfigError, match="cannot be written"):
        main([str(b), str(a), "--output", str(tmp_path / "out")])
    assert (tmp_path / "out/head_to_head.json").read_bytes() == before
    assert not (tmp_path / "out/head_to_head.html.partial").exists()
    rows = (b / "eval/after.jsonl").read_text()
    for broken, sentence in (
        (rows[:-40], "line 4 is not what"),
        (rows.replace('"correct": true', '"correct": "yes"', 1), "is not what a run writes .*correct is 'yes'"),
        (rows + rows.split("\n")[0] + "\n", "line 5 answers q0 again"),
        ("", "is empty: the run answered no question"),
    ):
        (b / "eval/after.jsonl").write_text(broken)
        with pytest.raises(ConfigError, match=sentence):
            main([str(a), str(b)])
