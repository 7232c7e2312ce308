"""Whether a config fits a GPU of so many GiB, and which key to change where it does not, least harm first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policy.memory.estimate import GIB, Estimate, size

Values = Mapping[str, Any]
SPARE = 0.95
"""Of a card: the rest is the driver's and the screen's."""


@dataclass(frozen=True, slots=True)
class Change:
    """Keys and the values to try, and what they cost."""

    keys: Mapping[str, Any]
    cost: str

    def in_words(self, values: Values) -> str:
        named = ", ".join(f"{key} {value} (is {values[key]})" for key, value in self.keys.items())
        return f"{named}: {self.cost}"


def changes(values: Values) -> Iterator[Change]:
    """What to try next, the least harmful first; each is said only where it would change something."""
    rows, passes = values["per_device_train_batch_size"], values["gradient_accumulation_steps"]
    if rows > 1:
        times, steps = 2 if rows % 2 == 0 else rows, values.get("steps_per_generation")
        fewer = {"per_device_train_batch_size": rows // times, "gradient_accumulation_steps": times * passes}
        sampled = {"steps_per_generation": times * steps} if steps else {}
        yield Change(fewer | sampled, "the same examples a step, in more passes")
    if not values["gradient_checkpointing"]:
        yield Change({"gradient_checkpointing": True}, "the same result, each step about a third slower")
    if values["answer_batch_size"] > 8:
        yield Change({"answer_batch_size": 8}, "the same answers, more slowly")
    if "8bit" not in values["optim"]:
        yield Change({"optim": "paged_adamw_8bit"}, "optimizer state in eight bits")
    if values["use_peft"] and values["dtype"] in (None, "float32"):
        yield Change({"dtype": "bfloat16"}, "frozen weights in half precision")
    if values["use_peft"] and not (values["load_in_4bit"] or values["load_in_8bit"]):
        named = {} if values["dtype"] in ("bfloat16", "float16") else {"dtype": "bfloat16"}
        yield Change({"load_in_4bit": True} | named, "frozen weights in four bits")
    if not values["use_peft"] and not values["prompt_tuning" if "prompt_tuning" in values else "use_peft"]:
        yield Change({"use_peft": True, "lora_target_modules": "all-linear"}, "LoRA in place of all weights")
    longest = values.get("max_length")
    if longest and longest > 256:
        yield Change({"max_length": longest // 2}, "longer examples are left out")


def fitting(
    values: Values, memory: float, asked: Callable[[Values], Estimate]
) -> tuple[Estimate, list[Change], Values]:
    """`memory` in bytes. The estimate as the config stands, what must be changed until it fits, in order, and the
    values then; where nothing is enough, all that can be changed. A change that saves nothing is passed over,
    until it saves something together with the next: training and answering may need as much as each other."""
    first = best = asked(values)
    made: list[Change] = []
    while best.peak > memory * SPARE:
        passed: list[Change] = []
        for change in changes(values):
            together = [[change], [*passed, change]] if passed else [[change]]
            for some in together:
                tried = dict(values)
                for one in some:
                    tried |= one.keys
                if (found := asked(tried)).peak < 0.99 * best.peak:
                    break
            else:
                passed.append(change)
                continue
            best, values = found, tried
            made += some
            break
        else:
            return first, made, values
    return first, made, values


def told(values: Values, memory: float, asked: Callable[[Values], Estimate]) -> str:
    """`memory` in GiB."""
    first, made, after = fitting(values, memory * GIB, asked)
    text = f"on a card of {memory:g} GiB, predicted and not measured: {size(first.peak)} at most"
    if not made and first.peak <= memory * GIB * SPARE:
        return f"{text}: it fits"
    last, spare = asked(after), f"{1 - SPARE:.0%}"
    fits = last.peak <= memory * GIB * SPARE
    changed = {key: after[key] for change in made for key in change.keys}
    listed = "\n".join(
        f"  --{key} {str(value).lower() if isinstance(value, bool) else value}   # is {values[key]}"
        for key, value in changed.items()
    )
    costs = "; ".join(dict.fromkeys(change.cost for change in made))
    if fits:
        return f"{text}: it does not fit with {spare} to spare. With\n{listed}\nit takes {size(last.peak)} ({costs})"
    more = f"Even with\n{listed}\nit takes {size(last.peak)}" if made else "Nothing that can be changed helps"
    return f"{text}: it does not fit with {spare} to spare. {more}: take a smaller model, or a larger card"
