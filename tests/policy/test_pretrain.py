"""The recipe of the seedling: its stream repeats, and its command makes a policy that loads."""

import subprocess
import sys
from itertools import islice
from pathlib import Path

import apsw
import pytest
import torch
import yaml

from policy.corpus import Lessons, batches, chats, lesson, padded
from policy.load import load_policy, load_tokenizer
from policy.pretrain import real_for
from policy.pretraining import Pretraining, rate
from policy.pretraining_loss import collate, losses
from policy.real_questions import Asked, Found
from policy.shown_schema import tables

ROOT = Path(__file__).parent.parent.parent
LESSONS = Lessons(improvised_share=0.7, mutated_words=0.6, suffixed_names=0.3, other_conventions=0.5)


def test_the_same_seed_teaches_the_same_lessons():
    first, again, other = (list(islice(lesson(LESSONS, seed, False), 30)) for seed in (1, 1, 2))
    assert first == again != other


def test_lessons_in_disguise_still_run_and_share_words_between_their_tables():
    for system, _, reply in islice(chats(5, None, disguised=1.0), 100):
        connection = apsw.Connection(":memory:")
        connection.execute(system.split("\n\n", 1)[1].removesuffix("<|im_end|>\n"))
        connection.execute(f"EXPLAIN {reply.removesuffix('<|im_end|>')}").fetchall()


def test_real_questions_are_the_share_that_was_asked_for():
    asked = Asked(
        ("How many quolls?",), "", "zoo", tables("CREATE TABLE quolls (id INTEGER);"), "SELECT COUNT(*) FROM quolls"
    )
    mixed = Lessons(0.7, 0.6, 0.3, 0.5, real_share=0.25)
    taught = list(islice(lesson(mixed, 1, False, {"spider": Found([asked])}), 400))
    assert 60 < sum("quolls" in system for system, _, _ in taught) < 140
    assert not any("quolls" in system for system, _, _ in islice(lesson(mixed, 1, False), 400))


def test_a_run_without_the_folder_of_real_questions_says_what_it_goes_without(capsys):
    config = yaml.safe_load((ROOT / "configs/pretrain_seedling_real.yaml").read_text())
    assert real_for(Pretraining(**config), None) is None
    assert "this run reads generated lessons only" in capsys.readouterr().out


def test_the_rate_rises_stays_and_falls_to_zero_at_the_end_whatever_ends_the_run():
    run = Pretraining(**yaml.safe_load((ROOT / "configs/pretrain_seedling.yaml").read_text()) | {"decay_share": 0.5})
    assert rate(0, 0.0, run) == 1 / run.warmup_steps
    assert rate(run.warmup_steps, 0.4, run) == 1.0
    assert rate(run.warmup_steps, 0.75, run) == 0.5
    assert rate(run.warmup_steps, 1.2, run) == 0.0


def test_grading_a_part_of_the_tokens_is_the_loss_over_all_of_them_weighed():
    tokenizer, model = load_tokenizer("policy/seedling"), load_policy("policy/seedling")
    items = next(batches(tokenizer, LESSONS, 3, False, 1024, 512))
    ids, weights = collate(items, tokenizer.pad_token_id, 0.1)
    each, weight = losses(model, model.model, ids, weights)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(input_ids=ids, attention_mask=(ids != tokenizer.pad_token_id).long()).logits
    whole = torch.nn.functional.cross_entropy(logits[:, :-1].float().transpose(1, 2), ids[:, 1:], reduction="none")
    torch.testing.assert_close((each * weight).sum(), (whole * weights[:, 1:]).sum(), rtol=0.02, atol=0.0)
    assert len(weight) == sum(len(item.ids) - item.question_at for item in items)
    assert (weight == 1.0).sum() == sum(len(item.ids) - item.answer_at for item in items)


def test_a_batch_holds_about_as_many_tokens_as_it_may_and_marks_where_the_answer_starts():
    tokenizer = load_tokenizer("policy/seedling")
    for items in islice(batches(tokenizer, LESSONS, 3, False, 2048, 512), 5):
        widths = {padded(len(item.ids)) for item in items}
        assert len(widths) == 1 and len(items) * widths.pop() <= 2048
        for item in items:
            assert tokenizer.decode(item.ids[item.answer_at :]).startswith(("SELECT", "WITH"))
            assert tokenizer.decode(item.ids[item.question_at :]).startswith("<|im_start|>user")


@pytest.mark.slow
def test_the_command_makes_a_policy_and_goes_on_from_one(tmp_path):
    config = yaml.safe_load((ROOT / "configs/pretrain_seedling.yaml").read_text())
    small = {"steps": 3, "save_every": 3, "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1}
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(yaml.safe_dump(config | small | {"output_dir": str(tmp_path / "one")}))
    further = {"output_dir": str(tmp_path / "two"), "start_from": str(tmp_path / "one"), "other_conventions": 0.5}
    second.write_text(yaml.safe_dump(config | small | further))
    alone, together = ["-m"], ["-m", "torch.distributed.run", "--nproc_per_node", "2", "-m"]
    for how, file in ((alone, first), (together, second)):
        subprocess.run([sys.executable, *how, "policy.pretrain", "--config", str(file)], cwd=ROOT, check=True)
    one, two = (load_policy(str(tmp_path / name)) for name in ("one", "two"))
    assert sum(p.numel() for p in one.parameters()) == sum(p.numel() for p in two.parameters())
    assert any((a != b).any() for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert (tmp_path / "two/pretraining.jsonl").read_text().count("answer_loss") == 1
