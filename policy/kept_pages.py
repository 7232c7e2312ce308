"""Memory that a CPU's tensors freed is kept for the next ones, where the C library would give it back at once.

glibc maps each large block anew and unmaps it when it is freed (mallopt(3): M_MMAP_MAX, M_TRIM_THRESHOLD), so that
every tensor of every step is filled with zeros by the kernel first. Kept pages made the steps of
`configs/grpo_quickstart.yaml` 1.48 times as fast, to the same bytes, for 8% more memory at the peak (LAB_NOTES.md).
"""

import ctypes
import os
import sys
from contextlib import suppress

import torch

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
NEVER = -1


def keep_pages() -> bool:
    """Whether they are kept from now on: not beside a GPU, not without glibc, and not where the environment says how
    memory is to be had (MALLOC_*, GLIBC_TUNABLES, LD_PRELOAD)."""
    told = any(name.startswith("MALLOC_") or name in ("GLIBC_TUNABLES", "LD_PRELOAD") for name in os.environ)
    if told or sys.platform != "linux" or torch.cuda.is_available():
        return False
    with suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        return bool(mallopt(M_MMAP_MAX, 0) and mallopt(M_TRIM_THRESHOLD, NEVER))
    return False


def give_back() -> None:
    """Everything that is kept and not in use, once, so that what follows can be measured by itself."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
