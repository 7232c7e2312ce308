"""What is chosen for an accelerator follows from what it reports; none of those below was at hand."""

import pytest

from policy.accelerator import Accelerator, apple, attention, capability, needed, suggestions
from policy.machine import page

T4, A100, H100 = (Accelerator("cuda", number) for number in ((7, 5), (8, 0), (9, 0)))
ALL = frozenset({"flash_attn", "flash_attn_interface", "liger_kernel"})
VALUES = {"bf16": True, "fp16": False, "tf32": True, "optim": "paged_adamw_8bit", "load_in_4bit": True, "packing": True}
VALUES |= {"attn_implementation": "flash_attention_2", "dataloader_pin_memory": True}


def test_a_mac_is_known_by_its_system_and_its_processor() -> None:
    assert apple("darwin", "arm64")
    assert not apple("darwin", "x86_64") and not apple("linux", "arm64")


def test_the_weakest_visible_gpu_decides() -> None:
    assert capability("9.0\n7.5\n8.6\n") == (7, 5)
    assert capability("[N/A]\n") is None and capability("") is None


@pytest.mark.parametrize(
    ("number", "installed", "chosen"),
    [
        ((9, 0), ALL, "flash_attention_3"),
        ((9, 0), frozenset({"flash_attn"}), "flash_attention_2"),
        ((8, 6), ALL, "flash_attention_2"),
        ((10, 0), ALL, "flash_attention_2"),
        ((7, 5), ALL, "sdpa"),
        ((9, 0), frozenset(), "sdpa"),
        (None, ALL, "sdpa"),
    ],
)
def test_attention_is_the_fastest_that_card_and_packages_have(
    number: tuple[int, int] | None, installed: frozenset[str], chosen: str
) -> None:
    here = Accelerator("cuda", number, packages=installed)
    assert attention(here)[0] == chosen
    assert suggestions(here)["packing"][0] == chosen.startswith("flash")
    assert suggestions(here)["use_liger_kernel"][0] == ("liger_kernel" in installed)


def test_a_card_without_bfloat16_trains_in_float16_and_a_later_one_as_the_config_says() -> None:
    changed = {key: value for key, (value, _) in needed(T4, VALUES).items()}
    assert changed == {"bf16": False, "fp16": True, "tf32": None, "attn_implementation": None}
    assert needed(A100, VALUES) == needed(H100, VALUES) == needed(Accelerator("cuda"), VALUES) == {}


def test_on_apple_s_gpu_nothing_of_cuda_s_is_asked_for() -> None:
    old, new = Accelerator("mps", macos=(13, 6)), Accelerator("mps", macos=(14, 0))
    changed = {key: value for key, (value, _) in needed(new, VALUES).items()}
    assert changed == {
        "bf16": True,
        "fp16": False,
        "tf32": None,
        "attn_implementation": None,
        "optim": "adamw_torch",
        "load_in_4bit": False,
        "packing": False,
        "dataloader_pin_memory": False,
    }
    assert needed(old, VALUES)["bf16"][0] is False
    assert "load_in_4bit" not in needed(new, VALUES | {"load_in_4bit": False})


def test_the_page_of_this_machine_tells_gpu_memory_disk_and_guest() -> None:
    told = page()
    for name in ("GPU: ", "memory: ", "GiB free in", "processors: ", "virtual machine: "):
        assert name in told
