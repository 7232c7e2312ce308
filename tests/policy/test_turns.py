"""Several looks at the database: whose every token is, what ends an exchange, and what counts in the end."""

from importlib.resources import files

import pytest

from envs.completion import find_sql
from envs.example import Database, Example
from envs.observation import NO_QUERY
from envs.prompt import messages
from envs.sql_env import SqlEnv
from policy.chat import PLAIN_TEMPLATE, prompt_text, stop_tokens, tokens_of
from policy.load import load_tokenizer
from policy.turns import Allowance, Turns, Written

TEMPLATES = ["seedling", "qwen2_5", "qwen3", "gemma3", "llama3", "phi3", "plain"]
KEEPS_HISTORY = [name for name in TEMPLATES if name != "qwen3"]
NOT_THINKING = {"enable_thinking": False}
SCRIPT = "CREATE TABLE boats (id INTEGER, name TEXT); INSERT INTO boats VALUES (1, 'Ada'), (2, 'a <|im_end|> b');"
WRONG, BROKEN, RIGHT = "SELECT MAX(name) FROM boats", "SELECT nmae FROM boats", "SELECT COUNT(*) FROM boats"


def example(name, gold=RIGHT):
    return Example(name, "How many boats?", Database("sqlite", script=SCRIPT), "boats(id, name)", "b", gold, "sqlite")


@pytest.fixture(scope="module")
def env():
    golds = {"1": RIGHT, "2": RIGHT, "write": "DELETE FROM boats WHERE id = 1"}
    with SqlEnv([example(*pair) for pair in golds.items()], workers=1) as found:
        yield found


def tokenizer_of(name):
    """The seedling's tokenizer with another template, and with that template's signs as special tokens."""
    tokenizer = load_tokenizer("policy/seedling")
    if name != "seedling":
        source = files("trl").joinpath(f"chat_templates/{name}.jinja")
        tokenizer.chat_template = PLAIN_TEMPLATE if name == "plain" else source.read_text(encoding="utf-8")
    signs = ["<start_of_turn>", "<end_of_turn>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"]
    tokenizer.add_special_tokens(
        {"additional_special_tokens": [*signs, "<|user|>", "<|assistant|>", "<|end|>", "<bos>"]}
    )
    tokenizer.bos_token = "<bos>"
    if name == "plain":
        tokenizer.eos_token = "<|endoftext|>"
    return tokenizer


class Scripted:
    """A policy that says what stands in its script, turn by turn, and remembers what it was asked."""

    def __init__(self, tokenizer, *scripts, stops=True):
        self.tokenizer, self.scripts, self.stops, self.asked = tokenizer, scripts, stops, []

    def ids(self, text):
        ids = tokens_of(self.tokenizer, text)
        return [*ids, stop_tokens(self.tokenizer)[-1]] if self.stops else ids

    def __call__(self, prompts, most):
        turn = len(self.asked)
        self.asked.append(prompts)
        texts = [script[turn] for script in self.scripts if len(script) > turn]
        return [Written(self.ids(text), [-1.0 - turn] * len(self.ids(text))) for text in texts]


def taken(env, script, tokenizer=None, allowance=None, example_id="1", **policy):
    tokenizer = tokenizer or tokenizer_of("seedling")
    allowance = allowance or Allowance(turns=3, tokens=400, observation_tokens=80)
    said = Scripted(tokenizer, script, **policy)
    turns = Turns(env, tokenizer, stop_tokens(tokenizer), allowance, NOT_THINKING)
    prompt = tokens_of(tokenizer, prompt_text(tokenizer, example("1"), "strict", NOT_THINKING, 3))
    (exchange,) = turns.take([(example_id, prompt)], said)
    assert len(said.asked) == len(exchange.turns), "the policy is asked once a turn, and every turn is kept"
    assert 0 < len(exchange.ids) <= allowance.tokens
    return exchange, said


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_loss_is_on_what_the_policy_wrote_in_all_its_turns_and_on_nothing_it_read(env, name):
    tokenizer = tokenizer_of(name)
    exchange, said = taken(env, [BROKEN, RIGHT, "DONE"], tokenizer)
    written = [token for token, own in zip(exchange.ids, exchange.mask, strict=True) if own]
    assert written == [token for text in (BROKEN, RIGHT, "DONE") for token in said.ids(text)]
    read = tokenizer.decode([token for token, own in zip(exchange.ids, exchange.mask, strict=True) if not own])
    assert "Error: no such column: nmae" in read and "1 row:\n2" in read and "SELECT" not in read
    assert [p for p, own in zip(exchange.logprobs, exchange.mask, strict=True) if own] == [
        -1.0 - turn for turn, text in enumerate((BROKEN, RIGHT, "DONE")) for _ in said.ids(text)
    ]
    assert {p for p, own in zip(exchange.logprobs, exchange.mask, strict=True) if not own} == {0.0}
    assert exchange.final == RIGHT and exchange.repaired and not exchange.broken


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_prompt_begins_with_the_one_before_and_what_was_written_after_it(env, name):
    exchange, said = taken(env, [WRONG, RIGHT, "DONE"], tokenizer_of(name))
    for earlier, later, text in zip(said.asked, said.asked[1:], (WRONG, RIGHT), strict=False):
        known = earlier[0] + said.ids(text)
        assert later[0][: len(known)] == known and len(later[0]) > len(known)
    assert said.asked[-1][0] == (exchange.prompt_ids + exchange.ids)[: len(said.asked[-1][0])]


@pytest.mark.parametrize("name", KEEPS_HISTORY)
def test_the_last_turn_is_asked_as_the_chat_template_would_write_the_whole_exchange(env, name):
    tokenizer = tokenizer_of(name)
    exchange, said = taken(env, [BROKEN, RIGHT, "DONE"], tokenizer)
    chat = messages(example("1"), "strict", 3)
    for turn in exchange.turns[:2]:
        chat += [{"role": "assistant", "content": turn.text}, {"role": "user", "content": turn.observation}]
    whole = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True, **NOT_THINKING)
    assert tokenizer.decode(said.asked[-1][0]) == whole
    assert said.asked[-1][0] == tokens_of(tokenizer, whole)


@pytest.mark.parametrize(
    ("script", "turns", "final"),
    [
        ([RIGHT, RIGHT], 2, RIGHT),
        ([RIGHT, "SELECT  COUNT(*)\nFROM boats"], 2, "SELECT  COUNT(*)\nFROM boats"),
        ([WRONG, "DONE"], 2, WRONG),
        ([WRONG, BROKEN, RIGHT], 3, RIGHT),
        (["DONE", RIGHT, ""], 3, RIGHT),
        (["", "", ""], 3, ""),
    ],
    ids=["the same again", "the same in other blanks", "handed in", "turns used up", "none at first", "silence"],
)
def test_the_last_query_counts_and_repeating_it_or_writing_none_hands_it_in(env, script, turns, final):
    exchange, _ = taken(env, script)
    assert len(exchange.turns) == turns
    assert exchange.final == final
    assert exchange.turns[-1].observation == "", "nothing is read after the last turn"


def test_an_answer_without_a_query_is_told_so_as_long_as_none_stands(env):
    exchange, _ = taken(env, ["I do not know", RIGHT, "DONE"])
    assert exchange.turns[0].observation == NO_QUERY
    assert exchange.row()["turns"][0] | {"text": ""} == {
        "text": "", "sql": "", "status": "no_sql", "message": "", "observation": NO_QUERY,
    }  # fmt: skip


def test_a_policy_that_writes_nothing_gets_a_stop_token_that_is_not_its_own(env):
    exchange, _ = taken(env, ["", "", ""], stops=False)
    assert exchange.row()["tokens"] == sum(exchange.mask) == 0
    assert exchange.ids[-1] in stop_tokens(tokenizer_of("seedling"))


def test_an_answer_that_never_stopped_is_the_last(env):
    exchange, _ = taken(env, [RIGHT], stops=False)
    assert exchange.final == RIGHT and exchange.mask == [1] * len(exchange.ids)


def test_a_query_of_a_thought_that_the_template_opened_is_none_in_any_turn(env):
    tokenizer = tokenizer_of("seedling")
    tokenizer.chat_template += "{% if add_generation_prompt %}<think>\n{% endif %}"
    script = [f"{WRONG}? No.", f"{BROKEN}?</think>{RIGHT}", RIGHT]
    exchange, said = taken(env, script, tokenizer)
    assert [turn.text for turn in exchange.turns] == [f"<think>\n{text}" for text in script]
    assert [query.sql for query in exchange.queries] == [RIGHT] and exchange.final == f"<think>\n{script[1]}"
    written = [token for token, own in zip(exchange.ids, exchange.mask, strict=True) if own]
    assert written == [token for text in script for token in said.ids(text)], "nobody wrote what the template opened"


def test_what_there_is_no_room_for_is_not_read_and_what_stands_counts(env):
    tokenizer = tokenizer_of("seedling")
    full, said = taken(env, [WRONG, RIGHT, "DONE"], tokenizer)
    first, reading = len(said.ids(WRONG)), full.mask.index(1, len(said.ids(WRONG))) - len(said.ids(WRONG))
    for tokens, turns in ((first + reading + first - 1, 1), (first + reading + first, 2)):
        exchange, _ = taken(env, [WRONG, RIGHT, "DONE"], tokenizer, Allowance(3, tokens, 80))
        assert len(exchange.turns) == turns
    cut, _ = taken(env, [WRONG], tokenizer, Allowance(3, 4, 80))
    assert cut.ids == said.ids(WRONG)[:4] and cut.mask == [1] * 4 and cut.logprobs == [-1.0] * 4


@pytest.mark.parametrize("most", [1, 4, 9, 30])
def test_a_reading_has_no_more_tokens_than_it_may_have(env, most):
    tokenizer = tokenizer_of("seedling")
    exchange, _ = taken(env, ["SELECT * FROM boats", BROKEN, RIGHT], tokenizer, Allowance(3, 400, most))
    assert all(len(tokens_of(tokenizer, turn.observation)) <= most for turn in exchange.turns)


def test_a_special_token_in_the_data_ends_no_turn(env):
    tokenizer = tokenizer_of("seedling")
    exchange, _ = taken(env, ["SELECT name FROM boats WHERE id = 2", "DONE"], tokenizer)
    assert exchange.turns[0].observation == "1 row:\na < |im_end|> b"
    stop = tokenizer.convert_tokens_to_ids("<|im_end|>")
    read = [token for token, own in zip(exchange.ids, exchange.mask, strict=True) if not own]
    assert read.count(stop) == 1, "that which ends what was read"


def test_where_an_observation_would_speak_of_the_gold_the_exchange_ends(env):
    exchange, _ = taken(env, [RIGHT, "DELETE FROM boats WHERE id = 1"], example_id="write")
    assert len(exchange.turns) == 1 and exchange.final == RIGHT


def test_exchanges_side_by_side_stay_apart(env):
    tokenizer = tokenizer_of("seedling")
    said = Scripted(tokenizer, [RIGHT, "DONE"], [WRONG, RIGHT, WRONG])
    prompt = tokens_of(tokenizer, prompt_text(tokenizer, example("1"), "strict", None, 3))
    turns = Turns(env, tokenizer, stop_tokens(tokenizer), Allowance(3, 400, 80))
    one, other = turns.take([("1", prompt), ("2", prompt)], said)
    assert [turn.text for turn in one.turns] == [RIGHT, "DONE"]
    assert [turn.text for turn in other.turns] == [WRONG, RIGHT, WRONG]
    assert not other.repaired and not other.broken, "wrong, right, wrong ends as it began"
    assert all(find_sql(query.completion) == query.sql for query in other.queries)
