"""The recipe of the seedling: its stream repeats, and its command makes a policy that loads."""

import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
import yaml

from policy.corpus import Lessons, batches, lesson, padded
from policy.load import load_policy, load_tokenizer

ROOT = Path(__file__).parent.parent.parent
LESSONS = Lessons(improvised_share=0.7, mutated_words=0.6, suffixed_names=0.3, other_conventions=0.5)


def test_the_same_seed_teaches_the_same_lessons():
    first, again, other = (list(islice(lesson(LESSONS, seed, False), 30)) for seed in (1, 1, 2))
    assert first == again != other


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
    for file in (first, second):
        subprocess.run([sys.executable, "-m", "policy.pretrain", "--config", str(file)], cwd=ROOT, check=True)
    one, two = (load_policy(str(tmp_path / name)) for name in ("one", "two"))
    assert sum(p.numel() for p in one.parameters()) == sum(p.numel() for p in two.parameters())
    assert any((a != b).any() for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert (tmp_path / "two/pretraining.jsonl").read_text().count("answer_loss") == 1
