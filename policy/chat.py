"""The one place where text becomes what a policy reads: the prompt, and the prompt with the answer it is taught.

Supervised fine-tuning, reinforcement learning and evaluation read the same prompt, token for token: the taught tokens
are the prompt's own, then the answer's, tokenised apart as generation would write them, then the token that stops.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import TemplateError
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

from envs.example import Example
from envs.prompt import Style, answer, messages

PLAIN_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}SQL:\n{{ message['content'] }}{{ eos_token }}"
    "{% else %}{{ message['content'] }}\n\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}SQL:\n{% endif %}"
)
"""For a base model whose tokenizer has no chat template: the same messages as plain text, ended by its end of text."""

_MARK = "SELECT 1 AS what_the_policy_wrote"


@dataclass(frozen=True, slots=True)
class Taught:
    """`ids` is prompt and answer; the loss is on `ids[answer_at:]`, the answer and the one token that stops it."""

    ids: list[int]
    answer_at: int

    def labels(self) -> list[int]:
        """The ids with -100, which the loss passes over, in place of the prompt."""
        return [-100] * self.answer_at + self.ids[self.answer_at :]


def prompt_text(
    tokenizer: PreTrainedTokenizerBase,
    example: Example,
    style: Style,
    template: Mapping[str, Any] | None = None,
    turns: int = 1,
) -> str:
    """The chat prompt as the policy sees it; `template` goes to the chat template (enable_thinking ...)."""
    return _render(tokenizer, messages(example, style, turns), True, template)


def tokens_of(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """The ids of a rendered text. A chat template writes its own first token, so none is added."""
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert isinstance(ids, list)
    return ids


def taught(
    tokenizer: PreTrainedTokenizerBase,
    example: Example,
    style: Style,
    template: Mapping[str, Any] | None = None,
    completion: str | None = None,
) -> Taught:
    """The prompt and `completion`, or the gold answer where none is given. Raises ValueError as `taught_chat` does."""
    said = answer(example, style)[0]["content"] if completion is None else completion
    return taught_chat(tokenizer, messages(example, style), said, example.id, template)


def taught_chat(
    tokenizer: PreTrainedTokenizerBase,
    asked: Sequence[Mapping[str, str]],
    said: str,
    name: str,
    template: Mapping[str, Any] | None = None,
) -> Taught:
    """Any messages and the answer to them, called `name` where it fails. Raises ValueError when the chat template
    writes the prompt in another way once it is answered, for then no policy could be asked as it was taught, or writes
    no token after the answer."""
    chat = [dict(message) for message in asked]
    prompt = _render(tokenizer, chat, True, template)
    whole = _render(tokenizer, [*chat, {"role": "assistant", "content": said}], False, template)
    if not whole.startswith(prompt):
        raise ValueError(
            f"the chat template of {tokenizer.name_or_path} writes the prompt of {name} in another way once it "
            "is answered, so what is taught would not be what is asked. Set chat_template_kwargs "
            "({enable_thinking: false} for Qwen3), or use a model whose template keeps the prompt"
        )
    rest = whole[len(prompt) :]
    if said not in rest:
        raise ValueError(
            f"the chat template of {tokenizer.name_or_path} does not write the answer of {name} as it stands"
        )
    end = rest.index(said) + len(said)
    asked_ids, spoken, after = (tokens_of(tokenizer, text) for text in (prompt, rest[:end], rest[end:]))
    ending = _until_special(tokenizer, after)
    if not ending:
        raise ValueError(
            f"the chat template of {tokenizer.name_or_path} writes no special token after an answer, so the policy "
            "would never learn to stop"
        )
    return Taught([*asked_ids, *spoken, *ending], len(asked_ids))


def as_answer(sql: str, style: Style) -> str:
    """A query alone as a policy asked in that style would write it, without what it thought before."""
    return sql if style == "strict" else f"```sql\n{sql}\n```"


def marks_in(tokenizer: PreTrainedTokenizerBase, example: Example) -> list[str]:
    """The tokenizer's special tokens that stand in an example's own text, where they would end a turn or an answer."""
    texts = [message["content"] for message in (*messages(example), *answer(example))]
    return [mark for mark in _marks(tokenizer) if any(mark in text for text in texts)]


def stop_tokens(tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel | None = None) -> list[int]:
    """Every id that ends an answer: the tokenizer's end of text, those of the model's generation config, and the token
    its chat template writes after an answer (Gemma's end of turn is in neither)."""
    exchange = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    after = tokens_of(tokenizer, _render(tokenizer, exchange, False, None).rpartition("b")[2])
    found = {*_until_special(tokenizer, after)[-1:], tokenizer.eos_token_id}
    known = getattr(model, "generation_config", None)
    if isinstance(known, GenerationConfig) and known.eos_token_id is not None:
        found |= {known.eos_token_id} if isinstance(known.eos_token_id, int) else set(known.eos_token_id)
    return sorted(found - {None})


def answered_with(
    tokenizer: PreTrainedTokenizerBase, text: str, template: Mapping[str, Any] | None = None
) -> list[int]:
    """The tokens between an answer's stop token and the policy's next answer, where the user says `text` in between.

    Raises ValueError when the chat template writes no special token after an answer.
    """
    chat = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": _MARK},
        {"role": "user", "content": text},
    ]
    after = tokens_of(tokenizer, _render(tokenizer, chat, True, template).partition(_MARK)[2])
    ending = _until_special(tokenizer, after)
    if not ending:
        raise ValueError(
            f"the chat template of {tokenizer.name_or_path} writes no special token after an answer, so a policy could "
            "not be asked again. Write max_turns: 1, or use a model with another template"
        )
    return after[len(ending) :]


def unmarked(tokenizer: PreTrainedTokenizerBase, text: str) -> str:
    """The text with a blank in each of the tokenizer's special tokens, so that what a database holds ends no turn."""
    for mark in _marks(tokenizer):
        if len(mark) > 1:
            text = text.replace(mark, f"{mark[0]} {mark[1:]}")
    return text


def _until_special(tokenizer: PreTrainedTokenizerBase, after: list[int]) -> list[int]:
    """What a template writes after an answer, up to and with the first special token, which stops generation; empty
    where it writes none."""
    special = _special(tokenizer)
    stop = next((at for at, token in enumerate(after) if token in special), -1)
    return after[: stop + 1]


@lru_cache(maxsize=4)
def _special(tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    added = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    return frozenset(added | {*tokenizer.all_special_ids})


@lru_cache(maxsize=4)
def _marks(tokenizer: PreTrainedTokenizerBase) -> tuple[str, ...]:
    return tuple(str(tokenizer.convert_ids_to_tokens(token)) for token in sorted(_special(tokenizer)))


def _render(
    tokenizer: PreTrainedTokenizerBase,
    chat: list[dict[str, str]],
    asks: bool,
    template: Mapping[str, Any] | None,
) -> str:
    """A chat as text; `asks` adds what opens an answer. Where a template knows no system role, the system's message
    stands at the head of the user's (Gemma 1 and 2)."""
    told = {"tokenize": False, "add_generation_prompt": asks} | dict(template or {})
    try:
        text = tokenizer.apply_chat_template(chat, **told)
    except TemplateError:
        system, user, *rest = chat
        joined = {"role": "user", "content": f"{system['content']}\n\n{user['content']}"}
        text = tokenizer.apply_chat_template([joined, *rest], **told)
    assert isinstance(text, str)
    return text
