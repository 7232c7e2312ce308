"""What the model behind an endpoint is asked: to answer a question, or to write an answer that only looks right."""

from typing import Literal, get_args

from envs.example import Example
from envs.prompt import DIALECTS, Style, messages
from policy.endpoint.wish import Wish, wish_of
from policy.samplers import seed_of

Asked = Literal["answer", "alternative"]
"""As a file says it: "answer" is the lab's own prompt, "alternative" is a wrong query beside the gold."""

Way = Literal["answer", "corrupt"]
"""As a person says it (`--ask`)."""
WAYS: dict[Way, Asked] = dict(zip(get_args(Way), get_args(Asked), strict=True))

MISTAKES = (
    "a column that is close to the right one",
    "a join over the wrong key, or a table too many or too few",
    "a filter that is missing, too wide or too narrow",
    "a comparison that is off by one, or turned round",
    "the wrong aggregate, or one over the wrong column",
    "rows counted twice, or merged that should be counted apart",
    "the wrong grouping, or a condition on groups that is put on rows",
    "the wrong order, or the wrong number of rows",
)
"""What goes wrong in queries of careful people and of good models; one is asked for at a time, so that a model does not
make its favourite mistake every time."""

_CORRUPT = """\
You prepare exercises for people who review SQL. You are given a database, a question and the {dialect} query that \
answers it. Write another query that runs on this database without an error, that a careful reader could take for a \
right answer to the question, and that returns something else than the right one does. The mistake should be: \
{mistake}. If the question leaves no room for that, make another mistake that changes the result. Change no more than \
the mistake needs. Give the query alone, without a comment and without an explanation.

{schema}"""


def wish(example: Example, place: int, asked: Asked, style: Style, seed: int, max_new_tokens: int) -> Wish:
    """What is asked for the `place`th time; every place has a seed of its own, and so another answer."""
    if asked == "answer":
        told = messages(example, style)
    else:
        told = _corrupt(example, MISTAKES[(seed_of([example.id], seed) + place) % len(MISTAKES)])
    return wish_of(example.id, place, told, seed_of([example.id, str(place)], seed), max_new_tokens)


def _corrupt(example: Example, mistake: str) -> list[dict[str, str]]:
    system = _CORRUPT.format(dialect=DIALECTS[example.dialect], mistake=mistake, schema=example.schema)
    (_, user) = messages(example)
    gold = example.gold_sql.strip()
    return [{"role": "system", "content": system}, {**user, "content": f"{user['content']}\n\nAnswer:\n{gold}"}]
