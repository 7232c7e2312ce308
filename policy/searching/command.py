"""What `python -m sft.search` and `python -m rl.search` do with a search's config."""

import shlex
from pathlib import Path

from policy.config import Resolved
from policy.run_folder import write_whole
from policy.searching.fields import SearchFields
from policy.searching.plan import Command, Plan
from policy.searching.read_plan import plan_of


def run(resolved: Resolved[SearchFields], command: Command) -> None:
    """Check, then search, or say what would be. Raises ConfigError with a sentence."""
    go(plan_of(resolved, command))


def go(plan: Plan) -> None:
    """What a plan asks for: the search, a sweep, or a word on what would be."""
    if plan.asked.sweep:
        from policy.searching.sweep import sweep_text

        write_whole(Path(plan.asked.sweep), sweep_text(plan))
        print(f"wrote {plan.asked.sweep}: wandb sweep {plan.asked.sweep}")
    elif plan.asked.dry_run:
        print(would_run(plan))
    else:
        _search(plan)


def _search(plan: Plan) -> None:
    """With its report after every trial."""
    from policy.searching.report import written
    from policy.searching.search import search

    studies = search(plan, lambda begun: written(plan, begun) and None)
    text = written(plan, studies, drawn=True)
    print(f"\n{text}\n\nthe winner as a config: {plan.folder / 'best.yaml'}; report: {plan.folder / 'search.html'}")


def would_run(plan: Plan) -> str:
    """Space, stages and number of trainings; every key has been checked by then."""
    lines = [f"{plan.command.module} on {plan.base}, judged by {plan.asked.metric} on validation"]
    lines += [f"  {one.key}: {one.in_words()}" for one in plan.parameters]
    for at, stage in enumerate(plan.stages):
        drawn = "the whole grid" if plan.grid else f"drawn by {plan.asked.sampler}"
        how = f"the best of stage {at}" if at else drawn
        lines.append(f"stage {at + 1}: {stage.trials} trainings, {how}; {stage.in_words()}")
    total = sum(stage.trials for stage in plan.stages)
    lines.append(f"{total} trainings at most, in {plan.folder}; pruner {plan.asked.pruner}")
    if plan.watched:
        what = "the validation loss" if plan.falls else f"{plan.asked.watched_questions} validation questions"
        lines.append(f"each is asked {plan.asked.evaluations} times on the way: {what}")
    values = {one.key: one.ends()[0] for one in plan.parameters}
    argv = plan.argv(values, 0, plan.folder_of(0, 0, plan.grid[0] if plan.grid else values))
    lines.append(f"such as: python -m {plan.command.module} {shlex.join(argv)}")
    return "\n".join(lines)
