"""A training that computes no numbers any more ends with a sentence, and none of it is saved.

A loss that is NaN or infinite makes every weight so in the same step. transformers (5.17) goes on: it leaves such a
loss out of the mean that it logs (`logging_nan_inf_filter`), and saves such weights as it would save others.
"""

from collections.abc import Sequence
from math import inf, isfinite
from pathlib import Path
from typing import Any

import torch

from policy.checkpoints import is_whole, step_of
from policy.config_error import ConfigError

NORM = 0.2
"""Of gradients, where a run is to be more careful than transformers' 1.0."""


class StaysFinite:
    """Beside a trainer of transformers'. Looks at each loss; and at all that is trained where the gradient was not
    finite, and before anything is evaluated or saved. Weights are alike in every process, so that all of them end."""

    _lost: torch.Tensor | None = None

    def training_step(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        loss = super().training_step(*args, **kwargs)
        if self._lost is None or bool(self._lost.isfinite()):  # the first of a step that is none is kept
            self._lost = loss.detach().float().mean()
        return loss

    def _maybe_log_save_evaluate(self, tr_loss: torch.Tensor, grad_norm: Any, *args: Any, **kwargs: Any) -> None:
        loss = 0.0 if self._lost is None else float(self._lost)
        self._lost = None
        norm = inf if grad_norm is None else float(grad_norm)
        trained = [weight for weight in self.model.parameters() if weight.requires_grad]
        asked = self.control.should_evaluate or self.control.should_save or not isfinite(norm)
        if not isfinite(loss) or (asked and not all_finite(trained)):
            self.log({"loss": loss} | ({} if grad_norm is None else {"grad_norm": norm}))
            what = "the weights are no numbers any more" if isfinite(loss) else f"the loss is {loss}"
            raise ConfigError(f"{what} at step {self.state.global_step}. {self._instead(trained)}")
        super()._maybe_log_save_evaluate(tr_loss, grad_norm, *args, **kwargs)

    def _instead(self, trained: Sequence[torch.Tensor]) -> str:
        """What is left, and what to change."""
        whole = [found for found in Path(self.args.output_dir).glob("checkpoint-*[0-9]") if is_whole(found)]
        left = f"; {max(whole, key=step_of)} is the last that was saved" if whole else ""
        rate, norm = self.args.learning_rate, self.args.max_grad_norm
        fixes = [f"learning_rate {rate / 3:.1g} (is {rate:g})"]
        fixes += [f"max_grad_norm {NORM:g} (is {norm:g})"] if norm > NORM or not norm else []
        fixes += ["bf16 true in place of fp16"] if self.args.fp16 else []
        half = {weight.dtype for weight in trained} & {torch.float16, torch.bfloat16}
        fixes += ["dtype float32, in which small steps are not lost"] if half else []
        return (
            f"Nothing of it was saved{left}. --resume would come to the same numbers: start a run in another "
            f"--output_dir with {', '.join(fixes)}"
        )


@torch.no_grad()
def all_finite(weights: Sequence[torch.Tensor]) -> bool:
    """Whether all numbers in these are finite, found without memory of their size; of a sharded one, those here."""
    here = [weight.to_local() if hasattr(weight, "to_local") else weight for weight in weights]
    largest = [torch.linalg.vector_norm(weight, inf).float() for weight in here if weight.numel()]
    return not largest or bool(torch.stack([norm.to(largest[0].device) for norm in largest]).isfinite().all())
