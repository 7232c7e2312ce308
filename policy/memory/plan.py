"""What of a config decides how much memory its training takes. Imports neither torch nor TRL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy import processes


@dataclass(frozen=True, slots=True)
class Plan:
    """One step, in its largest batch, and the largest pass of generation.

    `rows` texts of `tokens` tokens pass forward and backward at a time, the loss on their last `scored`. Where
    `written` is above 0, `asked` prompts of `tokens - scored` tokens are answered at a time by so many tokens. `on` is
    "cpu", "cuda" or "mps"; `values` are all keys of the config.
    """

    values: Mapping[str, Any]
    rows: int
    tokens: int
    scored: int
    asked: int
    written: int
    on: str = "cpu"
    reference: bool = False
    entropy: bool = True

    @property
    def keeps_gradients(self) -> bool:
        """Whether gradients of an earlier pass are there when the next passes backward."""
        return self.values["gradient_accumulation_steps"] > 1

    @property
    def quantised(self) -> bool:
        return bool(self.values["load_in_4bit"] or self.values["load_in_8bit"])

    @property
    def half(self) -> str | None:
        """What autocast multiplies in: bfloat16, float16, or None where it is off. TRL (1.16) turns bfloat16 on where
        neither it nor float16 is named."""
        if self.values["fp16"]:
            return "float16"
        return "bfloat16" if self.values["bf16"] or self.values["bf16"] is None else None

    def state(self, trained: int, size: float) -> float:
        """Bytes that the optimizer keeps of so many trained numbers, which take `size` bytes themselves: torch's two of
        each in their own precision, bitsandbytes' (0.50) of one or four bytes whatever theirs is."""
        optim = self.values["optim"]
        if optim in ("sgd", "adafactor"):
            return 0.0
        if "8bit" in optim:
            return 2.0 * trained
        return (4.0 if "lion" in optim else 8.0) * trained if "32bit" in optim else 2 * size

    @property
    def copies(self) -> int:
        """Further copies of each gradient: torch's buckets, where several processes exchange them."""
        return 1 if processes.count() > 1 else 0


def of_lessons(values: Mapping[str, Any], longest: int, prompt: int, on: str) -> Plan:
    """SFT: `longest` is the longest lesson, `prompt` the longest question that is answered, both in tokens. A packed
    row is filled to max_length. Virtual tokens are not counted: the model itself puts them before each row."""
    tokens = values["max_length"] if values["packing"] else padded(values, longest)
    prompt = min(prompt, tokens - 1)
    rows, written = values["per_device_train_batch_size"], values["max_new_tokens"]
    return Plan(values, rows, tokens, max(1, tokens - prompt), values["answer_batch_size"], written, on)


def of_completions(values: Mapping[str, Any], prompt: int, asked: int, on: str) -> Plan:
    """GRPO and RLOO: completions of the full length on the longest prompt; `asked` at a time are sampled."""
    written = values["max_completion_length"]
    rows = values["per_device_train_batch_size"]
    scored = padded(values, written)
    reference = bool(values["beta"]) and not values["use_peft"]
    return Plan(
        values,
        rows,
        padded(values, prompt) + scored,
        scored,
        max(asked, values["answer_batch_size"]),
        written,
        on,
        reference,
    )


def of_pairs(values: Mapping[str, Any], prompt: int, answer: int, on: str) -> Plan:
    """DPO: the chosen and the rejected answer are two rows of one batch."""
    rows = 2 * values["per_device_train_batch_size"]
    reference = not (values["precompute_ref_log_probs"] or values["use_peft"])
    asked, written = values["answer_batch_size"], values["max_completion_length"]
    tokens = padded(values, prompt + answer)
    return Plan(values, rows, tokens, answer, asked, written, on, reference, entropy=False)


def of_longest_pairs(values: Mapping[str, Any], prompt: int, on: str) -> Plan:
    """DPO before its pairs are known: rows of max_length tokens."""
    longest = values["max_length"] or 1024
    return of_pairs(values, min(prompt, longest - 1), longest - min(prompt, longest - 1), on)


def padded(values: Mapping[str, Any], tokens: int) -> int:
    """As long as a batch becomes whose longest row has so many tokens."""
    multiple = values["pad_to_multiple_of"]
    return -(-tokens // multiple) * multiple if isinstance(multiple, int) else tokens


def device_of(use_cpu: bool) -> str:
    """Where a training of this process would put its tensors."""
    import torch

    if use_cpu:
        return "cpu"
    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
