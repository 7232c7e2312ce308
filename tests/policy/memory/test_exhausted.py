"""Real memory that is really exhausted: a sentence names the key, nothing is lost, and the advice works on resume."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from policy.config import ConfigError
from policy.memory.exhausted import advice, is_exhausted
from policy.memory.free_keys import changed

from ...warm import ROOT, run

VALUES = {
    "per_device_train_batch_size": 32,
    "per_device_eval_batch_size": 8,
    "gradient_accumulation_steps": 1,
    "gradient_checkpointing": False,
    "answer_batch_size": 64,
    "use_peft": True,
    "load_in_4bit": False,
    "load_in_8bit": False,
    "dtype": "float32",
    "max_length": 1024,
}
LIMITED = """
import re, resource, sys
from pathlib import Path
import policy.measures as measures
from policy.config import exit_with_sentence

class Limited(measures.Measures):
    def on_step_begin(self, args, state, control, **more):
        super().on_step_begin(args, state, control, **more)
        if state.global_step == 2:
            held = int(re.search(r"VmSize:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
            resource.setrlimit(resource.RLIMIT_AS, (held + (8 << 20), resource.RLIM_INFINITY))

measures.Measures = Limited
from sft.train import main
with exit_with_sentence():
    main(sys.argv[1:])
"""
"""From its third step on the process may have 8 MiB more than it has."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="a limit on addresses is Linux's")
def test_out_of_memory_in_a_step_names_the_key_and_the_run_resumes_with_it(small_model: Path, tmp_path: Path) -> None:
    words = [
        "--config",
        "configs/sft_seedling_full.yaml",
        "--model_name_or_path",
        str(small_model),
        "--train_size",
        "64",
    ]
    words += ["--held_out_size", "2", "--max_new_tokens", "2", "--max_steps", "4", "--save_steps", "2"]
    words += ["--eval_strategy", "no", "--bf16", "false"]
    words += ["--output_dir", str(tmp_path / "run")]
    settings = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "65536"}
    for name in ("MALLOC_MMAP_MAX_", "MALLOC_TRIM_THRESHOLD_"):
        settings.pop(name, None)

    limited = [sys.executable, "-c", LIMITED, *words, "--per_device_train_batch_size", "16"]
    ended = subprocess.run(limited, cwd=ROOT, env=settings, text=True, capture_output=True)
    assert ended.returncode == 2, ended.stderr[-2000:]
    assert "per_device_train_batch_size is 16: try 8 with gradient_accumulation_steps 2" in ended.stderr
    assert "--resume goes on from the last checkpoint" in ended.stderr and "Traceback" not in ended.stderr
    less = ["--per_device_train_batch_size", "8", "--gradient_accumulation_steps", "2", "--resume"]
    resumed = run([sys.executable, "-m", "sft.train", *words, *less], settings)
    assert resumed.returncode == 0, resumed.stderr[-2000:]
    assert "resuming at step 2" in resumed.stdout and (tmp_path / "run/summary.json").is_file()


def test_the_real_error_of_an_allocation_that_fails_is_known_and_another_is_not() -> None:
    with pytest.raises(RuntimeError) as failed:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert is_exhausted(failed.value) and is_exhausted(MemoryError()) and is_exhausted(torch.OutOfMemoryError("any"))
    with pytest.raises(RuntimeError) as other:
        torch.ones(2) @ torch.ones(3)
    assert not is_exhausted(other.value)


def test_the_advice_fits_what_was_being_done(tmp_path: Path) -> None:
    def told(*names: str, **values: object) -> str:
        return advice(VALUES | values, set(names), tmp_path, "said")

    assert "answer_batch_size is 64: try 32" in told("examine", "continuations", "generate")
    assert "per_device_eval_batch_size is 8: try 4" in told("evaluation_loop")
    assert "load_in_4bit is false: try true with dtype bfloat16" in told("from_pretrained")
    assert "answered (said). load_in_4bit is" in told("examine", "generate", answer_batch_size=1)
    virtual = told("from_pretrained", use_peft=False, prompt_tuning="random")
    assert "take a smaller model" in virtual and "use_peft" not in virtual, "two adapters would be refused"
    assert "is 6: try 3 with gradient_accumulation_steps 4" in told("training_step", **{
        "per_device_train_batch_size": 6, "gradient_accumulation_steps": 2})  # fmt: skip
    last = told("training_step", per_device_train_batch_size=1, gradient_checkpointing=True)
    assert "max_length is 1024: try 512" in last and "new folder" in last
    grpo = told("training_step", max_turns=1, steps_per_generation=4)
    assert "gradient_checkpointing is false: try true: start it again with it; or per_device_train" in grpo
    assert grpo.endswith("2 and steps_per_generation 8, which learns the same from a step: start it again with it in "
                         "a new folder (--output_dir)")  # fmt: skip
    vllm = {"use_vllm": True, "vllm_mode": "colocate", "vllm_gpu_memory_utilization": 0.5}
    assert "utilization is 0.5: try 0.35" in told("training_step", **vllm)
    started = advice(VALUES | vllm, {"__init__"}, tmp_path, "No available memory for the cache blocks. Try increasing")
    assert "vLLM was started" in started and "utilization is 0.5: try 0.7" in started


def test_a_resumed_run_may_need_less_memory_and_may_not_learn_otherwise() -> None:
    run = {"per_device_train_batch_size": 32, "learning_rate": 1e-3}
    less = run | {"per_device_train_batch_size": 16, "gradient_accumulation_steps": 2, "gradient_checkpointing": True}
    assert changed(run, less) == []
    assert changed(run, less | {"learning_rate": 1.0}) == ["learning_rate"]
    rows = ["gradient_accumulation_steps", "per_device_train_batch_size"]
    assert changed(run, less | {"gradient_accumulation_steps": 4}) == rows
    assert changed(run | {"max_turns": 1}, less | {"max_turns": 1}) == rows, "its generations hang on both"


def test_a_sentence_of_ours_is_left_as_it_is() -> None:
    assert not is_exhausted(ConfigError("the config cannot run"))
