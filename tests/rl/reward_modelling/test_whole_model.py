"""A trained adapter becomes one plain model, also after a kill in the middle of that."""

from pathlib import Path

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

from policy.learned_reward import LearnedReward
from policy.load import load_tokenizer
from policy.run_folder import RunFolder
from rl.reward_modelling.config import read
from rl.reward_modelling.whole_model import make_whole


def test_an_adapter_that_a_killed_run_had_moved_away_is_no_hindrance(small_model: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    base = AutoModelForSequenceClassification.from_pretrained(small_model, num_labels=1)
    adapted = get_peft_model(base, LoraConfig(task_type="SEQ_CLS", r=2, target_modules=["q_proj"]))
    adapted.save_pretrained(folder.policy)
    load_tokenizer(str(small_model)).save_pretrained(folder.policy)
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter/adapter_config.json").write_text("{}")
    make_whole(read(["--config", "configs/reward_model_seedling.yaml"]), folder, None)
    assert not (folder.policy / "adapter_config.json").exists()
    assert (tmp_path / "adapter/adapter_model.safetensors").is_file()
    assert LearnedReward(str(tmp_path)).model.config.num_labels == 1
