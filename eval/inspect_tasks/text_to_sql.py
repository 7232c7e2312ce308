"""A task of this lab for inspect_ai: its questions, its prompt, and its judge as the scorer.

    inspect eval eval/inspect_tasks/text_to_sql.py -T task=worlds --model openai/gpt-5-mini --limit 100
    inspect eval eval/inspect_tasks/text_to_sql.py --model hf/seedling -M model_path=policy/seedling -M do_sample=false
    inspect eval eval/inspect_tasks/text_to_sql.py -T task=spider -T task_path=data/spider -T twins=true --model ...

Needs the extra `inspect`. The golds are executed before the first question is asked; questions whose gold cannot grade
an answer are left out, and counted in the log's metadata.
"""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.scorer import Score, Scorer, Target, accuracy, grouped, scorer, stderr
from inspect_ai.solver import TaskState

from envs import tasks
from envs.example import Example
from envs.prompt import Style, messages
from envs.verdict import CONTRACT, Mode
from eval.inspect_tasks.judge import Judge
from policy.config_error import ConfigError
from policy.task_fields import TaskFields, task_can_be_asked

NOT_TOLD = "not told"


@task
def text_to_sql(
    task: str = "worlds",
    task_path: str | None = None,
    split: str = "test",
    prompt: Style = "strict",
    comparison: Mode = "strict",
    twins: bool = False,
    workers: int = 2,
) -> Task:
    """Decoding is inspect_ai's to choose: --temperature 0 where the model takes it. Raises ConfigError where the task
    cannot be loaded, or no gold of it can grade an answer."""
    fields = TaskFields(
        task=task, task_path=task_path, prompt=prompt, comparison=comparison, twins=twins, sandbox_workers=workers
    )
    examples = _examples(fields, split)
    judge = Judge(fields, examples)
    why_not = judge.ungradable()
    samples = [_sample(example, prompt) for example in examples if example.id not in why_not]
    if not samples:
        why = next(iter(why_not.values()), "it has none")
        raise ConfigError(f"none of the {len(examples):,} questions of {task} can be graded: {why}")
    return Task(
        dataset=MemoryDataset(samples, name=f"{task} {split}"),
        scorer=executed(judge),
        metadata={"contract": CONTRACT, "left_out": len(why_not), "ungradable": why_not},
    )


@scorer(
    metrics=[
        accuracy(),
        stderr(),
        grouped(accuracy(), "difficulty", all=False),
        grouped(stderr(), "difficulty", all=False, name_template="{group_name}, stderr"),
    ]
)
def executed(judge: Judge) -> Scorer:
    """Correct or incorrect by execution, with how a wrong answer is wrong; unscored where the judge could not say."""

    async def score(state: TaskState, target: Target) -> Score:
        cut = state.output.stop_reason == "max_tokens"
        return await judge.score(str(state.sample_id), state.output.completion, cut)

    return score


def _examples(fields: TaskFields, split: str) -> list[Example]:
    if why := task_can_be_asked(fields):
        raise ConfigError(why)
    try:
        return tasks.load(fields.task, split, fields.task_path)  # pyright: ignore[reportArgumentType]
    except (ValueError, OSError) as error:
        raise ConfigError(f"task {fields.task} cannot be loaded: {error}") from error


def _sample(example: Example, prompt: Style) -> Sample:
    system, user = messages(example, prompt)
    return Sample(
        id=example.id,
        input=[ChatMessageSystem(content=system["content"]), ChatMessageUser(content=user["content"])],
        target=example.gold_sql,
        metadata={
            "difficulty": example.difficulty or NOT_TOLD,
            "category": example.category or NOT_TOLD,
            "database": example.schema_id,
        },
    )
