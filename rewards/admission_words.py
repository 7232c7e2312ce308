"""What to call what the admission gate found: the cause of a quarantine, what a gold lacks, what a match is."""

import re
from collections.abc import Iterable, Sequence
from typing import get_args

from envs import spider
from envs.gate import parse
from envs.rollout import Rollout
from envs.verdict import Mode
from rewards.blended import blended
from rewards.execution_match import execution_match

MODES: tuple[Mode, ...] = get_args(Mode)

CAUSES = (
    (r"there is no database file", "there is no database file"),
    (r"the script does not build|.* is not a database|the database does not", "the database does not open"),
    (r"the gate refuses the gold", "the gate refuses it"),
    (r"the gold does not finish", "too slow"),
    (r"the gold does not run \(forbidden\): is not deterministic", "takes dice or a sample"),
    (r"the gold does not run \(forbidden\)", "the sandbox forbids it"),
    (r"the gold does not run", "does not run"),
    (r"the gold (takes a sample|throws dice)", "takes dice or a sample"),
    (r"LIMIT \d+ cuts through", "LIMIT cuts through a tie"),
    (r"LIMIT \d+ without ORDER BY", "LIMIT without ORDER BY"),
    (r"a NULL sort key decides", "a NULL decides what LIMIT shows"),
)
"""What a reason begins with (a regular expression) -> the group it is counted in."""
NOTES = (
    (r"the gold reads the clock", "reads the clock"),
    (r"the gold strings values together", "strings values together in no fixed order"),
    (r"proves nothing", "proves nothing"),
    (r"takes [\d.]+ s", "slow"),
)


def shortfall(rollout: Rollout) -> str:
    """What a gold as its own answer lacks of the top score, "" where it lacks nothing."""
    verdict = rollout.verdict
    if execution_match(rollout) != 1.0:
        return f"execution_match {execution_match(rollout)}: {said(rollout)}"
    if blended(rollout) != 1.0 and (verdict.twins is False or not verdict.vacuous):
        return f"blended {blended(rollout)}: {said(rollout)}"
    lost = [mode for mode in disagreeing(rollout) if mode != "spider" or not rewritten(rollout)]
    return f"not right by {', '.join(lost)}" if lost else ""


def disagreeing(rollout: Rollout) -> list[Mode]:
    """The modes that do not call a gold right as its own answer; gold that writes is graded by none of them."""
    return [mode for mode in MODES if rollout.verdict.state is None and rollout.verdict.named(mode) is not True]


def rewritten(rollout: Rollout) -> bool:
    """Whether Spider's evaluator spoils this query as an answer to itself; published numbers hold that.

    It reads `value` as 1 in answers only, and leaves `SELECT ON (...)` of a DISTINCT ON.
    """
    answer, gold = (spider.as_evaluated(rollout.sql, prediction) for prediction in (True, False))
    return answer != gold or (answer != rollout.sql and isinstance(parse(answer, rollout.example.dialect), str))


def match(rollout: Rollout) -> str:
    """What to think of a stranger's gold that wins."""
    verdict = rollout.verdict
    if folded(rollout.sql) in map(folded, (rollout.example.gold_sql, *rollout.example.other_golds)):
        return "the same text but for case and spaces"
    if verdict.twins is not None:
        return "it wins on every twin too" if verdict.twins else "accidental, a twin refutes it"
    return "both prove nothing" if verdict.vacuous else "accidental, or the same in other words"


def folded(sql: str) -> str:
    """A query without what cannot matter for a look: case outside quotes, spaces, the last semicolon."""
    parts = re.split(r"('[^']*'|\"[^\"]*\"|`[^`]*`)", sql.strip().rstrip("; \t\r\n"))
    return "".join(part if i % 2 else re.sub(r"\s+", "", part.lower()) for i, part in enumerate(parts))


def cause(reason: str) -> str:
    return named(reason, CAUSES)


def note_kind(note: str) -> str:
    return named(note, NOTES)


def named(text: str, names: Sequence[tuple[str, str]]) -> str:
    """The group of a reason; where none fits, the reason itself up to its colon, numbers left out."""
    found = next((name for pattern, name in names if re.match(pattern, text)), None)
    return found or re.sub(r"\d+", "N", text.split(":")[0])


def grouped(pairs: Iterable[tuple[str, tuple[str, str]]]) -> dict[str, list[tuple[str, str]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, row in pairs:
        groups.setdefault(name, []).append(row)
    return dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))


def said(rollout: Rollout) -> str:
    verdict, execution = rollout.verdict, rollout.execution
    return verdict.ungradable or verdict.reason or rollout.gate or execution.message or rollout.sql or "no reason"
