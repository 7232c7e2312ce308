"""1.0 when the query is right on the database and on every twin of it; its mean is the metric `twin_accuracy`.

A twin is a fuzzed copy of the database (`envs.twins`): what is right here by accident is wrong there. After the
distilled test suites of Zhong et al. (2020, arXiv:2010.02840), made for any database.
"""

from envs.rollout import Rollout


def twin_match(rollout: Rollout) -> float | None:
    """1.0, 0.0, or None where there is no ruler, or where a right answer was tried on no twin."""
    verdict = rollout.verdict
    if verdict.correct is None:
        return None
    if verdict.correct and verdict.twins is None and not verdict.constant:
        return None
    return float(verdict.correct and bool(verdict.twins))
