"""The table says what the pooled test says of the answers, and the sentence at its end no more than that."""

import json

import numpy as np
import pytest

from eval.ablation.report import markdown, write
from eval.ablation.results import results
from eval.ablation.told import cells, head, notes, verdict
from policy.config_error import ConfigError
from rewards.paired_seeds import holm, pooled_difference

HALF = [at % 2 == 0 for at in range(100)]
BETTER = [one or at % 5 == 1 for at, one in enumerate(HALF)]
BARELY = [*HALF[:99], True]


def test_differences_are_those_of_the_pooled_test_and_holm_counts_the_whole_family(family, ended):
    made = family("seeds: [1, 2]")
    for seed in (1, 2):
        ended(f"small_seed{seed}", BARELY)
        ended(f"middle_seed{seed}", HALF)
        ended(f"large_seed{seed}", BETTER)
    found = results(made, {})
    rows = {row.name: row for row in found.rows}
    before = np.array([HALF, HALF], dtype=int)
    alone = [pooled_difference(before, np.array([one, one], dtype=int), 0.05 / 2) for one in (BARELY, BETTER)]
    assert [rows["small"].difference, rows["large"].difference] == alone
    assert [rows["small"].p_holm, rows["large"].p_holm] == holm([one.p for one in alone])
    assert rows["large"].sure and not rows["small"].sure and rows["middle"].difference is None
    assert (rows["large"].seeds, rows["large"].trainable, rows["large"].minutes) == ((1, 2), 1000, 1.5)
    told = verdict(found)
    assert "Against middle (50.0%) large is better by +10.0" in told and "not told apart: small." in told
    assert "2 seeds each" in told and "It can see differences above" in told


def test_where_nothing_differs_it_says_so_and_what_could_have_been_seen(family, ended):
    made = family()
    for name in ("small", "middle", "large"):
        ended(f"{name}_seed1", BARELY if name == "large" else HALF)
    told = verdict(results(made, {}))
    assert "none of 2 is told apart; the furthest is large, by +1.0" in told
    assert "one" in told and "It can see differences above" in told


def test_a_member_that_failed_is_named_and_the_others_are_compared(family, ended):
    made = family()
    ended("middle_seed1", HALF)
    ended("large_seed1", BETTER)
    failed = {str(made.seeds_of("small")[0].folder): "exit status 1:\nout of memory\n\nall that it said is in log"}
    found = results(made, failed)
    assert [row.name for row in found.rows] == ["middle", "large"]
    assert "out of memory" in markdown(found) and "large is better" in verdict(found)
    of_reference = {str(made.seeds_of("middle")[0].folder): "killed"}
    ended("small_seed1", HALF)
    assert verdict(results(made, of_reference)).startswith("Nothing is compared: middle did not end")
    of_others = {str(made.seeds_of(name)[0].folder): "killed" for name in ("small", "large")}
    assert verdict(results(made, of_others)).startswith("Nothing is compared: no other member ended")


def test_prompts_may_differ_and_the_untrained_are_compared_with_the_untrained(family, ended):
    runs = "runs: {strict: {prompt: strict}, loose: {prompt: loose}}"
    made = family(runs, "reference: strict", "untrained: true")
    for name, before, after in (("strict", HALF, BETTER), ("loose", BARELY, BETTER)):
        ended(f"{name}_seed1", before, "before", prompt=name)
        ended(f"{name}_seed1", after, prompt=name)
    rows = {(row.name, row.answered): row for row in results(made, {}).rows}
    assert rows["loose", "before"].difference.mean == pytest.approx(0.01)
    assert rows["loose", "after"].difference.mean == 0
    assert rows["loose", "before"].minutes is None, "an untrained model cost nothing here"


def test_other_questions_are_refused_and_what_has_no_ruler_counts_for_none(family, ended):
    made = family()
    ended("small_seed1", [*HALF[:99], None])
    ended("middle_seed1", HALF)
    ended("large_seed1", HALF)
    ended("middle_seed1", BETTER, "before")
    found = results(made, {})
    assert (found.questions, found.unscored) == (99, 1)
    assert found.begun == pytest.approx(sum(BETTER[:99]) / 99) and "middle before its training: 60.6%" in notes(found)
    ended("large_seed1", HALF[:50])
    with pytest.raises(ConfigError, match="both must answer the same questions"):
        results(made, {})


def test_page_table_and_json_hold_the_same_numbers(family, ended, tmp_path):
    made = family("question: Does <b>it</b> | matter?")
    for name in ("small", "middle", "large"):
        ended(f"{name}_seed1", BETTER if name == "large" else HALF)
    found = results(made, {})
    page = write(tmp_path / "told", found).read_text()
    text = (tmp_path / "told/ablation.md").read_text()
    kept = json.loads((tmp_path / "told/ablation.json").read_text())
    assert kept["rows"][2]["difference"]["mean"] == 0.1 and kept["verdict"] == verdict(found)
    for row in found.rows:
        assert len(cells(found, row)) == len(head(found))
    assert "+10.0 [" in page and "+10.0 \\[" in text
    assert "<b>it</b>" not in page and "script" not in page
    assert page.count("<svg") == 1 and "small" in (tmp_path / "told/ablation.svg").read_text()


def test_members_that_wrote_the_very_same_answers_are_pointed_at(family, ended, tmp_path):
    made = family()
    for name in ("small", "middle", "large"):
        ended(f"{name}_seed1", HALF)
    file = tmp_path / "out/small_seed1/eval/after.jsonl"
    file.write_text(file.read_text().replace("small_seed1", "large_seed1"))
    assert results(made, {}).alike == (("small", "large"),)
    assert "small and large wrote the very same answers" in markdown(results(made, {}))
