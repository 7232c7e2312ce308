"""Pools of samples: equal shares, numbers that a plain count gives too, a verdict, and what cannot be pooled."""

import json
import random
from itertools import combinations, product
from pathlib import Path

import pytest

from eval.candidates import Answer
from eval.pool.comparison import against_mean, against_members, lines_of, sign_flip
from eval.pool.disagreement import disagreement
from eval.pool.members import Asked
from eval.pool.names import names
from eval.pool.subsets import pooled_pass_at, pooled_subsets, shares
from eval.pool.weights import agreements
from eval.score import main as score
from eval.select import main
from eval.selectors import load
from policy.config_error import ConfigError
from policy.scores import fingerprint

GOLD = "SELECT name FROM items WHERE price = 4"
OTHER = "SELECT name FROM items"
FAILS = "SELECT name FROM item"


def answer(result: str, member: int = 0, right: bool = False, **more: float) -> Answer:
    return Answer(f"SELECT '{result}'", result, more.pop("logprob", -1.0), 10, None, right, member, **more)


def chosen(way: str, *answers: Answer) -> int:
    return load(way).choose(answers)


def test_each_member_gives_an_equal_share_and_what_is_left_over_is_anybodys_turn():
    assert shares(8, 2) == [(4, 4)]
    assert sorted(shares(8, 3)) == [(2, 3, 3), (3, 2, 3), (3, 3, 2)]
    assert sorted(shares(1, 3)) == [(0, 0, 1), (0, 1, 0), (1, 0, 0)]
    whole = pooled_subsets(3, 2, 3, 0)
    expected = {
        tuple([(0, at) for at in ours] + [(1, at) for at in theirs])
        for one, other in ((1, 2), (2, 1))
        for ours, theirs in product(combinations(range(3), one), combinations(range(3), other))
    }
    assert set(whole) == expected and len(whole) == len(expected)
    drawn = pooled_subsets(8, 3, 8, 5)
    counts = [tuple(sum(member == who for member, _ in some) for who in range(3)) for some in drawn]
    assert len(drawn) >= 128 and len(set(map(counts.count, shares(8, 3)))) == 1, "every way of sharing as often"
    assert all(len(set(some)) == 8 for some in drawn) and drawn == pooled_subsets(8, 3, 8, 5)


def test_the_oracle_of_a_pool_is_the_share_of_subsets_that_hold_a_right_answer():
    for ours, theirs, n in product(range(4), range(4), (1, 2, 3, 4)):
        rights = ([at < ours for at in range(3)], [at < theirs for at in range(3)])
        some = pooled_subsets(3, 2, n, 0)
        found = sum(any(rights[member][at] for member, at in one) for one in some) / len(some)
        assert pooled_pass_at(n, 3, (ours, theirs)) == pytest.approx(found, abs=1e-12)


def test_policies_weigh_by_order_by_agreement_or_by_other_questions():
    a, b = answer("a", 1, logprob=-0.1), answer("b", 0, logprob=-9.0)
    assert chosen("majority", a, b) == 0 and chosen("member_priority", a, b) == 1
    assert chosen("member_priority", a, answer("a", 1), b) == 0, "votes count before the order"
    light, heavy = {"weight": 0.3, "agreement": 0.9}, {"weight": 0.7, "agreement": 0.2}
    three = (answer("a", 0, **light), answer("a", 0, **light), answer("b", 1, **heavy))
    assert chosen("weighted_vote", *three) == 2 and chosen("agreement_vote", *three) == 0


def test_a_members_agreement_is_that_with_the_others_where_both_ran():
    asked = [
        Asked("q1", ((answer("a"), answer("")), (answer("a", 1), answer("b", 1)), (answer("b", 2),) * 2)),
        Asked("q2", ((answer(""),) * 2, (answer("c", 1),) * 2, (answer("c", 2),) * 2)),
    ]
    assert agreements(asked) == pytest.approx([(0.5 + 0.0) / 2, (0.5 + 0.5 + 1.0) / 3, (0.0 + 0.5 + 1.0) / 3])


def by_dice(questions: int = 40) -> list[Asked]:
    dice = random.Random(3)
    return [
        Asked(
            str(at),
            tuple(
                tuple(
                    answer(result, member, result == "a", logprob=-dice.random())
                    for result in dice.choices(["a", "b", ""], weights, k=3)
                )
                for member, weights in enumerate(([3, 2, 1], [1, 1, 2]))
            ),
        )
        for at in range(questions)
    ]


def test_the_number_of_a_pool_is_that_of_a_plain_count():
    asked = by_dice()
    lines = {(one.member, one.way, one.n): one for one in lines_of(asked, 2, False, False, 0)}
    expected = 0.0
    for one in asked:
        for pair in product(*one.answers):
            ran = [each for each in pair if each.result] or [pair[0]]
            expected += max(ran, key=lambda each: each.logprob).right / 9 / len(asked)
    assert lines[None, "majority", 2].accuracy.mean == pytest.approx(expected, abs=1e-12)
    alone = sum(
        max([each for each in pair if each.result] or [pair[0]], key=lambda each: each.logprob).right
        for one in asked
        for pair in combinations(one.answers[1], 2)
    )
    assert lines[1, "majority", 2].accuracy.mean == pytest.approx(alone / 3 / len(asked), abs=1e-12)
    assert lines[None, "first", 1].accuracy.mean == pytest.approx(
        sum(each.right for one in asked for some in one.answers for each in some) / 6 / len(asked)
    )
    found = against_members(list(lines.values()), 2)
    assert {one.way for one in found if one.member_way != one.way} == {"member_priority"}
    assert [one.member for one in found if one.best and one.way == "majority"] == [0]
    mean = (lines[0, "majority", 2].accuracy.mean + lines[1, "majority", 2].accuracy.mean) / 2
    assert against_mean(list(lines.values()), 2).mean == pytest.approx(expected - mean, abs=1e-12)
    apart = disagreement(asked)
    assert apart.only_some_right == pytest.approx(apart.pairs[0].only_first + apart.pairs[0].only_second)
    assert apart.pairs[0].differ == apart.any_differ > apart.only_some_right > 0


def test_a_sign_flip_is_exact_within_its_draws():
    assert sign_flip([0.0] * 5, [0.0] * 5) == 1.0
    assert sign_flip([0.0] * 6, [1.0] * 6) == pytest.approx(2 / 2**6, abs=0.004)
    assert sign_flip([0.0] * 5, [1.0, 0.5, 0.5, 0.5, -0.5]) == pytest.approx(10 / 32, abs=0.012)


def test_members_have_the_shortest_names_that_tell_them_apart():
    one, other = {"policy": "runs/a/policy", "prompt": "strict"}, {"policy": "runs/b/policy", "prompt": "strict"}
    assert names([one, other]) == ["a", "b"]
    assert names([one, one | {"prompt": "loose"}]) == ["a, prompt strict", "a, prompt loose"]
    assert names([one, one]) == ["a, 1", "a, 2"]
    assert names([one, {"policy": "old/a/policy"}]) == ["runs/a/policy", "old/a/policy"]


IDS = [f"q{at}" for at in range(24)]


@pytest.fixture
def pair(shop) -> list[Path]:
    """Two policies that each know half of the questions and write what does not run for the others; and a third."""
    there = shop(dict.fromkeys([*IDS, "other"], GOLD) | {"broken": "SELECT x FROM nowhere"})
    files = []
    for place in range(2):
        known = {name: [(GOLD if at % 2 == place else FAILS, -1.0)] * 2 for at, name in enumerate(IDS)}
        path = there.samples(f"{place}.jsonl", known | {"broken": [(OTHER, -1.0 - place)] * 2})
        path.write_text(
            path.read_text().replace('"policy": "p"', f'"policy": "p{place}"').replace("ha256:0", f"ha256:{place}")
        )
        files.append(path)
    other = there.samples("2.jsonl", {"other": [(GOLD, -1.0), (OTHER, -1.0), (FAILS, -1.0)]})
    for path in (*files, other):
        score(["--samples", str(path)])
    return [*files, other]


def told(pair: list[Path]) -> dict:
    return json.loads((pair[0].parent / "pool.json").read_text())


def test_a_pool_of_complements_beats_its_best_member(pair, capsys):
    main(["--samples", str(pair[0]), str(pair[1])])
    said, found = capsys.readouterr().out, told(pair)
    assert "The pool beats its best member, p0: by majority of 2 samples 100.0% against 50.0%, +50.0 [" in said
    assert "100.0% of the questions, and among 2 of the member that has most of them for 50.0%" in said
    assert "differ on 100.0% of the questions; on 100.0% some are right and some wrong" in said
    assert list(found["left_out"]) == ["broken"] and found["questions"] == 24
    assert said.split("\n\n| accuracy by n")[0] in (pair[0].parent / "pool.md").read_text()
    assert ">pool: majority<" in (pair[0].parent / "pool.svg").read_text()


def test_weights_come_from_other_questions_only(pair):
    files = [str(path) for path in pair[:2]]
    for place in range(2):
        path = pair[2].with_name(f"other_{place}.jsonl")
        path.write_text(pair[2].read_text().replace("ha256:0", f"ha256:{place}"))
        if place:
            path.write_text(path.read_text().replace(f'"{OTHER}"', f'"{GOLD}"'))
        score(["--samples", str(path)])
    others = [str(pair[2].with_name(f"other_{place}.jsonl")) for place in range(2)]
    main(["--samples", *files, "--fitted_on", *others])
    assert [one["weight"] for one in told(pair)["members"]] == [0.5, 1.0]
    assert "weighted_vote" in {one["way"] for one in told(pair)["against"]}
    for path in pair[:2]:  # both run now, and one vote stands against one
        path.write_text(path.read_text().replace(f'"{FAILS}"', f'"{OTHER}"'))
        path.with_name(f"{path.stem}_scores.jsonl").unlink()
        score(["--samples", str(path)])
    main(["--samples", *files, "--fitted_on", *others])
    by = {(one["member"], one["way"]): one["values"] for one in told(pair)["lines"] if one["n"] == 2}
    assert by[None, "member_priority"] == by[0, "majority"] != by[1, "majority"] == by[None, "weighted_vote"]
    with pytest.raises(ConfigError, match=r"answers \w+ too, which the pool is judged by"):
        main(["--samples", *files, "--fitted_on", *files])
    with pytest.raises(ConfigError, match="weights of p0 is 'sha256:1' there"):
        main(["--samples", *files, "--fitted_on", *reversed(others)])
    with pytest.raises(ConfigError, match="names 1 files and --samples 2"):
        main(["--samples", *files, "--fitted_on", others[0]])


def test_a_reward_model_that_was_asked_chooses_in_the_pool_too(pair):
    lines = []
    for path in pair[:2]:
        for line in map(json.loads, path.read_text().splitlines()):
            texts = [one["text"] for one in line["completions"]]
            logits = [3.0 if text == FAILS else -3.0 for text in texts]
            lines.append({"schema": 1, "model": "m", "example": line["example"], "of": fingerprint(texts)})
            lines[-1]["logits"] = logits
    (pair[0].parent / "learned.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    main(["--samples", str(pair[0]), str(pair[1])])
    found = {(one["member"], one["way"]): one["accuracy"]["mean"] for one in told(pair)["lines"] if one["n"] == 2}
    assert found[None, "reward_model"] == 0.0 and found[None, "reward_model_that_ran"] == 1.0
    assert found[None, "reward_vote"] == 1.0 and told(pair)["reward_model"] == "m"


def test_what_cannot_be_pooled_is_refused_in_a_sentence(pair):
    one, other, third = map(str, pair)
    with pytest.raises(ConfigError, match=r"answers 25 questions and .* 1, and 26 of them are not in both"):
        main(["--samples", one, third])
    with pytest.raises(ConfigError, match="the same completions as"):
        main(["--samples", one, one])
    with pytest.raises(ConfigError, match="--greedy goes with the samples of one policy"):
        main(["--samples", one, other, "--greedy", one])
    with pytest.raises(ConfigError, match="--fitted_on weighs the members of a pool"):
        main(["--samples", one, "--fitted_on", third])
    with pytest.raises(ConfigError, match="must be between 2, one of each member, and 2"):
        main(["--samples", one, other, "--n", "3"])
    with pytest.raises(ConfigError, match="--scores names 1 files and --samples 2"):
        main(["--samples", one, other, "--scores", one])
    scores = pair[1].with_name("1_scores.jsonl")
    scores.write_text(scores.read_text().replace('"comparison": "strict"', '"comparison": "lenient"'))
    with pytest.raises(ConfigError, match=r"comparison is 'strict' in .* and 'lenient' in"):
        main(["--samples", one, other])
