"""The part of `sft.merge` that loads weights: write the variants, examine them, write their cards, push them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from envs.execution import Limits
from envs.sandbox.golds import default_folder
from envs.sql_env import SqlEnv
from policy.chat import prompt_text
from policy.config_error import ConfigError
from policy.load import load_tokenizer
from policy.machine import describe_machine
from sft.merge import hub, latency, model_card, variant_table
from sft.merge.exports import Export, at_once, write_all
from sft.merge.merging import THRESHOLD, Merged
from sft.merge.obstacles import readable, writable
from sft.merge.probe import PROMPTS
from sft.merge.request import Asked, Request
from sft.merge.variant_scores import Asking, Row, evaluate, subjects


def run(request: Request, questions: Asked) -> None:
    """Print what was found, and leave `out/VARIANT/`, `out/variants.md`, `out/variants.json` and the answers."""
    policy, out = request.policy, request.out
    tokenizer = _tokenizer(request)
    prompts = [
        prompt_text(tokenizer, example, request.style, request.template) for example in questions.examples[:PROMPTS]
    ]
    if questions.note:
        print(questions.note, flush=True)
    print(f"exporting {', '.join(request.variants)} of {policy.folder} ...", flush=True)
    with at_once(out) as partial:
        exports, merged = write_all(policy, partial, request.variants, tokenizer, prompts)
        checks = _checks(request, merged, questions, len(prompts))
        with writable(out):
            _cards(request, exports, partial, checks, [], "")
            _report(request, partial, exports, checks, [], "")
    print("\n".join([*checks, "", variant_table.sizes(exports)]), flush=True)
    if request.evaluate:
        rows, note = _evaluated(request, questions, exports, tokenizer)
        table = f"{variant_table.scores(rows, latency.BATCH)}\n\n{note}"
        print(f"\n{table}", flush=True)
        with writable(out):
            _cards(request, exports, out, checks, rows, table)
            _report(request, out, exports, checks, rows, table)
    print(f"\nexports: {out}", flush=True)
    if request.push_to_hub:
        folders = {export.name: out / export.name for export in exports}
        for address in hub.push(request.push_to_hub, folders, request.private):
            print(f"pushed: {address}", flush=True)


def _tokenizer(request: Request) -> PreTrainedTokenizerBase:
    """The policy's own tokenizer, or its base's where a run saved none."""
    policy = request.policy
    own = (policy.folder / "tokenizer_config.json").is_file()
    name = str(policy.folder) if own or not policy.base else policy.base
    with readable(f"the tokenizer of {name}"):
        return load_tokenizer(name)


def _checks(request: Request, merged: Merged | None, questions: Asked, prompts: int) -> list[str]:
    """What was measured while merging, in sentences; empty where nothing was merged."""
    if merged is None:
        return []
    found = [
        f"On {prompts} prompts of `{questions.task}` ({questions.split}) and the adapter's own greedy answers "
        f"({merged.merge.tokens} tokens), float32 logits before and after the merge differ by at most "
        f"{merged.merge.largest:.2g} (allowed: {THRESHOLD:g}); the greedy tokens are the same.",
        f"The adapter itself moves the base's logits there by at most {merged.effect.largest:.2g}, on average "
        f"{merged.effect.mean:.2g}, and changes {merged.effect.tokens - merged.effect.same} of these tokens.",
    ]
    if merged.other_base is not None:
        away = merged.other_base
        found.append(
            f"The adapter was trained on the base in {request.policy.quantised} and is merged into the full-precision "
            f"one. That changes its logits by at most {away.largest:.2g}, on average {away.mean:.2g} "
            f"({away.mean / max(merged.effect.mean, 1e-12):.2f} times what the adapter itself does), and "
            f"{away.tokens - away.same} of {away.tokens} greedy tokens: the merged policy is not the one that was "
            "trained. --evaluate says what that costs."
        )
    return found


def _evaluated(
    request: Request, questions: Asked, exports: Sequence[Export], tokenizer: PreTrainedTokenizerBase
) -> tuple[list[Row], str]:
    """The rows, and a sentence on what they are measured on."""
    chosen = questions.examples[: request.evaluate]
    if len(chosen) < latency.FEWEST:
        raise ConfigError(
            f"{questions.task} has {len(chosen)} questions in its {questions.split} split, and --evaluate needs "
            f"{latency.FEWEST}. The exports are in {request.out}."
        )
    config = request.policy.config
    with SqlEnv(
        chosen,
        workers=config.get("sandbox_workers") or 2,
        limits=Limits(seconds=config.get("sql_timeout") or 2.0),
        cache=default_folder(),
    ) as env:
        kept = {example.id for example in env.admit().kept}
        graded = [example for example in chosen if example.id in kept]
        if not graded:
            raise ConfigError(f"none of the {len(chosen)} golds of {questions.task} can be graded.")
        print(f"\nanswering {len(graded)} questions of {questions.task} ({questions.split}) greedily ...", flush=True)
        rows = evaluate(
            subjects(request.policy, exports, request.out),
            tokenizer,
            graded,
            chosen,
            env,
            Asking(request.style, request.template, request.max_new_tokens),
            request.out / "answers",
        )
    machine = describe_machine()
    where = ", ".join(machine["accelerators"]) or f"{machine['torch_threads']} CPU threads"
    return rows, (
        f"{len(graded)} questions of `{questions.task}` ({questions.split}), greedy, at most {request.max_new_tokens} "
        f"new tokens; accuracy in points with 95% intervals, changes against {rows[0].name}, paired. Latency on "
        f"{where}: the same {rows[0].latency.questions} prompts for all, after {latency.WARM_UP} that are not counted, "
        "by transformers' generate, without executing SQL."
    )


def _cards(
    request: Request, exports: Sequence[Export], folder: Path, checks: Sequence[str], rows: Sequence[Row], table: str
) -> None:
    by_name = {row.name: row for row in rows}
    for export in exports:
        row = by_name.get(export.name)
        model_card.write(
            request.policy,
            export.name,
            folder / export.name,
            model_card.Facts(
                checks=checks,
                bytes=export.bytes,
                measured=row.accuracy if row else None,
                on=(str(request.task), request.split) if row else None,
                table=table,
            ),
        )


def _report(
    request: Request, folder: Path, exports: Sequence[Export], checks: Sequence[str], rows: Sequence[Row], table: str
) -> None:
    """`variants.md` for people, `variants.json` for programs."""
    mark = ["STAND-IN RUN"] if request.policy.stand_in else []
    parts = [f"# {request.policy.name}", *mark, *checks, variant_table.sizes(exports), *([table] if table else [])]
    (folder / "variants.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    facts: dict[str, Any] = {
        "policy": request.policy.name,
        "stand_in": request.policy.stand_in,
        "checks": list(checks),
        "exports": [asdict(export) for export in exports],
        "rows": [row.as_json() for row in rows],
    }
    (folder / "variants.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
