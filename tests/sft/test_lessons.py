"""What each kind of lesson shows and asks for: repair in the very tokens of the repair round, nothing wrong that is
right, and shares that are kept whatever else is mixed in."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from envs import tasks
from envs.example import Database, Example
from envs.prompt import answer, messages
from envs.sql_env import SqlEnv
from policy.chat import prompt_text, stop_tokens, taught, tokens_of
from policy.config_error import ConfigError
from policy.load import load_tokenizer
from policy.named_policy import named
from policy.task_fields import TaskFields
from policy.turns import Allowance, Turns, Written
from serve.local_writer import LocalWriter
from serve.writer import Asking
from serve.writer import Written as Before
from sft import lessons
from sft.lesson import Given, Lesson, asked_again, taught_lesson
from sft.mistakes import mistakes
from sft.mixture import mixed

SCRIPT = "CREATE TABLE boats (id INTEGER, name TEXT); INSERT INTO boats VALUES (1, 'Ada'), (2, 'b <|im_end|> c');"
GOLD = "SELECT COUNT(*) FROM boats WHERE name <> 'Ada'"
BOAT = Example(
    "boat",
    "How many boats are not called Ada?",
    Database("sqlite", script=SCRIPT),
    "CREATE TABLE boats (id INTEGER, name TEXT);",
    "boats",
    f"{GOLD};",
    "sqlite",
    evidence="called refers to name",
)
TOKENIZER = load_tokenizer("policy/seedling")


@pytest.fixture(scope="module")
def worlds() -> list[Example]:
    return tasks.load("worlds", "train")[:60]


@pytest.fixture(scope="module")
def given(worlds: list[Example]) -> Iterator[Given]:
    with SqlEnv([*worlds, BOAT]) as env:
        env.admit()
        yield Given("strict", 1, env)


def only(kind: str, examples: list[Example], given: Given) -> list[Lesson]:
    return list(lessons.load(kind)(examples, given))


SHOWN = {
    "text_to_sql": (BOAT.question, GOLD),
    "sql_to_text": (GOLD, BOAT.question),
    "evidence": (BOAT.question, BOAT.evidence),
    "syntax": ("SELECT", GOLD),
    "repair": (BOAT.question, GOLD),
}
"""What the user's message begins with, and what is taught."""


@pytest.mark.parametrize("kind", lessons.NAMES)
def test_a_lesson_shows_the_schema_and_never_what_it_asks_for(kind: str, given: Given) -> None:
    (lesson,) = only(kind, [BOAT], given)
    said, wanted = SHOWN[kind]
    system, user = (message["content"] for message in lesson.asked)
    assert BOAT.schema in system and user.startswith(said) and lesson.answer == wanted
    assert wanted not in f"{user}{lesson.turns}"
    one = taught_lesson(TOKENIZER, lesson)
    assert TOKENIZER.decode(one.ids[one.answer_at :]) == f"{wanted}<|im_end|>", "the loss is on the last answer alone"
    loose = only(kind, [BOAT], replace(given, style="loose"))[0].answer
    fenced = kind in ("text_to_sql", "repair", "syntax")
    assert loose == (f"```sql\n{wanted}\n```" if fenced else wanted), "SQL is taught as the prompt asks for it"


def test_text_to_sql_is_to_the_token_what_evaluation_asks_and_a_policy_answers(given: Given) -> None:
    for style in ("strict", "loose"):
        (lesson,) = only("text_to_sql", [BOAT], replace(given, style=style))
        assert taught_lesson(TOKENIZER, lesson) == taught(TOKENIZER, BOAT, style)


WRONG = "SELECT nmae FROM boats", "SELECT name FROM boats", "SELECT name FROM boats WHERE 0"


@pytest.mark.parametrize("wrong", WRONG)
def test_repair_is_taught_in_the_tokens_in_which_turns_and_serve_ask_again(wrong: str, given: Given) -> None:
    (lesson,) = only("repair", [BOAT], replace(given, mistakes={"boat": (wrong,)}))
    one = taught_lesson(TOKENIZER, lesson)
    stop = stop_tokens(TOKENIZER)[-1]
    sent: list[list[int]] = []

    def writes(prompts: list[list[int]], most: int) -> list[Written]:
        sent.extend(prompts)
        return [Written([*tokens_of(TOKENIZER, wrong if len(sent) == 1 else GOLD), stop])]

    turns = Turns(given.env, TOKENIZER, [stop], Allowance(2, 1_000, 400))
    turns.take([("boat", tokens_of(TOKENIZER, prompt_text(TOKENIZER, BOAT, "strict")))], writes)
    assert one.ids[: one.answer_at] == sent[1], "as the second turn"
    writer = LocalWriter(named("policy/seedling"), Asking())
    generate, asked = writer._sampler.generate, []
    writer._sampler.generate = lambda prompts, n, sampling: asked.extend(prompts) or generate(prompts, n, sampling)
    writer.again(BOAT, Before(wrong, True, [*tokens_of(TOKENIZER, wrong), stop]), lesson.turns[0][1])
    assert one.ids[: one.answer_at] == asked[0], "as serve"
    assert "<|im_end|> c" not in TOKENIZER.decode(one.ids), "what a database holds ends no turn"


def test_nothing_is_repaired_that_is_not_wrong_and_what_a_policy_wrote_comes_first(given: Given) -> None:
    real = replace(given, mistakes={"boat": (GOLD, "SELECT SUM(name <> 'Ada') FROM boats", "I do not know")})
    (lesson,) = only("repair", [BOAT], real)
    assert lesson.source == "policy" and lesson.turns[0][0] == "I do not know"
    (lesson,) = only("repair", [BOAT], replace(given, mistakes={"boat": (GOLD,)}))
    assert lesson.source == "corruption"


def test_every_corruption_that_is_taught_is_wrong_and_half_of_them_do_not_run(
    worlds: list[Example], given: Given
) -> None:
    found = only("repair", worlds, given)
    assert len(found) > 50
    played = given.env.play_batch([(one.example, one.turns[0][0]) for one in found])
    assert all(rollout.verdict.correct is False for rollout in played)
    assert 0.3 < sum(not rollout.execution.ok for rollout in played) / len(played) < 0.7
    assert only("repair", worlds, given) == found, "the same when it is made again"
    again = {one.example: one for one in only("repair", worlds, replace(given, around=1))}
    other = sum(again[one.example].turns != one.turns for one in found)
    assert other > len(found) / 2, "another mistake the second time around"


def test_shares_are_kept_and_a_kind_is_the_same_whatever_else_is_mixed_in(worlds: list[Example], given: Given) -> None:
    shares = {"sql_to_text": 0.25, "text_to_sql": 2.5, "syntax": 1.0}
    found = mixed(worlds, shares, given)
    assert Counter(kind for kind, _ in found.found) == {"sql_to_text": 15, "text_to_sql": 150, "syntax": 60}
    assert found == mixed(worlds, dict(reversed(shares.items())), given)
    alone = mixed(worlds[::-1], {"sql_to_text": 0.25}, given).found
    assert {one for kind, one in map(fixed, found.found) if kind == "sql_to_text"} == {
        one for _, one in map(fixed, alone)
    }
    plain = mixed(worlds, {"text_to_sql": 1.0}, given).found
    assert [one.example for _, one in plain] == [example.id for example in worlds], "in the order of the questions"


def fixed(each: tuple[str, Lesson]) -> tuple[str, str]:
    return each[0], json.dumps(each[1].row())


def test_a_question_without_evidence_leaves_its_place_to_another(worlds: list[Example], given: Given) -> None:
    found = mixed([*worlds, BOAT], {"evidence": 1 / 61}, given)
    assert [one.example for _, one in found.found] == ["boat"] and found.wanted == {"evidence": 1}


def test_samples_of_another_task_or_split_are_refused_and_cut_ones_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "samples.jsonl"
    row = {"schema": 1, "example": "a", "task": "worlds", "task_path": None, "split": "train", "prompt": "strict"}
    texts = [
        {"text": text, "tokens": 1, "truncated": cut, "logprob_sum": None} for text, cut in (("x", False), ("y", True))
    ]
    file.write_text(json.dumps(row | {"completions": texts}) + "\n")
    assert mistakes([str(file)], TaskFields(task="worlds")) == {"a": ("x",)}
    for key, wrong in {"task": "bird", "split": "test", "prompt": "loose"}.items():
        file.write_text(json.dumps(row | {"completions": texts, key: wrong}) + "\n")
        with pytest.raises(ConfigError, match=f"samples of the {key} '{wrong}'"):
            mistakes([str(file)], TaskFields(task="worlds"))


def test_an_unknown_kind_lists_the_choices() -> None:
    with pytest.raises(ValueError, match=r"no lesson named 'sql_to_txt'; sft/lessons/ has: .*sql_to_text"):
        lessons.load("sql_to_txt")
    assert set(SHOWN) == set(lessons.NAMES), "every kind has its case"
    assert all(lessons.load(name).__name__ == name for name in lessons.NAMES)


def test_asked_again_holds_the_first_answer_as_it_was_written(given: Given) -> None:
    ids = asked_again(TOKENIZER, messages(BOAT), [("SELECT 1", "1 row:\n1"), ("SELECT 2", "1 row:\n2")], "boat")
    text = TOKENIZER.decode(ids)
    assert text.count("<|im_start|>assistant") == 3 and text.index("SELECT 1") < text.index("SELECT 2")
    assert answer(BOAT)[0]["content"] not in text
