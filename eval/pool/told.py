"""The sentence and the tables about a pool, as Markdown."""

from collections.abc import Sequence

from envs.visible import visible
from eval.pool.comparison import Against, Line
from eval.pool.disagreement import Disagreement
from eval.pool.members import Member
from rewards.paired import Difference, Interval


def verdict(
    members: Sequence[Member], lines: Sequence[Line], against: Sequence[Against], most: int, mean: Difference
) -> str:
    """Whether the pool, choosing by majority, beats its best member, by how much, and what there is to win. It is said
    by the interval of this one comparison, named before all others. `mean` is its difference to the mean member."""
    best = next(one for one in against if one.way == "majority" and one.best)
    pool, alone = (_line(lines, who, "majority", most).accuracy.mean for who in (None, best.member))
    oracle = _line(lines, None, "oracle", most).accuracy.mean
    theirs = max(_line(lines, who, "oracle", most).accuracy.mean for who in range(len(members)))
    name = _cell(members[best.member].name)
    d = best.difference
    if d.low > 0:
        said = f"The pool beats its best member, {name}"
    elif d.high < 0:
        said = f"The pool is worse than its best member, {name}"
    else:
        said = f"The pool cannot be told from its best member, {name}"
    return (
        f"{said}: by majority of {most} samples {100 * pool:.1f}% against {100 * alone:.1f}%, {_points(d)} points "
        f"(p {best.p:.2g}; {best.p_holm:.2g} after Holm over all comparisons). Against the mean of its members "
        f"it is {_points(mean)}. A right sample is among {most} of the pool for {100 * oracle:.1f}% of the questions, "
        f"and among {most} of the member that has most of them for {100 * theirs:.1f}%."
    )


def apart(found: Disagreement) -> str:
    return (
        f"The votes of the members differ on {100 * found.any_differ:.1f}% of the questions; on "
        f"{100 * found.only_some_right:.1f}% some are right and some wrong."
    )


def members_table(members: Sequence[Member], lines: Sequence[Line], most: int) -> list[str]:
    found = [
        "| | policy | prompt | temperature | one sample | majority | oracle | agreement | weight |",
        "|---|---|---|---:|---|---|---|---:|---:|",
    ]
    for who, one in enumerate(members):
        cells = [
            _interval(_line(lines, who, way, n)) for way, n in (("first", 1), ("majority", most), ("oracle", most))
        ]
        weights = ["" if share is None else f"{100 * share:.1f}" for share in (one.agreement, one.weight)]
        about = [_cell(str(one.facts.get("policy"))), str(one.facts.get("prompt")), f"{one.facts['temperature']:g}"]
        found.append(f"| {' | '.join([_cell(one.name), *about, *cells, *weights])} |")
    return found


def against_table(members: Sequence[Member], lines: Sequence[Line], against: Sequence[Against], most: int) -> list[str]:
    """Every way of the pool beside every member; the best member by that way is marked."""
    found = [
        f"| pool of {most}, by | accuracy | member of {most} | by | accuracy | difference | p | p (Holm) |",
        "|---|---|---|---|---|---|---:|---:|",
    ]
    for one in against:
        pool, alone = _line(lines, None, one.way, most), _line(lines, one.member, one.member_way, most)
        name = f"{_cell(members[one.member].name)}{' (best)' if one.best else ''}"
        found.append(
            f"| {one.way} | {_interval(pool)} | {name} | {one.member_way} | {_interval(alone)} | "
            f"{_points(one.difference)} | {one.p:.2g} | {one.p_holm:.2g} |"
        )
    return found


def curve_table(members: Sequence[Member], lines: Sequence[Line]) -> list[str]:
    numbers = sorted({one.n for one in lines if one.way == "majority"})
    found = [f"| accuracy by n | {' | '.join(map(str, numbers))} |", f"|---|{'---:|' * len(numbers)}"]
    for who in (None, *range(len(members))):
        for way in ("majority", "oracle"):
            name = "pool" if who is None else _cell(members[who].name)
            cells = [f"{100 * _line(lines, who, way, n).accuracy.mean:.1f}" for n in numbers]
            found.append(f"| {name}: {way} | {' | '.join(cells)} |")
    return found


def pairs_table(members: Sequence[Member], apart: Disagreement) -> list[str]:
    found = ["| votes of all samples, % of questions | differ | only the first right | only the second |"]
    found.append("|---|---:|---:|---:|")
    for one in apart.pairs:
        names = f"{_cell(members[one.first].name)}, {_cell(members[one.second].name)}"
        shares = " | ".join(f"{100 * share:.1f}" for share in (one.differ, one.only_first, one.only_second))
        found.append(f"| {names} | {shares} |")
    return found


def _line(lines: Sequence[Line], member: int | None, way: str, n: int) -> Line:
    return next(one for one in lines if (one.member, one.way, one.n) == (member, way, n))


def _interval(line: Line) -> str:
    a: Interval = line.accuracy
    return f"{100 * a.mean:.1f} [{100 * a.low:.1f}, {100 * a.high:.1f}]"


def _points(d: Difference) -> str:
    return f"{100 * d.mean:+.1f} [{100 * d.low:+.1f}, {100 * d.high:+.1f}]"


def _cell(text: str) -> str:
    return visible(text).replace("\n", " ").replace("|", "\\|")
