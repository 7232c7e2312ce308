"""A logit follows from schema, question and query alone: not from padding, from the batch, or from the order."""

from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, Qwen3Config, Qwen3ForSequenceClassification

from envs.example import Database, Example
from policy.config_error import ConfigError
from policy.learned_reward import Asking, LearnedReward, reads
from policy.load import load_tokenizer

SHORT = "SELECT 1"
LONG = "SELECT name, COUNT(*) FROM visitor WHERE age > 30 GROUP BY name ORDER BY COUNT(*) DESC LIMIT 3"


def example(name: str, question: str = "How many visitors are older than 30?", schema: str = "visitor(name, age)"):
    return Example(name, question, Database("sqlite", script=""), schema, "museum", "SELECT 1", "sqlite")


def saved(folder: Path, pad_is_eos: bool, max_length: int | None = None) -> LearnedReward:
    """A reward model of two layers and random weights, far enough from 0 for a padded token to be seen."""
    tokenizer = load_tokenizer("policy/seedling")
    if pad_is_eos:
        tokenizer.pad_token = tokenizer.eos_token
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=64,
        initializer_range=0.3,
        num_labels=1,
        pad_token_id=tokenizer.pad_token_id,
    )
    Qwen3ForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    Asking("strict", None, max_length).save(folder)
    return LearnedReward(str(folder))


@pytest.mark.parametrize("pad_is_eos", [False, True], ids=["pad", "pad is eos"])
def test_neither_padding_nor_the_batch_nor_the_order_moves_a_logit(tmp_path: Path, pad_is_eos: bool) -> None:
    model = saved(tmp_path, pad_is_eos)
    asked = [(example("a"), SHORT), (example("a"), LONG), (example("b", schema="ticket(price) " * 20), SHORT)]
    alone = [model.logits([one])[0] for one in asked]
    assert len({round(one or 0, 3) for one in alone}) == 3, "or nothing could be told apart"
    assert model.logits(asked) == pytest.approx(alone, abs=1e-5)
    assert model.logits(asked[::-1]) == pytest.approx(alone[::-1], abs=1e-5)
    assert model.logits([asked[0], *[asked[1]] * 5])[0] == pytest.approx(alone[0], abs=1e-5)


@pytest.mark.parametrize("pad_is_eos", [False, True], ids=["pad", "pad is eos"])
def test_training_pads_both_sides_of_a_pair_and_finds_the_same_logits(tmp_path: Path, pad_is_eos: bool) -> None:
    from trl.trainer.reward_trainer import DataCollatorForPreference

    model = saved(tmp_path, pad_is_eos)
    sides = [reads(model.tokenizer, example("a"), sql, "strict", None) for sql in (SHORT, LONG)]
    rows = [
        {"chosen_ids": sides[0], "rejected_ids": sides[1]},
        {"chosen_ids": sides[1], "rejected_ids": sides[0]},
    ]
    batch = DataCollatorForPreference(pad_token_id=model.tokenizer.pad_token_id)(rows)
    with torch.no_grad():
        chosen, rejected = model.model(**batch).logits[:, 0].chunk(2)
    alone = model.logits([(example("a"), SHORT), (example("a"), LONG)])
    assert chosen.tolist() == pytest.approx(alone, abs=1e-5)
    assert rejected.tolist() == pytest.approx(alone[::-1], abs=1e-5), "the side does not matter"


def test_padding_on_the_other_side_would_move_it_only_by_rounding(tmp_path: Path) -> None:
    model = saved(tmp_path, pad_is_eos=False)
    ids = reads(model.tokenizer, example("a"), SHORT, "strict", None)
    pad = [model.tokenizer.pad_token_id] * 7
    rows, mask = torch.tensor([pad + ids]), torch.tensor([[0] * 7 + [1] * len(ids)])
    with torch.no_grad():
        left = model.model(rows, attention_mask=mask).logits[0, 0].item()
    assert left == pytest.approx(model.logits([(example("a"), SHORT)])[0], abs=1e-4)


def test_it_reads_schema_question_and_query(tmp_path: Path) -> None:
    model = saved(tmp_path, pad_is_eos=False)
    asked = [(example("a"), SHORT), (example("b", question="Who is it?"), SHORT), (example("c", schema="t(x)"), SHORT)]
    said = [round(one or 0, 4) for one in model.logits([*asked, (example("a"), LONG)])]
    assert len(set(said)) == 4
    text = model.tokenizer.decode(reads(model.tokenizer, example("a"), LONG, "strict", None))
    assert "visitor(name, age)" in text and "How many visitors" in text and text.endswith(f"{LONG}<|im_end|>")


def test_what_cannot_be_read_has_no_logit_and_moves_no_other(tmp_path: Path) -> None:
    asked = [(example("a"), LONG), (example("a"), "  "), (example("a"), SHORT)]
    free = saved(tmp_path / "free", pad_is_eos=False)
    assert [one is None for one in free.logits(asked)] == [False, True, False]
    most = len(reads(free.tokenizer, example("a"), SHORT, "strict", None))
    tight = saved(tmp_path / "tight", pad_is_eos=False, max_length=most)
    assert [one is None for one in tight.logits(asked)] == [True, True, False]
    assert tight.logits(asked)[2] == pytest.approx(free.logits(asked)[2], abs=1e-5)


def test_a_folder_without_a_reward_model_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no reward model \(reward_model.json is missing\)"):
        LearnedReward("policy/seedling")


def test_transformers_opens_it_without_this_lab(tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    ours = saved(tmp_path, pad_is_eos=False)
    theirs, tokenizer = (
        AutoModelForSequenceClassification.from_pretrained(tmp_path),
        AutoTokenizer.from_pretrained(tmp_path),
    )
    ids = reads(tokenizer, example("a"), LONG, "strict", None)
    with torch.no_grad():
        said = theirs.eval()(torch.tensor([ids])).logits
    assert said.shape == (1, 1)
    assert said.item() == pytest.approx(ours.logits([(example("a"), LONG)])[0], abs=1e-5)


def test_a_note_beside_the_weights_that_is_none_is_told(tmp_path: Path) -> None:
    saved(tmp_path, False)
    for text in ("{", "[]", '{"prompt": "strict"}'):
        (tmp_path / "reward_model.json").write_text(text)
        with pytest.raises(ConfigError, match=r"is not what python -m rl\.reward_model writes"):
            LearnedReward(str(tmp_path))
