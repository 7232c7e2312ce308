"""What a run would do, without doing it: config, arithmetic, first prompts, rewards of a right and a wrong answer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import rewards
from envs.example import Example
from envs.observation import observe
from envs.sql_env import SqlEnv
from policy.chat import prompt_text, tokens_of
from policy.config import Resolved
from policy.memory.asked import REHEARSING, lora
from policy.memory.plan import Plan, of_completions
from policy.questions import Questions
from rl.batch import batch_of
from rl.config import GrpoRun
from rl.turns import allowance

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SHOWN = 2


def show(resolved: Resolved[GrpoRun], questions: Questions, env: SqlEnv, tokenizer: "PreTrainedTokenizerBase") -> None:
    run, values = resolved.own, resolved.values()
    batch = batch_of(values)
    steps = batch.steps(len(questions.train), values["num_train_epochs"], values["max_steps"])
    print("\n--- config\n" + resolved.to_yaml())
    print(
        f"--- arithmetic\n{batch.in_words()} = {batch.prompts} prompts x {batch.num_generations}; "
        f"{batch.completions_per_step} completions an optimizer step; {steps:,} steps; at most "
        f"{batch.completions_per_step * steps * values['max_completion_length']:,} completion tokens"
    )

    allowed = allowance(resolved)
    prompts = (
        tokens_of(tokenizer, prompt_text(tokenizer, one, run.prompt, values["chat_template_kwargs"], run.max_turns))
        for one in questions.train
    )
    print(f"--- memory\n{REHEARSING}", flush=True)
    print(memory(resolved, max(map(len, prompts))))

    def length(text: str) -> int:
        return len(tokens_of(tokenizer, text))

    for example in questions.train[:SHOWN]:
        text = prompt_text(tokenizer, example, run.prompt, values["chat_template_kwargs"], run.max_turns)
        print(
            f"\n--- prompt of {example.id} ({len(tokenizer(text)['input_ids'])} tokens; "
            f"the loss is on what follows it)\n{text}"
        )
        for name, answer in (("gold", example.gold_sql), ("a corrupted answer", corrupted(example))):
            rollout = env.play(example.id, answer)
            scored = {reward: rewards.load(reward)(rollout) for reward in run.rewards}
            told = "  ".join(
                f"{reward} {value if value is None else round(value, 3)}" for reward, value in scored.items()
            )
            print(f"{name}: {answer}\n    {rollout.execution.status}  {told}")
            if allowed:
                read = observe(rollout.execution, example.database.engine, allowed.observation_tokens, length)
                print("--- which is read as\n" + (read or "nothing: the turns end"))


def memory(resolved: Resolved[GrpoRun], prompt: int) -> str:
    """What the training is expected to hold at most. What it imports is imported first, so that this process holds what
    it would."""
    import rl.build  # noqa: F401
    from policy.memory.architecture import architecture
    from policy.memory.estimate import estimate
    from policy.memory.plan import device_of

    values = resolved.values()
    config = architecture(values["model_name_or_path"], values["model_revision"])
    return estimate(config, plan(values, prompt, device_of(values["use_cpu"])), lora(values)).in_words()


def plan(values: Mapping[str, Any], prompt: int, on: str) -> Plan:
    """The largest step and the largest generation of one process."""
    batch = batch_of(values)
    return of_completions(values, prompt, batch.per_device * batch.steps_per_generation, on)


def corrupted(example: Example) -> str:
    """The gold with the end of its text cut off at a word: runnable or not, not the gold."""
    words = example.gold_sql.rstrip("; \n").split()
    return " ".join(words[:-1])
