"""Which right answer stands beside which wrong one."""

from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

from envs.prompt import Style
from policy.config_error import ConfigError
from rl.pairs.answers import GOLD, Answer, Answered, distinct, gold_of, key
from rl.pairs.distance import distance, words
from rl.pairs.plan import plan

Chosen = Literal["random", "shortest", "likeliest", "nearest", "farthest", "other_plan"]
Rejected = Literal["random", "nearest", "farthest", "hardest", "lucky"]
Gold = Literal["instead_of_none", "also", "never", "always"]
NEEDS_LOGPROB = ("likeliest", "hardest")


@dataclass(frozen=True, slots=True)
class Selection:
    """`each` pairs a question at most, None for all that can be made. `gold`: taken where no answer is right
    (instead_of_none), one right answer among the others (also), not at all (never), the only one chosen (always).

    nearest and farthest are by token edit distance to the other answer of the pair (as in ExCoT's selection);
    other_plan prefers a right answer that takes another way than the gold (as in RUCK); hardest is the wrong answer
    that the policy finds most likely; lucky prefers what is right on its database and refuted by a twin. `within`:
    only wrong answers at most so many nats less likely than the likeliest answer to the question; the others the policy
    would hardly write anyway, and unlearning them is what harms it (LAB_NOTES.md).
    """

    chosen: Chosen = "random"
    rejected: Rejected = "random"
    gold: Gold = "instead_of_none"
    each: int | None = 1
    seed: int = 0
    within: float | None = None


def select(question: Answered, how: Selection, style: Style) -> tuple[list[tuple[Answer, Answer]], str]:
    """The pairs of one question, and why there is none ("" where there is one).

    Each wrong answer is taken once before any is taken again, and beside another right one then. What is drawn depends
    on the seed and the example alone, not on the other questions. Raises ConfigError where answers lack what is asked.
    """
    example, engine = question.example, question.example.database.engine
    right = distinct([one for one in question.answers if one.right and not one.truncated], engine)
    proven = {key(one.sql, engine) for one in question.answers if one.right}
    wrong = distinct([one for one in question.answers if one.wrong], engine)
    wrong = [one for one in wrong if key(one.sql, engine) not in proven]
    gold = gold_of(example, style)
    if how.gold == "always":
        right = [gold]
    elif how.gold == "also" or (how.gold == "instead_of_none" and not right):
        right += [gold] if key(gold.sql, engine) not in {key(one.sql, engine) for one in right} else []
    if not wrong or not right:
        return [], _why_none(question, right)
    if how.within is not None:
        best = max(_log_probability(one, "within") for one in question.answers)
        wrong = [one for one in wrong if _log_probability(one, "within") >= best - how.within]
        if not wrong:
            return [], "wrong ones far less likely"
    return _paired(right, wrong, example.gold_sql, example.dialect, how, Random(f"{how.seed} {example.id}")), ""


def _paired(
    right: list[Answer], wrong: list[Answer], gold: str, dialect: str, how: Selection, draw: Random
) -> list[tuple[Answer, Answer]]:
    left = {j: list(range(len(right))) for j in range(len(wrong))}
    drawn = {(i, j): draw.random() for j in left for i in left[j]}
    uses, found = dict.fromkeys(left, 0), list[tuple[Answer, Answer]]()
    own = [_own(one, how.chosen, gold, dialect) for one in right]
    against = [_own(one, how.rejected, gold, dialect) for one in wrong]

    def cost(i: int, j: int, way: str, alone: float) -> tuple[float, float]:
        apart = distance(right[i].sql, wrong[j].sql) if way in ("nearest", "farthest") else 0
        return (-apart if way == "farthest" else apart) + alone, drawn[i, j]

    while left and (how.each is None or len(found) < how.each):
        fresh = min(uses[j] for j in left)
        mates = {j: min(left[j], key=lambda i, j=j: cost(i, j, how.chosen, own[i])) for j in left if uses[j] == fresh}
        j = min(mates, key=lambda j: cost(mates[j], j, how.rejected, against[j]))
        found.append((right[mates[j]], wrong[j]))
        uses[j] += 1
        left[j].remove(mates[j])
        if not left[j]:
            del left[j]
    return found


def _own(one: Answer, way: str, gold: str, dialect: str) -> float:
    """What speaks against an answer whatever it is paired with."""
    match way:
        case "shortest":
            return len(words(one.sql))
        case "likeliest" | "hardest":
            if one.source == GOLD:
                return float("inf")
            return -_log_probability(one, way)
        case "lucky":
            return 0.0 if one.lucky else 1.0
        case "other_plan":
            return 1.0 if plan(one.sql, dialect) == plan(gold, dialect) else 0.0
        case _:
            return 0.0


def _log_probability(one: Answer, way: str) -> float:
    if one.logprob is None:
        raise ConfigError(f"{way} needs the log-probability of each answer, which only samples have")
    return one.logprob


def _why_none(question: Answered, right: list[Answer]) -> str:
    answers = question.answers
    if not answers:
        return "no answer"
    if not any(one.right or one.wrong for one in answers):
        return "no answer could be judged"
    if not any(one.wrong for one in answers):
        return "all right" if all(one.right for one in answers) else "none wrong, some not judged"
    assert not right
    return "right ones truncated" if any(one.right for one in answers) else "all wrong"


CHOSEN, REJECTED, GOLDS = get_args(Chosen), get_args(Rejected), get_args(Gold)
