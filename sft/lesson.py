"""One lesson of any kind: what a policy reads, turn by turn, and the one answer that the loss is on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from envs.example import Example
from envs.prompt import DIALECTS, Style
from envs.sql_env import SqlEnv

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from policy.chat import Taught


@dataclass(frozen=True, slots=True)
class Lesson:
    """`asked` are the messages up to the first answer. `turns` are earlier answers, each with what was read after it,
    on none of which there is a loss; `answer` is what is taught. `source` says where a wrong query came from."""

    example: str
    asked: tuple[Mapping[str, str], ...]
    answer: str
    turns: tuple[tuple[str, str], ...] = ()
    source: str = ""

    def row(self) -> dict[str, Any]:
        """As one line of `lessons.jsonl`, the chat in order."""
        turns = [
            {"role": role, "content": text}
            for said, told in self.turns
            for role, text in (("assistant", said), ("user", told))
        ]
        chat = [*map(dict, self.asked), *turns, {"role": "assistant", "content": self.answer}]
        return {"example": self.example, "source": self.source, "messages": chat}

    @staticmethod
    def of(row: Mapping[str, Any]) -> "Lesson":
        """What `row` gave. Raises KeyError, TypeError or ValueError where it gave something else."""
        *chat, last = [{"role": str(one["role"]), "content": str(one["content"])} for one in row["messages"]]
        first = next((at for at, one in enumerate(chat) if one["role"] == "assistant"), len(chat))
        said = [one["content"] for one in chat[first:]]
        turns = tuple(zip(said[::2], said[1::2], strict=True))
        return Lesson(row["example"], tuple(chat[:first]), last["content"], turns, row["source"])


@dataclass(frozen=True, slots=True)
class Given:
    """What a kind of lesson is made with. `around` counts how often all questions were gone through before; `mistakes`
    are answers that a policy wrote to a question, by its id, right and wrong. The examples are in `env`."""

    style: Style
    seed: int
    env: SqlEnv
    around: int = 0
    mistakes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def asked(told: str, example: Example, said: str) -> tuple[Mapping[str, str], ...]:
    """A system message with what is wanted (`{dialect}` is filled in) and the schema, and a user's; laid out as
    `envs.prompt` does."""
    schema = example.shown or example.schema
    system = f"{told.format(dialect=DIALECTS[example.dialect])}\n\n{schema}"
    return {"role": "system", "content": system}, {"role": "user", "content": said}


def taught_lesson(
    tokenizer: "PreTrainedTokenizerBase", lesson: Lesson, template: Mapping[str, Any] | None = None
) -> "Taught":
    """Its tokens, each turn as generation would have left it. Raises ValueError where the chat template cannot be
    taught."""
    from policy.chat import Taught, taught_chat

    last = taught_chat(tokenizer, lesson.asked, lesson.answer, lesson.example, template)
    read = asked_again(tokenizer, lesson.asked, lesson.turns, lesson.example, template) if lesson.turns else None
    if read is None:
        return last
    return Taught([*read, *last.ids[last.answer_at :]], len(read))


def asked_again(
    tokenizer: "PreTrainedTokenizerBase",
    asked: Sequence[Mapping[str, str]],
    turns: Sequence[tuple[str, str]],
    name: str,
    template: Mapping[str, Any] | None = None,
) -> list[int]:
    """The prompt after these turns, at least one: what `policy.turns` and `serve` ask a policy with again. Raises
    ValueError as `policy.chat` does."""
    from policy.chat import answered_with, taught_chat, unmarked

    ids: list[int] = []
    for said, told in turns:
        one = taught_chat(tokenizer, asked, said, name, template)
        ids += one.ids[one.answer_at if ids else 0 :]
        ids += answered_with(tokenizer, unmarked(tokenizer, told), template)
    return ids
