"""What a config's pass rates hold for: the head of its file. Imports no torch."""

from envs.verdict import CONTRACT
from policy.config import Resolved
from policy.presenting import presentation_of
from policy.weights import fingerprint
from rl.config import GrpoRun
from rl.curriculum.pass_rates import Head


def head_of(resolved: Resolved[GrpoRun], samples: int) -> Head:
    """The head of a file that this config would measure with so many samples a question."""
    run = resolved.own
    model = resolved["model_name_or_path"]
    return Head(
        policy=model,
        weights=fingerprint(model, resolved["model_revision"]),
        task=run.task,
        task_path=run.task_path,
        prompt=_asked(run),
        max_turns=run.max_turns,
        observation_tokens=run.observation_tokens,
        chat_template_kwargs=resolved["chat_template_kwargs"],
        temperature=float(resolved["temperature"]),
        max_completion_length=resolved["max_completion_length"],
        comparison=run.comparison,
        twins=run.twins,
        contract=CONTRACT,
        samples=samples,
        seed=resolved["seed"],
        batch=questions_at_once(run.answer_batch_size, samples),
        train_size=run.train_size,
        sample=run.sample,
        max_prompt_tokens=run.max_prompt_tokens,
        precision=precision(resolved),
        stand_in=resolved.stand_in,
    )


def _asked(run: GrpoRun) -> str:
    """The style of the prompt, and what is shown beside the question where it is not the usual."""
    changed = presentation_of(run).changed()
    shown = [f"schema as {changed.pop('schema_style')}"] if "schema_style" in changed else []
    return ", ".join([run.prompt, *shown, *(f"{key} {value}" for key, value in changed.items())])


def questions_at_once(answers: int, samples: int) -> int:
    """Questions of one batch: as many answers as are given to held-out questions at a time."""
    return max(1, answers // samples)


def precision(resolved: Resolved[GrpoRun]) -> str:
    """The numbers that the policy computes in, as far as they change a sample."""
    if bits := [name for name in ("load_in_4bit", "load_in_8bit") if resolved[name]]:
        return bits[0]
    autocast = "bf16" if resolved["bf16"] else "fp16" if resolved["fp16"] else ""
    return f"{resolved['dtype']} {autocast}".strip()
