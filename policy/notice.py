"""The framed notice that a stand-in run prints first: what was wanted, what is used, and why."""

from textwrap import wrap
from typing import Any

from policy import yaml_file
from policy.config import Resolved, Source

WIDTH = 100


def notice(resolved: Resolved[Any]) -> str:
    """The notice, in plain text of at most `WIDTH` columns; "" for a run that is what its config asks for.

    Where nothing was replaced but something was kept against advice, only that is said, without a frame.
    """
    replaced = [one for one in resolved.replaced if one.source is Source.STAND_IN]
    if not replaced:
        return "\n".join(f"{note}." for note in resolved.notes)
    lines = wrap(f"What runs is not what {resolved.path} asks for, so its numbers say nothing about that.", WIDTH - 4)
    key_width = max(len(one.key) for one in replaced)
    for reason in dict.fromkeys(one.reason for one in replaced):
        lines += ["", *wrap(reason, WIDTH - 4)]
        for one in (one for one in replaced if one.reason == reason):
            wanted, used = yaml_file.write(one.wanted), yaml_file.write(one.used)
            lines += wrap(f"  {one.key:<{key_width}}  {wanted} -> {used}", WIDTH - 4, subsequent_indent=" " * 6)
    lines += ["", *(line for note in resolved.notes for line in wrap(f"{note}.", WIDTH - 4))]
    lines.append("--stand_in never makes this an error; configs/stand_in.yaml says what is replaced.")
    lines = [line for before, line in zip([None, *lines], lines, strict=False) if line or before]
    inside = max(map(len, lines))
    title = "- STAND-IN RUN "
    frame = [f"+{title}{'-' * (inside + 2 - len(title))}+", *(f"| {line:<{inside}} |" for line in lines)]
    return "\n".join([*frame, f"+{'-' * (inside + 2)}+"])
