"""What `latency.json` says, as part of what a policy cost; and whether several can be compared."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from eval.head_to_head.policies import Cost
from eval.latency import record


def with_waits(cost: Cost, file: Path, weights: str | None = None) -> Cost:
    """The cost as it is where there is no such file. `weights` are those that answered, None where nobody knows: a file
    of others says nothing of them. Raises ConfigError where it is none of `python -m eval.latency`."""
    found = record.read(file)
    if found is None:
        return cost
    if weights is not None and found.weights != weights:
        return replace(cost, measured_on=f"other weights: {file.name} is of {found.weights}")
    return replace(
        cost,
        latency=found.mean,
        latency_p50=found.p50,
        latency_p95=found.p95,
        answers_per_second=found.answers_per_second,
        answering_mib=found.peak_mib,
        parameters=found.parameters if cost.parameters is None else cost.parameters,
        measured_on=found.on,
    )


def comparable(costs: Iterable[Cost]) -> bool:
    """Whether all latencies that there are were measured on and of the same."""
    return len({one.measured_on for one in costs if one.latency is not None}) < 2
