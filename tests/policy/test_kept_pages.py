"""Freed tensors leave their pages to the next ones, until somebody wants to measure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MEASURED = """
import resource, sys, torch
from policy.kept_pages import give_back, keep_pages
kept = sys.argv[1] == "keep" and keep_pages()
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    torch.ones(64 << 18)
before = faults()
for _ in range(20):
    torch.ones(64 << 18)
seen, held = faults() - before, resident()
give_back()
print(kept, seen, held - resident())
"""


def measured(word: str, **environment: str) -> tuple[str, int, int]:
    """Whether pages were kept, how often the kernel had to bring one, and KiB given back at the end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")} | environment
    said = subprocess.run(
        [sys.executable, "-c", MEASURED, word], env=clean | {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    kept, seen, given = said.stdout.split()
    return kept, int(seen), int(given)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's count of pages is read where Linux tells it")
def test_pages_are_kept_and_given_back_when_asked():
    kept, seen, given = measured("keep")
    if kept == "False":
        pytest.skip("this C library is not glibc")
    _, without, _ = measured("leave")
    assert seen < without / 10
    assert given > 60 * 1024


def test_what_the_environment_says_about_memory_stands():
    assert measured("keep", MALLOC_ARENA_MAX="4")[0] == "False"
