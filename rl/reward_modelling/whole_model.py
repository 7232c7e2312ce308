"""The trained model as one plain folder that transformers opens: adapters merged, and beside it how it is asked."""

import shutil
from pathlib import Path

from peft import PeftModel
from transformers import AutoModelForSequenceClassification

from policy.availability import adapter_config
from policy.config import Resolved
from policy.learned_reward import FILE, PRIOR, Asking
from policy.load import load_policy, load_tokenizer, policy_to_train
from policy.run_folder import RunFolder
from rl.reward_modelling.build import model_config_of
from rl.reward_modelling.config import RewardRun
from rl.reward_modelling.prior import Prior


def make_whole(resolved: Resolved[RewardRun], folder: RunFolder, prior: Prior | None) -> None:
    """Leave in the run's `policy` what `LearnedReward` opens, with the policy that it began as where that is its prior.
    Killed within, it does the rest when it is resumed."""
    if (folder.policy / "adapter_config.json").is_file():
        merge(folder.policy, folder.path / "merged", resolved["model_revision"])
        shutil.rmtree(folder.path / "adapter", ignore_errors=True)  # of a run killed between the two renamings
        folder.policy.rename(folder.path / "adapter")
        (folder.path / "merged").rename(folder.policy)
    if not (folder.policy / FILE).is_file():
        weight, mean = (prior.weight, prior.mean) if prior else (0.0, 0.0)
        if weight:
            start = policy_to_train(model_config_of(resolved), folder.path / "base")
            keep_beside(start, folder.policy / PRIOR, resolved["model_revision"])
        asking = Asking(resolved["prompt"], resolved["chat_template_kwargs"], resolved["max_length"], weight, mean)
        asking.save(folder.policy)


def keep_beside(policy: str, place: Path, revision: str = "main") -> None:
    """A copy of the policy that a model began as, in the precision that it lies in."""
    shutil.rmtree(place, ignore_errors=True)
    load_policy(policy, "auto", revision=revision).save_pretrained(place)
    load_tokenizer(policy, revision).save_pretrained(place)


def merge(adapter: Path, into: Path, revision: str = "main") -> None:
    """Adapter and head on their base in float32, whatever the base was quantised to in training, written as one
    model."""
    shutil.rmtree(into, ignore_errors=True)
    base = adapter_config(adapter / "adapter_config.json")["base_model_name_or_path"]
    tokenizer = load_tokenizer(str(adapter))
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=1, dtype="float32", revision=revision)
    merged = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    merged.config.get_text_config().pad_token_id = tokenizer.pad_token_id
    merged.save_pretrained(into)
    tokenizer.save_pretrained(into)
