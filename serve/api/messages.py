"""What a request may hold. Anything else in it is an error, and so is a number as text."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from serve.question import QUESTION

NAME = 100
SQL = 20_000
COMMENT = 2_000
SAMPLES = 16
BATCH = 32


def _text(value: str) -> str:
    """Raises ValueError on what no keyboard writes, and on half of a pair of surrogates."""
    for one in value:
        if (ord(one) < 32 and one not in "\n\r\t") or ord(one) == 127 or 0xD800 <= ord(one) <= 0xDFFF:
            raise ValueError(f"holds the control character U+{ord(one):04X}, which nobody types")
    return value


def _words(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty")
    return value


Text = Annotated[str, AfterValidator(_text)]
Name = Annotated[Text, Field(min_length=1, max_length=NAME, description="as GET /databases lists it")]


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Question(Message):
    """One question in words about one database."""

    database: Name
    question: Annotated[
        Text, AfterValidator(_words), Field(max_length=QUESTION, examples=["How many customers are there?"])
    ]
    samples: Annotated[int, Field(ge=1, le=SAMPLES, description="queries that vote by what they return")] | None = None
    evidence: Annotated[Text, Field(max_length=QUESTION, description="what the question leaves unsaid")] = ""


class Batch(Message):
    questions: Annotated[list[Question], Field(min_length=1, max_length=BATCH)]


class Feedback(Message):
    """What somebody thinks of an answer: `id` is the answer's, `sql` the query that would have been right."""

    id: Annotated[Text, Field(min_length=1, max_length=64)]
    right: bool
    sql: Annotated[Text, AfterValidator(_words), Field(max_length=SQL)] | None = None
    comment: Annotated[Text, Field(max_length=COMMENT)] = ""


class Error(BaseModel):
    """Of every request that is not answered."""

    error: Annotated[str, Field(description="a sentence for a person")]
    code: Annotated[str, Field(description="a word for a program")]


class Seconds(BaseModel):
    total: float
    waiting: float
    model: float
    database: float


class Candidate(BaseModel):
    sql: str
    votes: int
    error: str | None
    repaired: bool
    policy: str
    result: str
    opinion: float | None


class Told(BaseModel):
    """`error` says why there are no rows; `count` is null where there are more than the limit. Of a value that JSON has
    not, a cell is an object: {"blob": hex}, {"number": "NaN"}, {"integer": "9007199254740993"}."""

    id: str
    database: str
    question: str
    sql: str
    columns: list[str]
    rows: list[list[Any]]
    count: int | None
    capped: bool
    status: str
    error: str | None
    checks: str
    candidates: list[Candidate]
    cached: bool
    seconds: Seconds
