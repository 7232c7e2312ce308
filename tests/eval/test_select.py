"""Choosing among samples: votes on results of a real database, the table that a person reads, a real reward model."""

import json
import math
import random
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from envs import tasks
from eval.candidates import Answer
from eval.score import main as score
from eval.select import main
from eval.selection import Question, compare, subsets
from eval.selectors import NAMES, load
from eval.selectors.oracle import pass_at
from policy.config_error import ConfigError
from policy.scores import read

GOLD = "SELECT name FROM items WHERE price = 4"
RIGHT = [GOLD, "SELECT name FROM items WHERE id IN (2, 3) ORDER BY id DESC"]
WRONG = ["SELECT name FROM items WHERE price > 4", "SELECT name FROM items"]
FAILS = "SELECT name FROM item"


def answer(result: str, logprob: float = -1.0, learned: float | None = None, right: bool = False) -> Answer:
    return Answer(f"SELECT '{result}'", result, logprob, 10, learned, right)


def chosen(way: str, *answers: Answer) -> int:
    return load(way).choose(answers)


def scored(shop, golds: dict[str, str], answers: dict[str, list[tuple[str, float]]]) -> Path:
    """Sampled answers and their scores in one folder."""
    samples = shop(golds).samples("samples.jsonl", answers)
    score(["--samples", str(samples)])
    return samples


def test_results_vote_and_texts_do_not(shop):
    five = [(WRONG[0], -0.1), (RIGHT[0], -5.0), (FAILS, -0.2), (RIGHT[1], -6.0), (WRONG[1], -0.3)]
    (one,) = read(path := scored(shop, {"q": GOLD}, {"q": five}), path.with_name("scores.jsonl"))
    assert len({score.result for score in one.scores if score.result}) == 3, "three clusters, and one that did not run"
    answers = [
        Answer(score.sql, score.result, logprob, 10, None, bool(score.correct))
        for score, logprob in zip(one.scores, one.logprobs, strict=True)
    ]
    assert [one.right for one in answers] == [False, True, False, True, False]
    assert chosen("majority", *answers) == 1, "two texts with the same rows in another order outvote the others"
    assert chosen("log_probability", *answers) == 0
    assert chosen("first_that_ran", *answers[2:]) == 1
    assert chosen("oracle", *answers) == 1


def test_of_texts_with_one_result_the_one_written_most_often_is_given_as_it_is_by_a_service():
    up, down = answer("a"), replace(answer("a"), sql="SELECT 'a' ORDER BY 1 DESC")
    for way in ("majority", "member_priority"):
        assert chosen(way, up, down, answer("b"), down) == 1


def test_ties_go_to_the_likelier_result_then_to_the_first():
    a, b = answer("a", -3.0), answer("b", -2.0)
    assert chosen("majority", a, b) == 1
    assert chosen("majority", a, answer("b", -3.0)) == 0
    assert chosen("majority", answer("a", -1.0), b, b, answer("a", -3.5)) == 1, "the mean of a's is -2.25"
    assert chosen("majority", answer("", -0.1), answer("", -0.1), a) == 2, "what did not run has no vote"
    assert chosen("majority", answer("", -3.0), answer("", -0.1)) == 0, "nothing ran: the first"


def test_a_reward_model_chooses_alone_among_those_that_ran_or_as_a_weight_of_votes():
    unread, failed = answer("a", learned=None), answer("", learned=5.0)
    low, high = answer("a", learned=0.0), answer("b", learned=1.0)
    assert chosen("reward_model", unread, low, failed, high) == 2
    assert chosen("reward_model_that_ran", unread, low, failed, high) == 3
    assert chosen("reward_vote", low, high, failed) == 1
    assert chosen("reward_vote", high, low, low) == 1, "2 x 0.5 is more than 0.73"
    assert chosen("reward_vote", high, low, unread, unread) == 0, "what could not be read adds nothing"
    assert chosen("reward_model", unread, unread) == 0


@pytest.mark.parametrize("right", range(6))
def test_the_oracle_is_the_share_of_subsets_that_hold_a_right_answer(right):
    rights = [i < right for i in range(5)]
    for n in range(1, 6):
        found = [any(some) for some in combinations(rights, n)]
        assert pass_at(n, 5, right) == pytest.approx(sum(found) / len(found), abs=1e-12)


def test_subsets_are_all_there_are_or_drawn_alike_every_time():
    assert subsets(8, 4, 0) == list(combinations(range(8), 4))
    drawn = subsets(40, 4, 7)
    assert drawn == subsets(40, 4, 7) != subsets(40, 4, 8) and len(drawn) == 128
    assert all(len(set(some)) == 4 and max(some) < 40 for some in drawn)


def test_every_number_is_that_of_a_plain_count():
    dice = random.Random(5)
    asked: list[Question] = []
    for i in range(60):
        some = [answer(dice.choice(["a", "b", "c", ""]), -dice.random()) for _ in range(5)]
        some = [Answer(one.sql, one.result, one.logprob, 10, None, one.result == "a") for one in some]
        asked.append(Question(str(i), tuple(some), answer(dice.choice("ab"), right=False)))
    found = {(one.way, one.n): one for one in compare(asked, 4, learned=False)}
    expected, differs = 0.0, 0.0
    for one in asked:
        for trio in combinations(one.answers, 2):
            ran = [each for each in trio if each.result] or [trio[0]]
            winner = max(ran, key=lambda each: each.logprob) if len(ran) == 2 else ran[0]
            expected += winner.right / math.comb(5, 2) / 60
            differs += (winner.result != one.greedy.result) / math.comb(5, 2) / 60
    assert found["majority", 2].accuracy.mean == pytest.approx(expected, abs=1e-12)
    assert found["majority", 2].differs == pytest.approx(differs, abs=1e-12)
    singles = [one.right for each in asked for one in each.answers]
    assert found["first", 1].accuracy.mean == pytest.approx(sum(singles) / len(singles), abs=1e-12)
    assert ("first", 2) not in found and ("greedy", 1) in found
    alone = {one.name for one in map(load, NAMES) if not one.learned and one.members == 1}
    assert {way for way, _ in found} == alone | {"greedy"}


@pytest.fixture
def folder(shop) -> Path:
    """Three questions of which one is ungradable, five samples each, and greedy answers."""
    there = shop({"q1": GOLD, "broken": "SELECT x FROM nowhere", "q2": GOLD})
    five = [(WRONG[0], -0.1), (RIGHT[0], -5.0), (FAILS, -0.2), (RIGHT[1], -6.0), (WRONG[1], -0.3)]
    sampled = there.samples("samples.jsonl", {"q1": five, "broken": five, "q2": [(FAILS, -0.5), *five[:4]]})
    greedy = {"q1": [(WRONG[1], -0.3)], "broken": [("SELECT 1", 0.0)], "q2": [(RIGHT[1], -0.1)]}
    there.samples("greedy.jsonl", greedy, temperature=0.0)
    for path in (sampled, sampled.with_name("greedy.jsonl")):
        score(["--samples", str(path)])
    return sampled.parent


def test_the_table_says_what_each_way_is_worth_beside_greedy(folder, capsys):
    main(["--samples", f"{folder}/samples.jsonl", "--greedy", f"{folder}/greedy.jsonl"])
    said = capsys.readouterr().out
    told = json.loads((folder / "selection.json").read_text())
    ways = {(one["way"], one["n"]): one for one in told["chosen"]}
    assert told["questions"] == 2 and list(told["left_out"]) == ["broken"]
    assert ways["greedy", 1]["values"] == [0.0, 1.0]
    assert ways["majority", 5]["values"] == [1.0, 1.0] and ways["majority", 5]["differs"] == 0.5
    assert (ways["majority", 5]["against"]["gained"], ways["majority", 5]["against"]["lost"]) == (1, 0)
    assert ways["oracle", 2]["values"] == pytest.approx([1 - 3 / 10, 1 - 3 / 10])
    assert sorted({n for _, n in ways}) == [1, 2, 4, 5]
    assert (
        "| majority | 5 | 100.0 [" in said and said.split("\n\n| accuracy")[0] in (folder / "selection.md").read_text()
    )
    assert "<svg" in (folder / "selection.svg").read_text() and ">majority<" in (folder / "selection.svg").read_text()


def test_what_does_not_belong_together_is_refused(folder):
    samples, greedy = folder / "samples.jsonl", folder / "greedy.jsonl"
    with pytest.raises(ConfigError, match=r"was sampled at temperature 1\.0"):
        main(["--samples", str(samples), "--greedy", str(samples)])
    with pytest.raises(ConfigError, match="between 1 and 5"):
        main(["--samples", str(samples), "--n", "6"])
    with pytest.raises(ConfigError, match="between 1 and 5"):
        main(["--samples", str(samples), "--n", "0"])
    with pytest.raises(ConfigError, match="cannot be a folder"):
        main(["--samples", str(samples), "--output", str(samples)])
    whole = samples.read_text()
    samples.write_text(whole.replace("sha256:0", "sha256:1", 1))
    with pytest.raises(ConfigError, match="weights is 'sha256:1', and 'sha256:0' for"):
        main(["--samples", str(samples)])
    samples.write_text(whole)
    for name in ("greedy.jsonl", "greedy_scores.jsonl"):
        (folder / name).write_text("".join((folder / name).read_text().splitlines(keepends=True)[:2]))
    with pytest.raises(ConfigError, match="no answer to q2"):
        main(["--samples", str(samples), "--greedy", str(greedy)])
    greedy.write_text(greedy.read_text().replace("sha256:0", "sha256:1"))
    with pytest.raises(ConfigError, match="its weights is 'sha256:1'"):
        main(["--samples", str(samples), "--greedy", str(greedy)])


@pytest.fixture(scope="module")
def reward_model(small_model, tmp_path_factory) -> Path:
    """Random weights and one head, saved as `rl.reward_model` saves its own."""
    import torch
    from transformers import AutoModelForSequenceClassification

    from policy.learned_reward import Asking
    from policy.load import load_tokenizer

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("reward_model")
    model = AutoModelForSequenceClassification.from_pretrained(small_model, num_labels=1)
    model.config.pad_token_id = load_tokenizer(str(small_model)).pad_token_id
    model.save_pretrained(folder)
    load_tokenizer(str(small_model)).save_pretrained(folder)
    Asking("strict", None, None).save(folder)
    return folder


def test_a_reward_model_is_asked_once_and_what_it_said_is_kept(folder, reward_model, tmp_path):
    from policy.learned_reward import LearnedReward

    command = ["--samples", f"{folder}/samples.jsonl", "--greedy", f"{folder}/greedy.jsonl"]
    main([*command, "--reward_model", str(reward_model)])
    kept, table = (folder / "learned.jsonl").read_bytes(), (folder / "selection.json").read_bytes()
    told = json.loads(table)
    scored = read(folder / "samples.jsonl", folder / "scores.jsonl")
    examples = {"q1": 0, "q2": 2}
    ways = {(one["way"], one["n"]): one for one in told["chosen"]}
    asked = {one.id: one for one in tasks.load("jsonl", "test", scored[0].facts["task_path"])}
    opinions = LearnedReward(str(reward_model))
    for place, (name, line) in enumerate(examples.items()):
        logits = opinions.logits([(asked[name], score.sql) for score in scored[line].scores])
        best = max(range(5), key=lambda i: logits[i])
        assert ways["reward_model", 5]["values"][place] == float(scored[line].scores[best].correct)
    assert len(kept.splitlines()) == 3 and told["reward_model"].startswith("sha256:")

    (folder / "learned.jsonl").write_bytes(b"".join(kept.splitlines(keepends=True)[:1]) + b'{"schema": 1, "mod')
    main([*command, "--reward_model", str(reward_model)])
    assert (folder / "learned.jsonl").read_bytes() == kept, "left anywhere it goes on to the same bytes"
    main(command)
    assert (folder / "selection.json").read_bytes() == table, "the table is made again without the model"
