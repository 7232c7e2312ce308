"""What times say: VES and R-VES with their intervals, and how much the times themselves spread."""

from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import fmean, median, stdev

from eval.measure.interval import Mean, mean
from eval.times import Timed, Times, ratios_of
from eval.ves import STEPS, kept, ratio, ratios, reward
from policy.scores import Scored

Z = 1.959963984540054


def told(scored: Sequence[Scored], found: Mapping[str, Sequence[Timed]]) -> str:
    """For the console. A question's value is the mean over its completions that can be timed."""
    said = [[one for one in each if not isinstance(one, str)] for each in ratios_of(scored, found).values()]
    known = [each for each in said if each]
    times = [one for each in found.values() for one in each if isinstance(one, Times)]
    if not known or not times:
        return "no right answer was timed, so there is neither VES nor R-VES"
    ves = mean([fmean(map(sqrt, each)) for each in known])
    rewards = mean([fmean(sqrt(reward(one)) for one in each) for each in known])
    lines = [
        f"VES {_shown(ves)}, R-VES {_shown(rewards)}, over {len(known):,} of {len(said):,} questions",
        *_spread(times),
    ]
    return "\n".join(lines)


def _spread(times: Sequence[Times]) -> list[str]:
    shares = sorted(_relative(one) for one in times)
    open_rewards = sum(_is_open(one) for one in times)
    selves = [ratio(one.gold[0::2], one.gold[1::2]) for one in map(_even, times) if one.gold]
    lines = [
        f"{len(times):,} answers were timed, the golds taking {1e3 * median(median(one.gold) for one in times):.3g} ms "
        f"(median); one answer's ratio spreads by {100 * median(shares):.0f}% from run to run (median; one in ten by "
        f"more than {100 * shares[int(0.9 * (len(shares) - 1))]:.0f}%)",
        f"{open_rewards:,} of them are so near a step of R-VES that its reward is open (95% interval of the ratio)",
    ]
    if selves:
        itself, at_steps = (100 * fmean(map(sqrt, some)) for some in (selves, map(reward, selves)))
        lines.append(
            f"golds beside themselves, even runs by odd runs: VES {itself:.1f}, R-VES {at_steps:.1f} (100 were right)"
        )
    return lines


def _even(one: Times) -> Times:
    """As many even runs as odd ones."""
    return Times(one.answer, one.gold[: len(one.gold) // 2 * 2])


def _relative(one: Times) -> float:
    some = kept(ratios(one.answer, one.gold))
    return stdev(some) / fmean(some) if len(some) > 1 else 0.0


def _is_open(one: Times) -> bool:
    some = kept(ratios(one.answer, one.gold))
    half = Z * stdev(some) / sqrt(len(some)) if len(some) > 1 else 0.0
    return any(fmean(some) - half < least <= fmean(some) + half for least, _ in STEPS)


def _shown(one: Mean) -> str:
    return f"{100 * one.mean:.1f} ({100 * one.low:.1f} to {100 * one.high:.1f})"
