"""Weights held in four or eight bits while a policy answers, as a config's run holds them (bitsandbytes 0.50, QLoRA,
arXiv:2305.14314). Imports no torch before a model is loaded."""

from argparse import Namespace
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any, Literal

Kind = Literal["nf4", "fp4"]


@dataclass(frozen=True, slots=True)
class Quantised:
    """Under the names that a config has for it, as TRL's `get_quantization_config` (1.16) reads them."""

    load_in_4bit: bool = False
    load_in_8bit: bool = False
    bnb_4bit_quant_type: Kind = "nf4"
    use_bnb_nested_quant: bool = False

    @property
    def told(self) -> str:
        """'nf4', 'nf4 nested', 'fp4', 'int8'; "" where no weight is."""
        if self.load_in_4bit:
            return self.bnb_4bit_quant_type + (" nested" if self.use_bnb_nested_quant else "")
        return "int8" if self.load_in_8bit else ""

    def wrong(self) -> str | None:
        """What cannot be, as a sentence, or None."""
        if self.load_in_4bit and self.load_in_8bit:
            return "--load_in_4bit and --load_in_8bit: keep one of them"
        if not self.load_in_4bit and (self.use_bnb_nested_quant or self.bnb_4bit_quant_type != "nf4"):
            return "--bnb_4bit_quant_type and --use_bnb_nested_quant need --load_in_4bit"
        return None

    def loading(self, dtype: str) -> dict[str, Any]:
        """What `from_pretrained` is told; {} where no weight is quantised. `dtype` is what is computed in."""
        if not self.told:
            return {}
        config: Any = import_module("transformers").BitsAndBytesConfig
        if self.load_in_8bit:
            return {"quantization_config": config(load_in_8bit=True)}
        four = config(
            load_in_4bit=True,
            bnb_4bit_compute_dtype=dtype,
            bnb_4bit_quant_type=self.bnb_4bit_quant_type,
            bnb_4bit_use_double_quant=self.use_bnb_nested_quant,
        )
        return {"quantization_config": four}


def quantised_of(asked: Namespace) -> Quantised:
    """As the options of a command line say, which have the names above."""
    return Quantised(**{field.name: getattr(asked, field.name) for field in fields(Quantised)})
