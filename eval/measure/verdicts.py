"""What execution says of an answer, as `scores.jsonl` keeps it: the comparisons, whether it ran, rewards, tokens."""

import re
from collections.abc import Callable
from math import sqrt

from envs.example import Example
from eval.measure.blended_seed import blended_seed
from eval.measure.question import Answer, Measure, Said, each
from eval.ves import reward
from policy.scores import Score

UNTRIED = "nobody tried twins (eval.score --twins)"
NUMBER = re.compile(r"\d[\d,]*")


def measures(comparison: str) -> list[Measure]:
    """In the order of a table. `comparison` is the one that counts."""
    what = {
        "strict": "typed values, a multiset of rows, order where the gold fixes it",
        "spider": "as Spider's official evaluator says, on this one database",
        "bird": "as BIRD's official evaluator says: equal as sets of rows",
        "lenient": "strict but for one order of columns, rounding and how dates are written",
        "state": "what a statement that writes leaves behind",
    }
    return [
        Measure("correct", f"right by {comparison}, or by state where the gold writes", _score(_correct)),
        *(Measure(name, what[name], _score(_mode(name))) for name in what),
        Measure("proven", "right by an equality that proves something", _score(_proven)),
        Measure("suite", "test-suite accuracy: right by spider on every database of a suite", _score(_suite)),
        Measure("twin_accuracy", "right, and refuted by no twin of the database", each(_twins)),
        Measure("refuted", "of right answers that were tried on twins: those that one refutes", each(_refuted),
                better="lower"),
        Measure("parseable", "one statement that the gate lets run", _score(_parseable)),
        Measure("executes", "ran to its end inside its limits", _score(_executes)),
        Measure("blended", "1.0 if proven, else 0.7 x ROUGE-L of the SQL", _score(_reward("blended"))),
        Measure("blended_seed", "the seed's score, with the seed's own rules", each(blended_seed)),
        Measure("soft_f1", "BIRD mini-dev's F1 of the cells, row beside row", _score(_soft_f1)),
        Measure("row_overlap", "the reward of that name: how many cells agree", _score(_reward("row_overlap"))),
        Measure("ves", "BIRD's valid efficiency score; noisy, see eval.efficiency", each(_ves)),
        Measure("r_ves", "mini-dev's reward-based VES; noisy, see eval.efficiency", each(_r_ves)),
        Measure("tokens", "written by the policy, the one that stopped it too", each(_tokens), "count", "lower"),
    ]  # fmt: skip


def _score(said: Callable[[Score], bool | float | str | None]) -> Callable[..., Said]:
    def of(example: Example, answer: Answer) -> Said:
        found = said(answer.score)
        return unscored(answer.score) if found is None else found if isinstance(found, str) else float(found)

    return each(of)


def unscored(score: Score) -> str:
    """Why there is no verdict, in the words that are the same for all questions of a kind."""
    if score.ungradable:
        return "ungradable: " + NUMBER.sub("N", score.ungradable.partition(":")[0].partition("(")[0].strip())
    return f"not executed: {score.status}"


def _correct(score: Score) -> bool | None:
    return score.correct


def _proven(score: Score) -> bool | None:
    return score.proven


def _mode(name: str) -> Callable[[Score], bool | str | None]:
    def of(score: Score) -> bool | str | None:
        found = score.modes.get(name)
        writes = score.modes.get("state") is not None
        if found is not None or score.ungradable or score.correct is None:
            return found
        if name == "state":
            return "the gold is a query"
        return "the gold writes" if writes else None

    return of


def _suite(score: Score) -> bool | str:
    return "nobody asked (eval.score --suite), or its schema has none" if score.suite is None else score.suite


def _twins(example: Example, answer: Answer) -> Said:
    """An answer for which no twin could be made counts as it does here: being right takes nobody out of the mean."""
    if not answer.tried_on_twins:
        return UNTRIED
    score = answer.score
    return unscored(score) if score.correct is None else float(score.correct and score.twins is not False)


def _refuted(example: Example, answer: Answer) -> Said:
    if not answer.tried_on_twins:
        return UNTRIED
    if answer.score.correct is None:
        return unscored(answer.score)
    if not answer.score.correct:
        return "wrong already"
    return "no twin could be made" if answer.score.twins is None else float(not answer.score.twins)


def _parseable(score: Score) -> bool:
    return bool(score.sql) and not score.gate


def _executes(score: Score) -> bool | str:
    return f"not executed: {score.status}" if score.status in ("crash", "no_database") else score.status == "ok"


def _reward(name: str) -> Callable[[Score], float | None]:
    return lambda score: score.rewards.get(name)


def _soft_f1(score: Score) -> float | str:
    return "the gold writes or does not run" if score.soft_f1 is None else score.soft_f1


def _ves(example: Example, answer: Answer) -> Said:
    return answer.ratio if isinstance(answer.ratio, str) else sqrt(answer.ratio)


def _r_ves(example: Example, answer: Answer) -> Said:
    return answer.ratio if isinstance(answer.ratio, str) else sqrt(reward(answer.ratio))


def _tokens(example: Example, answer: Answer) -> Said:
    return "nobody counted them" if answer.tokens is None else float(answer.tokens)
