"""Where the trials of a search are told: one Optuna study a stage, in a storage that several processes share."""

import json
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from policy.config_error import ConfigError
from policy.run_folder import write_whole
from policy.searching.alone import alone_in
from policy.searching.plan import Plan
from policy.searching.sampling import pruner, sampler

optuna.logging.set_verbosity(optuna.logging.WARNING)
warnings.filterwarnings("ignore", category=ExperimentalWarning)

COMPLETE, PRUNED, FAIL, RUNNING = TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL, TrialState.RUNNING
SURPLUS = "surplus"
"""The mark of a trial that was drawn past the number of its stage, by two processes at once, and given back."""

Settings = list[Mapping[str, Any]]


def open_storage(plan: Plan) -> BaseStorage:
    """A journal file (safe on NFS: it is locked by a link) or any database that Optuna reaches. Raises ConfigError."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    wanted = plan.asked.storage or str(plan.folder / "search.journal")
    if "://" not in wanted and not wanted.endswith((".journal", ".db")):
        raise ConfigError(
            f"{plan.path}: storage is {wanted!r}; it must be a file that ends in .journal or .db, or a URL such as "
            "sqlite:///runs/search.db or postgresql://user@host/searches."
        )
    try:
        if "://" not in wanted:
            Path(wanted).parent.mkdir(parents=True, exist_ok=True)
        if wanted.endswith(".journal"):
            return JournalStorage(JournalFileBackend(wanted))
        if "://" in wanted and not wanted.startswith("sqlite"):
            return RDBStorage(wanted)
        with alone_in(plan.folder):  # two that begin at once would both make its tables
            patient = {"connect_args": {"timeout": 60}}
            return RDBStorage(wanted if "://" in wanted else f"sqlite:///{wanted}", engine_kwargs=patient)
    except Exception as error:  # what a database driver can meet is not for a search to name
        told = re.sub(r"//[^@/]*@", "//...@", str(error).strip().partition("\n")[0])
        raise ConfigError(f"{plan.path}: the storage cannot be opened: {told}") from error


def same_plan(plan: Plan) -> None:
    """Raises ConfigError where the folder holds another search."""
    file, now = plan.folder / "plan.json", json.loads(json.dumps(plan.facts()))
    with alone_in(plan.folder):
        if not file.is_file():
            write_whole(file, json.dumps(now, indent=2) + "\n")
            return
    before: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    changed = sorted(key for key in now.keys() | before.keys() if before.get(key) != now.get(key))
    if changed:
        raise ConfigError(
            f"{plan.folder} holds a search with another {' and '.join(changed)}. Search on as it was begun, or give "
            "this one its own folder with --output_dir runs/ANOTHER_NAME"
        )


def study_of(plan: Plan, stage: int, settings: Settings, storage: BaseStorage) -> optuna.Study:
    """The study of a stage, made where it is not. `settings` are its trials where they are not drawn."""
    return optuna.create_study(
        study_name=f"{plan.name}-stage{stage + 1}",
        storage=storage,
        direction=StudyDirection.MINIMIZE if plan.falls else StudyDirection.MAXIMIZE,
        sampler=sampler(plan, settings),
        pruner=pruner(plan, stage),
        load_if_exists=True,
    )


def trials_of(study: optuna.Study) -> list[FrozenTrial]:
    """In the order of their numbers, without those that were given back."""
    return [one for one in study.get_trials(deepcopy=False) if SURPLUS not in one.user_attrs]


def ranked(study: optuna.Study) -> list[FrozenTrial]:
    """Those that came to their end, the best first; of equal ones the first drawn. One setting drawn twice is one."""
    sign = 1 if study.direction == StudyDirection.MINIMIZE else -1
    done = [one for one in trials_of(study) if one.state == COMPLETE]
    found: dict[str, FrozenTrial] = {}
    for one in sorted(done, key=lambda one: (sign * (one.value or 0.0), one.number)):
        found.setdefault(json.dumps(one.params, sort_keys=True), one)
    return list(found.values())
