"""What became of an answer, in a word or two: right, or the way it is wrong as the judge's files tell it."""

from eval.head_to_head.policies import Answer

RIGHT = "right"
_REASONS = (
    (" columns, expected", "other columns"),
    (" column, expected", "other columns"),
    (" rows, expected", "more or fewer rows"),
    (" row, expected", "more or fewer rows"),
    ("order", "other order"),
    ("hard-coded", "constant"),
    ("constant", "constant"),
    ("other rows", "other rows"),
)


def outcome(answer: Answer) -> str:
    """`right`, how it ended where it did not run, else how its rows differ."""
    if answer.correct:
        return RIGHT
    if answer.status == "rejected":
        return "does not parse" if answer.gate.startswith("does not parse") else "rejected"
    if answer.status != "ok":
        return answer.status.replace("_", " ")
    return next((name for sign, name in _REASONS if sign in answer.reason), "wrong otherwise")
