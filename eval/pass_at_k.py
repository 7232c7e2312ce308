"""pass@k: the chance that one of k samples is right (Chen et al., 2021, arXiv:2107.03374, equation 1)."""

from math import prod


def pass_at_k(samples: int, right: int, k: int) -> float | None:
    """The unbiased estimate 1 - C(n - c, k) / C(n, k) from `right` c of `samples` n, as a product that never overflows.

    None where there are fewer than k samples: it cannot be said. Raises ValueError where the counts are none.
    """
    if k < 1 or not 0 <= right <= samples:
        raise ValueError(f"pass@{k} of {right} right of {samples}: k must be at least 1, and right from 0 to that many")
    if samples < k:
        return None
    return 1.0 - prod(1 - k / i for i in range(samples - right + 1, samples + 1)) if samples - right >= k else 1.0
