"""One short name for all rows of a result in any order, so that results can be told apart where they are no longer at
hand: completions that return the same have one vote together (`eval.select`).

The same in every process and on every machine: nothing here is Python's own `hash`. Numbers are named as `envs.compare`
holds them equal, as far as a name can: 1 and 1.0 are one number, so is a float that misses an integer by noise, and
other floats are named by seven digits. Two floats within the comparison's tolerance that lie on either side of a
rounding edge get two names, where `compare` finds them equal. Columns keep their order; names of columns do not count.
"""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import chain

from envs.compare import NOISE, ZERO
from envs.execution import Value
from envs.values import Row

BYTES = 8
"""Of a fingerprint; two different results of one question share one by accident in 1 of 10^19."""
LONG = 1 << 256
"""Integers beyond this are written in base 16: Python refuses to write very long ones in base 10."""


def fingerprint(columns: int, rows: Sequence[Row]) -> str:
    """16 characters; "" where there are no columns, as after a statement that writes, or no memory is left for it."""
    if not columns:
        return ""
    try:
        if float in set(map(type, chain.from_iterable(rows))):
            rows = [tuple([_number(v) if isinstance(v, float) else v for v in row]) for row in rows]
        try:
            texts = sorted(map(repr, rows))
        except ValueError:
            rows = [tuple([hex(v) if isinstance(v, int) and abs(v) > LONG else v for v in row]) for row in rows]
            texts = sorted(map(repr, rows))
        return blake2b("\n".join([str(columns), *texts]).encode(), digest_size=BYTES).hexdigest()
    except MemoryError:
        return ""


def _number(value: float) -> Value:
    """A float as the integer that it is or misses by noise, else by its first seven digits."""
    if abs(value) < ZERO:
        return 0
    if abs(value) < 2**63 and abs(value - round(value)) <= NOISE * abs(value):
        return round(value)
    return float(f"{value:.7g}")
