"""Writes down the fields of TRL's config classes, so that a config is checked in full without importing TRL.

`python -m policy.trl_fields` rewrites every module in `TABLES`; a test holds them against the installed TRL. What TRL
only says in words (which losses there are) is in `CHOICES`: TRL takes any text, and fails in the first training step.
"""

import dataclasses
import types
from enum import Enum
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from policy import torch_optimizers

ROOT = Path(__file__).parent.parent

TABLES = {
    "rl/grpo_fields.py": ("GrpoFields", "trl.GRPOConfig"),
    "rl/rloo_fields.py": ("RlooFields", "trl.RLOOConfig"),
    "rl/dpo_fields.py": ("DpoFields", "trl.DPOConfig"),
    "rl/reward_fields.py": ("RewardFields", "trl.RewardConfig"),
    "sft/sft_fields.py": ("SftFields", "trl.SFTConfig"),
    "policy/model_fields.py": ("ModelFields", "trl.ModelConfig"),
}
"""Generated module -> the dataclass in it, and the class of TRL's that it copies. A new trainer is a new line."""

LEFT_OUT = {
    "parallelism_config": "an object, which YAML cannot write",
    "lora_task_type": "follows from the trainer",
    "lora_target_parameters": "for mixture-of-experts weights, which no policy here has",
    "bnb_4bit_quant_storage": "for quantised weights under FSDP, which no command here does",
}
"""Fields that a config cannot set, each with the reason."""

DPO_LOSSES = Literal[
    *("sigmoid", "hinge", "ipo", "exo_pair", "nca_pair", "robust", "bco_pair", "sppo_hard", "aot", "aot_unpaired"),
    *("apo_zero", "apo_down", "discopop", "sft", "sigmoid_norm"),
]

CHOICES: dict[str, Any] = {
    "SFTConfig.loss_type": Literal["nll", "dft"],
    "SFTConfig.packing_strategy": Literal["bfd", "bfd_split", "wrapped"],
    "SFTConfig.truncation_mode": Literal["keep_start", "keep_end"],
    "DPOConfig.loss_type": list[DPO_LOSSES],
    "DPOConfig.f_divergence_type": Literal["reverse_kl", "forward_kl", "js_divergence", "alpha_divergence"],
    "loss_type": Literal["grpo", "dr_grpo", "dapo", "bnpo", "cispo", "sapo", "luspo", "vespo"],
    "scale_rewards": Literal["group", "batch", "none"] | bool,
    "importance_sampling_level": Literal["token", "sequence"],
    "multi_objective_aggregation": Literal["sum_then_normalize", "normalize_then_sum"],
    "vllm_mode": Literal["colocate", "server"],
    "vllm_model_impl": Literal["vllm", "transformers"],
    "vllm_importance_sampling_mode": Literal["token_truncate", "token_mask", "sequence_truncate", "sequence_mask"],
    "include_num_input_tokens_seen": Literal["all", "non_padding", "no"] | bool,
    "pad_to_multiple_of": int | Literal["auto"] | None,
    "lora_target_modules": str | list[str] | None,
}
"""Annotations where TRL's own says less than its code and documentation do (trl 1.16.0, `grpo_config.py`,
`sft_config.py`, `dpo_config.py`); `CLASS.FIELD` where a field's name means another thing in one class."""


ADDED = {"optim": tuple(torch_optimizers.CLASSES)}
"""Values that the lab adds to those of TRL's and transformers', with what makes them work."""


def precise(hint: Any, listed: list[str] | None = None) -> Any:
    """An annotation with every enum as the Literal of its values, `Enum | str` narrowed to the enum."""
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Literal[tuple(member.value for member in hint)]
    if hint is str and listed:
        return Literal[tuple(listed)]
    if get_origin(hint) in (Union, types.UnionType):
        arms = get_args(hint)
        has_enum = any(isinstance(arm, type) and issubclass(arm, Enum) for arm in arms)
        arms = tuple(precise(arm, listed) for arm in arms if not (has_enum and arm is str))
        arms = tuple(arm for arm in arms if arm is not types.NoneType) + (types.NoneType,) * (types.NoneType in arms)
        return Union[arms]  # noqa: UP007  (the arms are only known here)
    if get_origin(hint) is list:
        return list[precise(get_args(hint)[0])]
    return dict[str, Any] if hint is dict else hint


def quoted(value: Any) -> str:
    """A value as source, with the quotes that the formatter wants."""
    return f'"{value}"' if isinstance(value, str) else repr(value)


def spell(hint: Any) -> str:
    """An annotation as source."""
    if get_origin(hint) in (Union, types.UnionType):
        return " | ".join(spell(arm) for arm in get_args(hint))
    if get_origin(hint) is Literal:
        return f"Literal[{', '.join(map(quoted, get_args(hint)))}]"
    if get_args(hint):
        return f"{get_origin(hint).__name__}[{', '.join(spell(arm) for arm in get_args(hint))}]"
    return "None" if hint is types.NoneType else "Any" if hint is Any else hint.__name__


def lines_of(source: type) -> list[str]:
    """One line of source for each field of a TRL config class, in its order."""
    hints, lines = get_type_hints(source), []
    for field in dataclasses.fields(source):
        if field.name in LEFT_OUT:
            continue
        choice = CHOICES.get(f"{source.__name__}.{field.name}") or CHOICES.get(field.name)
        hint = choice or precise(hints[field.name], list(field.metadata.get("choices") or []))
        if field.name in ADDED:
            hint = Literal[(*get_args(hint), *ADDED[field.name])]
        default = field.default.value if isinstance(field.default, Enum) else field.default
        value = quoted(default)
        if callable(field.default_factory):
            value = f"field(default_factory=lambda: {field.default_factory()!r})"
        lines.append(f"    {field.name}: {spell(hint)} = {value}")
    return lines


def source_of(path: str) -> str:
    """The text of one generated module. Imports TRL."""
    name, origin = TABLES[path]
    package, _, class_name = origin.rpartition(".")
    body = "\n".join(lines_of(getattr(import_module(package), class_name)))
    words = [word for word in ("Any", "Literal") if word in body]
    factory = ", field" if "field(" in body else ""
    return "\n".join(
        [
            f'"""The fields of TRL\'s {class_name} that a config may set, with their defaults, as plain types.',
            "",
            f"Generated from trl {version('trl')} and transformers {version('transformers')} by "
            "`python -m policy.trl_fields`: do not edit.",
            '"""',
            "",
            *(["# ruff: noqa: E501"] if max(map(len, body.splitlines())) > 120 else []),
            "# fmt: off",
            f"from dataclasses import dataclass{factory}",
            f"from typing import {', '.join(words)}\n\n",
            "@dataclass(frozen=True)",
            f"class {name}:",
            f'    """TRL\'s {class_name}."""\n',
            body,
            "",
        ]
    )


def main() -> None:
    """Rewrite every table."""
    for path in TABLES:
        (ROOT / path).write_text(source_of(path), encoding="utf-8")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
