"""Several ways of asking the bundled seedling, pooled: who wrote what, who voted for what, and what a repair asks."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from envs.example import Example
from policy import vote
from policy.config_error import ConfigError
from serve.answer import Candidate
from serve.ask import main
from serve.asker import Asker
from serve.ballot import ballot
from serve.opinions import weights
from serve.writer import Asking

from .conftest import LIMITS, shop_at

BOTH = [Asking(prompt="strict"), Asking(prompt="loose")]
STRICT, LOOSE = "policy/seedling [strict]", "policy/seedling [loose]"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop_at(tmp_path_factory.mktemp("shop") / "shop.sqlite")


def test_each_writes_its_share_and_the_results_vote_together(database: Path):
    with Asker(["policy/seedling"], database, asking=BOTH, samples=7, limits=LIMITS) as asker:
        answer = asker.ask("Show the names of all customers.")
        asked = [one for one in answer.candidates if not one.repaired]
        assert [one.policy for one in asked] == [STRICT] * 4 + [LOOSE] * 3, "one more of the one named first"
        assert [one.votes for one in asked] == vote.votes([one.result for one in asked])
        assert {one.votes for one in asked} - {0}, "something ran"
        best = max(one.votes for one in asked)
        assert answer.sql in {one.sql for one in asked if one.votes == best}
        asker.samples = 1
        with pytest.raises(ConfigError, match="samples is 1, and 2 policies are asked"):
            asker.ask("How many customers are there?")


def test_a_repair_is_asked_of_the_policy_that_wrote_the_query(database: Path):
    with Asker("policy/seedling", database, asking=BOTH, limits=LIMITS) as asker:
        (repaired,) = [one for one in asker.ask("What is the age of Ann?").candidates if one.repaired]
        assert repaired.policy == STRICT, "nothing ran, and it was first"
        example = Example("q", "What is the age of Ann?", asker.database, asker.schema(), "", "", "sqlite")
        writer = asker._writer
        before = writer.write(example, 2, 1.0, 0)[1]
        again = writer.again(example, before, "no such column: age")
        assert before.by == LOOSE == again.by and again.text
        with pytest.raises(KeyError, match="nobody"):
            writer.again(example, replace(before, by="nobody"), "no such column: age")


def test_without_a_number_each_writes_its_greedy_query(database: Path):
    with Asker("policy/seedling", database, asking=BOTH, limits=LIMITS) as both:
        pooled = both.ask("Show the names of all customers.")
    for way, candidate in zip(BOTH, pooled.candidates, strict=False):
        with Asker("policy/seedling", database, asking=way, limits=LIMITS) as alone:
            assert alone.ask("Show the names of all customers.").candidates[0].sql == candidate.sql


def test_a_policy_that_is_named_twice_is_refused(database: Path):
    with pytest.raises(ConfigError, match="policy/seedling is named twice"):
        main(["--policy", "policy/seedling", "--policy", "policy/seedling", "--database", str(database), "q"])
    with pytest.raises(ConfigError, match="no policy is named"):
        Asker([], database)


def test_the_votes_are_told_with_who_gave_them(database: Path, capsys: pytest.CaptureFixture[str]):
    command = ["--policy", "policy/seedling", "--prompt", "strict", "--prompt", "loose", "--database", str(database)]
    assert main([*command, "--samples", "4", "How many customers are there?"]) == 0
    assert f"4 of 4 votes ({STRICT} 2; {LOOSE} 2): SELECT " in capsys.readouterr().out
    assert main([*command, "--json", "How many customers are there?"]) == 0
    assert [one["policy"] for one in json.loads(capsys.readouterr().out)["candidates"]] == [STRICT, LOOSE]


def test_a_ballot_names_each_result_once_the_heaviest_first():
    a, b = (
        Candidate("A", 1, policy="p", result="a", opinion=0.9),
        Candidate("B", 2, policy="q", result="b", opinion=0.2),
    )
    failed = Candidate("C", 0, "no", policy="q")
    assert ballot([a, b, b, failed]) == [
        "1 of 4 votes (p 1; mean opinion 0.90): A",
        "2 of 4 votes (q 2; mean opinion 0.20): B",
        "1 of 4 returned nothing to vote for (q 1)",
    ]
    assert not ballot([Candidate("A", 2, result="a"), Candidate("A", 2, result="a")]), "one policy: the summary says it"


def test_a_reward_model_weighs_votes_and_one_that_can_read_nothing_does_not():
    assert weights(["a", "", "b"], [0.2, 0.9, None]) == [0.2, 0.9, 0.0]
    assert weights(["a", "", "b"], [None, 0.9, None]) == [1.0, 1.0, 1.0]
    assert weights(["a", "b"], [None, None]) == [1.0, 1.0]


def test_a_real_reward_model_chooses_among_what_ran(database: Path, tmp_path: Path):
    import torch
    from transformers import AutoModelForSequenceClassification

    from policy.learned_reward import Asking as Reading
    from policy.load import load_tokenizer

    torch.manual_seed(4)
    model = AutoModelForSequenceClassification.from_pretrained("policy/seedling", num_labels=1)
    model.config.pad_token_id = load_tokenizer("policy/seedling").pad_token_id
    answers: list[str] = []
    for factor in (20, -1):  # an opinion that outvotes a majority of 10 to 9, and its opposite
        with torch.no_grad():
            model.score.weight *= factor
        model.save_pretrained(folder := tmp_path / str(factor))
        load_tokenizer("policy/seedling").save_pretrained(folder)
        Reading("strict", None, None).save(folder)
        with Asker("policy/seedling", database, samples=32, limits=LIMITS, reward_model=str(folder)) as asker:
            answer = asker.ask("How many customers are there in each city?")
        some = [one for one in answer.candidates if not one.repaired]
        assert all(one.opinion is not None and 0 < one.opinion < 1 for one in some)
        place = vote.heaviest([one.result for one in some], [one.opinion or 0.0 for one in some])
        assert answer.sql == some[place].sql and some[place].error is None
        answers.append(some[place].result)
    assert len(set(answers)) == 2, "the same samples, and opposite opinions"
    with pytest.raises(ConfigError, match="holds no reward model"):
        Asker("policy/seedling", database, reward_model="policy/seedling")
