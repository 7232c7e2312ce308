"""What several answers to a question are worth together, for 1, 2, 4 ... of them.

pass@k is the chance that one of k is right (`eval.pass_at_k`); it is also how often an oracle that picks among k is
right (`eval.selectors.oracle`), so that oracle@k is the same number and no row of its own. maj@k is how often the
result that most of k return is right (`eval.selectors.majority`), over all subsets of k or as many as are drawn.
"""

from collections.abc import Callable

from eval.candidates import Answer as Candidate
from eval.measure.question import Answer, Measure, Question, Said
from eval.measure.verdicts import unscored
from eval.pass_at_k import pass_at_k
from eval.selection import sizes, subsets
from eval.selectors.majority import majority


def measures(most: int) -> list[Measure]:
    """Of up to so many answers; none where there is only one."""
    if most < 2:
        return []
    found = [Measure(f"pass@{k}", f"one of {k} answers is right: oracle@{k}", _graded(_pass(k))) for k in sizes(most)]
    votes = [Measure(f"maj@{k}", f"the result that most of {k} answers return is right", _graded(_majority(k)))
             for k in sizes(most)]  # fmt: skip
    return found + votes


def _graded(of: Callable[[Question], Said]) -> Callable[[Question], Said]:
    """Where every answer has a verdict: one that nobody can score leaves the question unscored."""

    def said(question: Question) -> Said:
        missing = next((one.score for one in question.answers if one.score.correct is None), None)
        return of(question) if missing is None else unscored(missing)

    return said


def _pass(k: int) -> Callable[[Question], Said]:
    def of(question: Question) -> Said:
        found = pass_at_k(len(question.answers), sum(bool(one.score.correct) for one in question.answers), k)
        return f"fewer than {k} answers" if found is None else found

    return of


def _majority(k: int) -> Callable[[Question], Said]:
    def of(question: Question) -> Said:
        if any(one.score.modes.get("state") is not None for one in question.answers):
            return "the gold writes: no result to vote by"
        answers = [_candidate(one) for one in question.answers]
        if len(answers) < k:
            return f"fewer than {k} answers"
        places = subsets(len(answers), k, seed=0)
        return sum(answers[some[majority([answers[at] for at in some])]].right for some in places) / len(places)

    return of


def _candidate(one: Answer) -> Candidate:
    return Candidate(one.score.sql, one.score.result, None, one.tokens, None, bool(one.score.correct))
