"""Answers to one prompt read with it once: branches of one sequence, blind to each other.

Nearly all of a prompt and its answer is prompt. With many answers in a row it is read once, and every logit is what an
answer alone would have got: a branch has the positions it would have after the prompt, and sees the prompt and itself
(tree attention, as in Cai et al. 2024, arXiv:2401.10774).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import nn
from transformers import PreTrainedModel

K = TypeVar("K")

TOGETHER = 16
"""Answers to one prompt that are read with it once, where many are only read."""
SHARED = 0
PADDING = -1
TELLING = 0.05
"""Which share of its length the last state of an answer may change by beside others, for want of precision alone."""


@dataclass(frozen=True, slots=True)
class Branched:
    """One row: `branches` is 0 where all answers see a token, 1 and up in an answer; all have the first `shared` tokens
    in common, and each answer its own from `starts` to before `stops`."""

    ids: list[int]
    positions: list[int]
    branches: list[int]
    shared: int
    starts: list[int]
    stops: list[int]

    def place(self, answer: int, at: int) -> int:
        """Where in the row the token stands that is number `at` of an answer with its prompt."""
        return at if at < self.shared else self.starts[answer] + at - self.shared

    def end(self, answer: int, pad: int) -> int:
        """Where a classifier reads an answer: its last token that is not padding's, as transformers (5.17) has it."""
        places = (*range(self.shared), *range(self.starts[answer], self.stops[answer]))
        return next((at for at in reversed(places) if self.ids[at] != pad), places[-1])


def lay_out(answers: Sequence[Sequence[int]]) -> Branched:
    """Token ids of one prompt with each of its answers, none of them twice, as one row."""
    shared = 0
    while all(len(one) > shared + 1 and one[shared] == answers[0][shared] for one in answers):
        shared += 1
    row = Branched(list(answers[0][:shared]), list(range(shared)), [SHARED] * shared, shared, [], [])
    for number, one in enumerate(answers, 1):
        row.starts.append(len(row.ids))
        row.ids.extend(one[shared:])
        row.positions.extend(range(shared, len(one)))
        row.branches.extend([number] * (len(one) - shared))
        row.stops.append(len(row.ids))
    return row


def collate(rows: Sequence[Branched], pad: int) -> dict[str, torch.Tensor]:
    """`input_ids`, `position_ids`, `attention_mask` and `branches`, each of shape (rows, tokens); -1 is the branch of
    padding."""
    longest = max(len(row.ids) for row in rows)

    def padded(parts: Sequence[list[int]], with_: int) -> torch.Tensor:
        return torch.tensor([part + [with_] * (longest - len(part)) for part in parts])

    branches = padded([row.branches for row in rows], PADDING)
    return {
        "input_ids": padded([row.ids for row in rows], pad),
        "position_ids": padded([row.positions for row in rows], 0),
        "attention_mask": (branches != PADDING).long(),
        "branches": branches,
    }


def seen(branches: torch.Tensor, kind: str, dtype: torch.dtype) -> torch.Tensor:
    """What each token sees, of shape (rows, 1, tokens, tokens): what stands before it in the shared part and in its own
    branch, and itself. `kind` is the model's attention, `sdpa` or `eager`."""
    own = branches[:, None, :] == branches[:, :, None]
    before = torch.ones(branches.shape[1], branches.shape[1], dtype=torch.bool, device=branches.device).tril()
    told = ((own | (branches[:, None, :] == SHARED)) & before)[:, None]
    if kind == "sdpa":
        return told
    return torch.zeros(told.shape, dtype=dtype, device=told.device).masked_fill(~told, torch.finfo(dtype).min)


def in_groups(keys: Iterable[K], prompt: Callable[[K], object], most: int) -> list[list[K]]:
    """Those that have a prompt in common, at most so many at a time, in the order in which prompts first come."""
    found: dict[object, list[list[K]]] = {}
    for key in keys:
        parts = found.setdefault(prompt(key), [[]])
        if len(parts[-1]) == most:
            parts.append([])
        parts[-1].append(key)
    return [part for parts in found.values() for part in parts]


def cut(groups: Sequence[list[K]], rows: int) -> Iterator[Sequence[list[K]]]:
    """So many groups at a time, at least one."""
    for start in range(0, len(groups), max(1, rows)):
        yield groups[start : start + max(1, rows)]


@torch.no_grad()
def kept_apart(model: PreTrainedModel, longest: int) -> bool:
    """Whether the model reads answers of one row, up to so many tokens long, as it reads each alone. One that passes on
    a state instead of attending, or that attends to a window, does not."""
    kind, config = model.config._attn_implementation, model.config.get_text_config()
    if kind not in ("sdpa", "eager") or not _sees_all(config, longest):
        return False
    few, device = min(config.vocab_size, 16), model.device
    answers = [[at % few for at in range(8)], [at % few for at in (0, 1, 2, 3, 9, 6, 11, 2)]]
    told = collate([lay_out(answers)], 0)
    mask = seen(told.pop("branches").to(device), kind, model.dtype)
    was, _ = model.training, model.eval()
    try:
        both = _last(model, told["input_ids"].to(device), mask, told["position_ids"].to(device))
        alone = _last(model, torch.tensor(answers[1:], device=device))
    except (TypeError, ValueError):  # it takes no such mask, or no positions
        return False
    finally:
        model.train(was)
    return bool((both - alone).norm() <= TELLING * alone.norm())


def head_of(classifier: nn.Module) -> nn.Linear | None:
    """The head that sees every token of a classifier; peft trains a copy of it. None without a `score`."""
    heads = [module for name, module in classifier.named_modules() if name.endswith("score") or ".score." in name]
    linear = [one for one in heads if isinstance(one, nn.Linear)]
    trained = [one for one in linear if any(weight.requires_grad for weight in one.parameters())]
    found = trained or linear
    return found[0] if len(found) == 1 else None


def token_logits(classifier: Callable[..., object], head: nn.Linear, **told: object) -> torch.Tensor:
    """What a classifier's head says at every token, of shape (rows, tokens, labels)."""
    heard: list[torch.Tensor] = []
    hook = head.register_forward_hook(lambda *passed: heard.append(passed[2]))
    try:
        classifier(**told)
    finally:
        hook.remove()
    return heard[0]


def _sees_all(config: object, longest: int) -> bool:
    window = getattr(config, "sliding_window", None)
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    return kinds <= {"full_attention", "sliding_attention"} and (window is None or longest <= window)


def _last(
    model: nn.Module, ids: torch.Tensor, mask: torch.Tensor | None = None, positions: torch.Tensor | None = None
) -> torch.Tensor:
    """The state at the last token."""
    said = model(input_ids=ids, attention_mask=mask, position_ids=positions, output_hidden_states=True, use_cache=False)
    found: torch.Tensor = said.hidden_states[-1][0, -1].float()
    return found
