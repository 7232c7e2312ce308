"""The stand-in replaces what cannot be had, what its file lists and nothing else, and always says so."""

import json
import socket
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from huggingface_hub import constants

from policy import device, stand_in
from policy.availability import ask_hub, dataset_is_cached, is_folder, model_is_cached
from policy.config import ConfigError, Resolved, Source
from policy.notice import notice
from rl.config import read

NO_GPU = ("/no/such/device",)
GRETEL = "gretelai/synthetic_text_to_sql"
SIZES = stand_in.read_groups()["sizes"]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder that passes for a model."""
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder


@pytest.fixture
def groups(tmp_path: Path, small: Path) -> Path:
    """A stand-in file with a model that exists here."""
    text = stand_in.FILE.read_text(encoding="utf-8").replace("policy/seedling", str(small))
    (tmp_path / "stand_in.yaml").write_text(text)
    return tmp_path / "stand_in.yaml"


@pytest.fixture(autouse=True)
def cut_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No hub and empty caches, as on a machine without a network."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HOME", str(tmp_path / "home"))


@pytest.fixture
def gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """A device file, and a torch that is not the CPU build."""
    monkeypatch.setattr(device, "version", lambda _: "2.13.0+cu130")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    (tmp_path / "nvidia0").touch()
    return (str(tmp_path / "nvidia0"),)


def wanting(tmp_path: Path, *typed: str, model: str = "Qwen/Qwen3-0.6B", task: str = "gretel") -> Resolved[Any]:
    config = tmp_path / "grpo_big.yaml"
    config.write_text(f"task: {task}\nmodel_name_or_path: {model}\ngradient_accumulation_steps: 2\n")
    return read(["--config", str(config), *typed])


def cache_model(hub: Path, name: str, files: dict[str, str]) -> None:
    """A model in the hub's cache, laid out as the hub's client lays it out."""
    folder = hub / f"models--{name.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc")
    snapshot = folder / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    for file, text in files.items():
        (snapshot / file).write_text(text)


def test_without_an_accelerator_all_three_groups_are_replaced_and_nothing_else(tmp_path: Path, groups: Path) -> None:
    before = wanting(tmp_path)
    after = stand_in.apply(before, NO_GPU, groups)
    listed = {key for keys in stand_in.read_groups(groups).values() for key in keys}
    changed = {key for key in before.values() if before[key] != after[key]}
    assert changed <= listed and {"model_name_or_path", "task", "max_steps"} <= changed and after.stand_in
    assert after.source("task") is Source.STAND_IN and after.to_yaml().startswith("# STAND-IN RUN")


def test_with_an_accelerator_an_absent_model_is_replaced_but_the_sizes_are_not(
    tmp_path: Path, groups: Path, gpu: tuple[str, ...]
) -> None:
    after = stand_in.apply(wanting(tmp_path, task="worlds"), gpu, groups)
    assert after["model_name_or_path"] != "Qwen/Qwen3-0.6B" and after["max_steps"] == -1
    assert "HF_HUB_OFFLINE" in after.replaced[0].reason


def test_a_model_in_a_folder_and_a_bundled_task_need_no_stand_in(tmp_path: Path, small: Path, groups: Path) -> None:
    before = wanting(tmp_path, model=str(small), task="worlds")
    after = stand_in.apply(before, NO_GPU, groups)
    assert after == before and notice(after) == ""
    assert stand_in.apply(replace(before, settings=dict(before.settings)), NO_GPU, groups).replaced == ()


def test_a_cached_model_and_cached_data_need_no_stand_in_on_a_gpu(
    tmp_path: Path, groups: Path, gpu: tuple[str, ...]
) -> None:
    weights = {"config.json": "{}", "tokenizer_config.json": "{}", "model.safetensors": "x"}
    cache_model(tmp_path / "hub", "Qwen/Qwen3-0.6B", weights)
    data = tmp_path / "hub" / f"datasets--{GRETEL.replace('/', '--')}" / "snapshots" / "abc"
    data.mkdir(parents=True)
    (data / "train.parquet").touch()
    assert stand_in.apply(wanting(tmp_path), gpu, groups).replaced == ()


def test_a_cached_model_is_whole_only_with_every_file_of_its_weights(tmp_path: Path) -> None:
    index = json.dumps({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}})
    files = {"config.json": "{}", "tokenizer_config.json": "{}", "model.safetensors.index.json": index}
    cache_model(tmp_path, "a/half", files | {"model-1.safetensors": "x"})
    cache_model(tmp_path, "a/whole", files | {"model-1.safetensors": "x", "model-2.safetensors": "x"})
    assert not model_is_cached("a/half", cache=tmp_path) and model_is_cached("a/whole", cache=tmp_path)


def test_data_built_by_the_library_datasets_counts_as_cached(tmp_path: Path) -> None:
    built = tmp_path / "gretelai___synthetic_text_to_sql" / "default"
    built.mkdir(parents=True)
    assert not dataset_is_cached(GRETEL, tmp_path, tmp_path)
    (built / "train.arrow").touch()
    assert dataset_is_cached(GRETEL, tmp_path, tmp_path)


def test_a_path_for_the_data_asks_nothing_of_the_hub(tmp_path: Path) -> None:
    assert stand_in.why_no_data("gretel", str(tmp_path), hub_is_silent=True) is None
    assert stand_in.why_no_data("worlds", None, hub_is_silent=True) is None


def test_data_that_only_a_path_can_give_is_missing_without_one(tmp_path: Path) -> None:
    absent = stand_in.why_no_data("bird", None, hub_is_silent=False)
    assert absent is not None and "needs task_path" in absent.reason and "train_databases" in absent.reason
    assert stand_in.why_no_data("bird", str(tmp_path), hub_is_silent=False) is None


def test_what_was_typed_is_kept_and_said(tmp_path: Path, groups: Path) -> None:
    after = stand_in.apply(wanting(tmp_path, "--max_steps", "10"), NO_GPU, groups)
    assert after["max_steps"] == 10 and after["train_size"] == SIZES["train_size"]
    assert "max_steps 10 is kept, as it was typed." in notice(after)


def test_a_typed_model_is_kept_without_an_accelerator_if_it_can_be_had(tmp_path: Path, groups: Path) -> None:
    weights = {"config.json": "{}", "tokenizer_config.json": "{}", "model.safetensors": "x"}
    cache_model(tmp_path / "hub", "a/typed", weights)
    after = stand_in.apply(wanting(tmp_path, "--model_name_or_path", "a/typed", task="worlds"), NO_GPU, groups)
    assert after["model_name_or_path"] == "a/typed" and not after.stand_in
    assert notice(after).startswith("model_name_or_path a/typed is kept, as it was typed, with no accelerator")


@pytest.mark.parametrize(("key", "value"), [("model_name_or_path", "Qwen/Qwen3-0.6B"), ("task", "gretel")])
def test_what_was_typed_and_cannot_be_had_is_an_error(tmp_path: Path, groups: Path, key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"--{key} {value} cannot be had: .* Leave --{key} out"):
        stand_in.apply(wanting(tmp_path, f"--{key}", value), NO_GPU, groups)


def test_never_makes_it_an_error_that_gives_every_reason(tmp_path: Path, groups: Path) -> None:
    with pytest.raises(ConfigError, match=f"stand_in is never, and no accelerator: .*{GRETEL}"):
        stand_in.apply(wanting(tmp_path, "--stand_in", "never"), NO_GPU, groups)


def test_always_forces_every_group(tmp_path: Path, small: Path, groups: Path, gpu: tuple[str, ...]) -> None:
    before = wanting(tmp_path, "--stand_in", "always", model=str(small), task="worlds")
    after = stand_in.apply(before, gpu, groups)
    assert after["max_steps"] == SIZES["max_steps"] and {one.reason for one in after.replaced} == {"stand_in: always"}


def test_a_config_that_asks_for_the_cpu_is_not_replaced_for_want_of_a_gpu(tmp_path: Path, groups: Path) -> None:
    weights = {"config.json": "{}", "tokenizer_config.json": "{}", "model.safetensors": "x"}
    cache_model(tmp_path / "hub", "Qwen/Qwen3-0.6B", weights)
    after = stand_in.apply(wanting(tmp_path, "--use_cpu", "true", task="worlds"), NO_GPU, groups)
    assert after.replaced == () and after.notes == ()


def test_a_folder_that_is_not_there_is_an_error_and_no_stand_in(tmp_path: Path, small: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such folder"):
        is_folder(str(small / "checkpoint-10"))
    with pytest.raises(ConfigError, match=r"no config\.json"):
        is_folder(str(tmp_path))
    assert is_folder(str(small)) and not is_folder("Qwen/Qwen3-0.6B")


def test_an_adapter_needs_the_base_it_stands_on(tmp_path: Path, groups: Path, gpu: tuple[str, ...]) -> None:
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text('{"base_model_name_or_path": "Qwen/Qwen3-0.6B"}')
    after = stand_in.apply(wanting(tmp_path, model=str(adapter), task="worlds"), gpu, groups)
    assert "Qwen/Qwen3-0.6B is not in the cache" in after.replaced[0].reason
    for damaged in ('{"base_model_name_or_path": ', "[]"):
        (adapter / "adapter_config.json").write_text(damaged)
        with pytest.raises(ConfigError, match=r"adapter_config\.json is no .* the adapter's folder is damaged"):
            stand_in.apply(wanting(tmp_path, model=str(adapter), task="worlds"), gpu, groups)


def point_at(monkeypatch: pytest.MonkeyPatch, port: int) -> str:
    """Make a port of this machine the hub."""
    endpoint = f"http://127.0.0.1:{port}"
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    return endpoint


def test_a_hub_that_never_answers_costs_less_than_five_seconds(
    tmp_path: Path, groups: Path, gpu: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = point_at(monkeypatch, silent.getsockname()[1])
        begun = time.monotonic()
        after = stand_in.apply(wanting(tmp_path), gpu, groups)
        assert time.monotonic() - begun < 5 and after["task"] == "worlds" and after.stand_in
        assert f"{endpoint} d" in after.replaced[0].reason or f"{endpoint} c" in after.replaced[0].reason


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (404, "RepoNotFound", "the hub has no model a/b that you may read"),
        (403, "GatedRepo", "a/b is gated on the hub"),
        (502, "", "answered 502"),
        (200, "", ""),
    ],
)
def test_a_wrong_name_is_an_error_and_a_broken_hub_is_only_out_of_reach(
    monkeypatch: pytest.MonkeyPatch, status: int, code: str, said: str
) -> None:
    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(status)
            headers = {"X-Error-Code": code} if code else {"ETag": "x", "X-Repo-Commit": "abc", "Content-Length": "2"}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Hub) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        point_at(monkeypatch, server.server_address[1])
        try:
            absent = ask_hub("a/b", "model", "config.json")
            assert (said in absent.reason and not code) if absent else said == ""
        except ConfigError as error:
            assert code and said in str(error)
        finally:
            server.shutdown()


def test_the_notice_is_a_frame_of_plain_text_with_every_key(tmp_path: Path, groups: Path) -> None:
    after = stand_in.apply(wanting(tmp_path), NO_GPU, groups)
    lines = notice(after).splitlines()
    assert lines[0].startswith("+- STAND-IN RUN -") and lines[0][1:] != lines[-1][1:]
    assert len(set(map(len, lines))) == 1 and len(lines[0]) <= 100 and notice(after).isascii()
    assert all(one.key in notice(after) for one in after.replaced) and "gretel -> worlds" in notice(after)


def test_the_device_decides_its_keys_and_leaves_those_that_were_typed(tmp_path: Path, gpu: tuple[str, ...]) -> None:
    on_cpu = device.apply(wanting(tmp_path, "--gradient_checkpointing", "true"), NO_GPU)
    assert (on_cpu["use_cpu"], on_cpu["bf16"], on_cpu["gradient_checkpointing"]) == (True, False, True)
    on_gpu = device.apply(wanting(tmp_path), gpu)
    assert (on_gpu["use_cpu"], on_gpu["bf16"], on_gpu["gradient_checkpointing"]) == (False, None, True)
    assert not on_cpu["logging_nan_inf_filter"] and not on_gpu["logging_nan_inf_filter"] and not on_cpu.stand_in


def test_hidden_gpus_and_a_torch_without_cuda_are_no_accelerator(
    gpu: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert device.why_no_accelerator(gpu) == ""
    monkeypatch.setattr(device, "version", lambda _: "2.13.0+cpu")
    assert "the build without CUDA" in device.why_no_accelerator(gpu)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert "hides every GPU" in device.why_no_accelerator(gpu)
