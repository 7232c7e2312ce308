"""Run a family of experiments that differ in one choice, and say whether that choice matters.

    python -m eval.ablation --config configs/ablation_rank.yaml
    python -m eval.ablation --config configs/ablation_rank.yaml --dry_run
    python -m eval.ablation --config configs/ablation_rank.yaml --seeds "[1, 2, 3]" --also.train_size 1920

Every member is checked by its own command's rules first. Then each runs as that command, in a process of its own and a
folder of its own; a finished one is kept, one that was stopped goes on, one that fails is told and the others run. The
table, a page and its numbers are written beside the runs, also where a member is missing. Exit status 1: one failed.
"""

import sys
from collections.abc import Sequence

from eval.ablation.family import Family, read
from eval.ablation.members import checked, is_finished, stages
from eval.ablation.report import table, write
from eval.ablation.results import results
from eval.ablation.told import notes, verdict
from eval.stage import run
from policy.config_error import ConfigError, exit_with_sentence


def main(argv: Sequence[str]) -> int:
    family = read(argv)
    stand_in = checked(family)
    count = f"{len(family.names)} members, {len(family.members)} runs of {family.file.command}"
    print(f"{family.file.question}\n{count}, against {family.file.reference}, in {family.folder}", flush=True)
    if stand_in:
        print("STAND-IN: something smaller runs in place of what the base asks for; each run says what", flush=True)
    if family.file.dry_run:
        for member in family.members:
            mark = "finished: " if is_finished(family, member) else ""
            print("\n".join(f"{mark}{stage.command}" for stage in stages(family, member)))
        return 0
    try:
        failed = _run(family)
    except KeyboardInterrupt:
        print(f"\nstopped; what is done is in {family.folder}, and the same command goes on with it", file=sys.stderr)
        raise SystemExit(130) from None
    if len(failed) == len(family.members):
        raise ConfigError(f"all {len(failed)} runs failed; the last said: {list(failed.values())[-1]}")
    found = results(family, failed)
    page = write(family.folder, found)
    print("\n" + table(found, str) + "\n\n" + "".join(f"{line}\n" for line in notes(found)))
    for name, why in failed.items():
        print(f"failed: {name}: {why}\n")
    print(f"{verdict(found)}\n\n{page} (and ablation.md, ablation.json, ablation.svg)")
    return 1 if failed else 0


def _run(family: Family) -> dict[str, str]:
    """Folder -> what the run said last, of those that failed."""
    failed: dict[str, str] = {}
    for number, member in enumerate(family.members, 1):
        place = f"{number}/{len(family.members)}"
        if is_finished(family, member):
            print(f"[{place}] {member.name}, seed {member.seed}: finished before", flush=True)
            continue
        try:
            for stage in stages(family, member):
                run(stage, place, family.folder / f"log/{member.folder.name}_{stage.module}.txt")
        except ConfigError as error:
            failed[str(member.folder)] = str(error)
            print(f"      failed, the others go on: {error}", flush=True)
    return failed


if __name__ == "__main__":
    with exit_with_sentence():
        raise SystemExit(main(sys.argv[1:]))
