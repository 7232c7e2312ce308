"""What torch touches: a policy by name or path, the seedling, the stand-in, devices, the run's folder."""

from logging import getLogger

getLogger("bitsandbytes.backends.cpu.ops").setLevel("ERROR")  # it warns of a kernel that only 4-bit on a CPU wants
