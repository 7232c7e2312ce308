"""Every file in configs/ is read in full by the command that its first word names."""

from dataclasses import fields
from pathlib import Path

import pytest

from policy import stand_in, yaml_file
from policy.config import read_config
from policy.fields import check, fields_of
from policy.model_fields import ModelFields
from policy.searching.fields import SearchFields
from policy.searching.read_plan import plan_of
from rl import config as rl_config
from rl import search as rl_search
from rl.batch import batch_of
from rl.config import GrpoRun, read
from rl.dpo import config as dpo_config
from rl.dpo.config import DpoRun
from rl.dpo_fields import DpoFields
from rl.grpo_fields import GrpoFields
from rl.reward_fields import RewardFields
from rl.reward_modelling import config as reward_config
from rl.reward_modelling.config import RewardRun
from rl.rloo import RLOO
from sft import config as sft_config
from sft import search as sft_search
from sft.config import SftRun
from sft.sft_fields import SftFields

CONFIGS = Path(__file__).parent.parent / "configs"
FILES = sorted(CONFIGS.glob("*.yaml"))
MODULES = {
    "dpo": "rl.dpo",
    "sft_dpo": "rl.dpo",
    "grpo": "rl.grpo",
    "reward": "rl.reward_model",
    "pretrain": "policy.pretrain",
    "rloo": "rl.rloo",
    "sft": "sft.train",
    **dict.fromkeys(("search_sft_lora", "search_sft_fullft", "search_sft_seedling"), "sft.search"),
    **dict.fromkeys(("search_grpo", "search_grpo_seedling"), "rl.search"),
}
DPO = [file for file in FILES if "dpo" in file.stem.split("_")]
SFT = [file for file in FILES if file.stem.startswith("sft_") and file not in DPO]
REWARD = [file for file in FILES if file.stem.startswith("reward_model")]
GRPO = [file for file in FILES if file.stem.startswith("grpo_")]
RL = [(file, {"grpo": rl_config.GRPO, "rloo": RLOO}.get(file.stem.partition("_")[0])) for file in FILES]


def named(files: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("file", files, ids=lambda file: file.stem)


@named([file for file in FILES if file.stem != "stand_in" and not file.stem.startswith("ablation_")])
def test_the_first_word_names_the_module_and_the_comment_the_command(file: Path) -> None:
    module = MODULES.get(file.stem) or MODULES[file.stem.partition("_")[0]]
    comment = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert "?" in comment[0], "the first line is the question that the config answers"
    assert f"python -m {module} --config configs/{file.name}" in "\n".join(comment)


@named([file for file, algorithm in RL if algorithm])
def test_an_rl_config_passes_every_check_and_trains_at_least_one_step(file: Path) -> None:
    resolved = read(["--config", str(file)], dict(RL)[file])
    size = resolved.own.train_size or 10**6
    assert batch_of(resolved.values(), 1).steps(size, resolved["num_train_epochs"], resolved["max_steps"]) > 0
    assert resolved["output_dir"] == f"runs/{file.stem}"


@named(SFT)
def test_an_sft_config_passes_every_check(file: Path) -> None:
    resolved = sft_config.read(["--config", str(file)])
    assert resolved["output_dir"] == f"runs/{file.stem}"


@named(DPO)
def test_a_dpo_config_passes_every_check_and_runs_without_a_file(file: Path) -> None:
    resolved = dpo_config.read(["--config", str(file)])
    assert resolved["output_dir"] == f"runs/{file.stem}"
    assert resolved["pairs"] is None and resolved["precompute_ref_log_probs"]


def test_dpo_from_sft_differs_from_dpo_in_where_it_starts_alone() -> None:
    one, other = (dpo_config.read(["--config", str(CONFIGS / f"{name}.yaml")]).values() for name in ("dpo", "sft_dpo"))
    assert {key for key in one if one[key] != other[key]} == {"output_dir", "run_name", "model_name_or_path"}


@named(REWARD)
def test_a_reward_model_s_config_passes_every_check_and_runs_without_a_file(file: Path) -> None:
    resolved = reward_config.read(["--config", str(file)])
    assert resolved["output_dir"] == f"runs/{file.stem}"
    assert resolved["pairs"] is None and resolved["samples"] is None


def test_the_seedling_s_fine_tunings_differ_in_their_method_and_its_learning_rate_alone() -> None:
    read = {file.stem: sft_config.read(["--config", str(file)]).values() for file in SFT if "seedling" in file.stem}
    lessons = read.pop("sft_seedling_multitask")
    full = read["sft_seedling_full"]
    taught = {"lessons", "measure_repair", "train_size", "output_dir", "run_name"}
    assert {key for key in full if full[key] != lessons[key]} == taught, "what is taught, in as many steps"
    seedlings = list(read.values())
    methods = {"use_peft", "lora_r", "lora_alpha", "lora_target_modules", "load_in_4bit", "use_bnb_nested_quant"}
    methods |= {"prompt_tuning", "num_virtual_tokens", "prompt_tuning_text"}
    for one in seedlings[1:]:
        differs = {key for key in one if one[key] != seedlings[0][key]} - {"output_dir", "run_name", "learning_rate"}
        assert differs <= methods, "same data, same budget"


def test_the_arms_of_the_rank_ablation_differ_in_rank_and_the_alpha_that_follows_it() -> None:
    arms = [sft_config.read(["--config", str(CONFIGS / f"sft_gretel_gemma3_r{r}.yaml")]).values() for r in (4, 8, 16)]
    for one in arms[1:]:
        differs = {key for key in one if one[key] != arms[0][key]} - {"output_dir", "run_name"}
        assert differs == {"lora_r", "lora_alpha"}
    assert {one["lora_alpha"] / one["lora_r"] for one in arms} == {2}


@named([file for file in FILES if file.stem.startswith("search_")])
def test_a_search_s_config_passes_every_check_and_narrows_from_stage_to_stage(file: Path) -> None:
    of_sft = MODULES[file.stem] == "sft.search"
    table, command = (SearchFields, sft_search.TRAIN) if of_sft else (rl_search.RlSearch, rl_search.TRAINERS["grpo"])
    plan = plan_of(read_config(table, ["--config", str(file)], module=MODULES[file.stem]), command)
    assert [stage.trials for stage in plan.stages] == sorted({stage.trials for stage in plan.stages}, reverse=True)


@named([file for file in FILES if file.stem.startswith("pretrain_")])
def test_a_pretraining_config_has_just_the_fields_of_its_dataclass(file: Path) -> None:
    pretrain = pytest.importorskip("policy.pretrain")
    known = {field.name for field in fields(pretrain.Pretraining)}
    assert known - {"start_from"} <= set(yaml_file.read(file)) <= known


def test_the_learning_rate_arms_differ_in_what_their_names_say() -> None:
    def differences(one: str, other: str) -> set[str]:
        a, b = (read(["--config", str(CONFIGS / f"{name}.yaml")]).values() for name in (one, other))
        return {key for key in a if a[key] != b[key]} - {"output_dir", "run_name"}

    assert differences("grpo_lr1e6", "grpo_lr1e5") == {"learning_rate"}
    assert differences("grpo_lr1e6", "grpo_lr1e8") == {"learning_rate", "max_grad_norm"}
    assert differences("grpo_lr1e6", "grpo_lr1e6_ngen4") == {"num_generations", "train_size", "held_out_size"}


def test_the_arms_with_a_learned_reward_differ_from_those_without_in_their_rewards_alone() -> None:
    def differences(one: str, other: str) -> set[str]:
        a, b = (read(["--config", str(CONFIGS / f"{name}.yaml")]).values() for name in (one, other))
        return {key for key in a if a[key] != b[key]} - {"output_dir", "run_name"}

    assert differences("grpo_lr1e6", "grpo_sft") == {"model_name_or_path"}
    assert differences("grpo_seedling", "grpo_sft_seedling") == {"model_name_or_path"}
    for plain, learned, safe in (
        ("grpo_lr1e6", "grpo_rm", "grpo_rm_safe"),
        ("grpo_sft_seedling", "grpo_rm_seedling", "grpo_rm_safe_seedling"),
    ):
        assert differences(plain, learned) == {"rewards", "reward_model_path"}
        assert differences(learned, safe) == {"rewards"}


def test_the_stand_in_has_only_keys_that_a_command_knows_each_of_its_type() -> None:
    known = {**fields_of(GrpoFields), **fields_of(ModelFields), **fields_of(GrpoRun), **fields_of(SftRun)}
    known |= {**fields_of(DpoRun), **fields_of(RewardRun)}
    for group, keys in stand_in.read_groups().items():
        for key, value in keys.items():
            check(known[key], value, f"stand_in.yaml, {group}")


@named(GRPO + SFT + DPO + REWARD)
def test_a_config_still_adds_up_with_the_stand_in_s_sizes(file: Path, tmp_path: Path) -> None:
    command = read if file in GRPO else dpo_config.read if file in DPO else sft_config.read
    command = reward_config.read if file in REWARD else command
    known = {**fields_of(GrpoFields), **fields_of(GrpoRun)} if file in GRPO else {**fields_of(SftFields)}
    known |= {**fields_of(SftRun)} if file in SFT else {}
    known = {**fields_of(DpoFields), **fields_of(DpoRun)} if file in DPO else known
    known = {**fields_of(RewardFields), **fields_of(RewardRun)} if file in REWARD else known
    known |= fields_of(ModelFields)
    lines = [
        f"{key}: {yaml_file.write(value)}"
        for key, value in {
            **{key: entry.value for key, entry in yaml_file.read(file).items()},
            **{key: value for keys in stand_in.read_groups().values() for key, value in keys.items() if key in known},
        }.items()
    ]
    (tmp_path / file.name).write_text("\n".join(lines))
    sizes = stand_in.read_groups()["sizes"]
    assert command(["--config", str(tmp_path / file.name)])["max_steps"] == sizes["max_steps"]
