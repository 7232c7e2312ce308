"""A thought that the chat template opens itself, so that the policy writes its end alone. Imports no torch."""

import re

LAST = 12
"""Tokens of a prompt's end that hold what opens a thought."""
_OPENED = re.compile(r"<think(?:ing)?>\s*\Z")


def opened(prompt: str) -> str:
    """What a rendered prompt ends with where it leaves a thought open, '<think>\\n' (DeepSeek-R1 and Qwen3-Thinking do
    so), "" elsewhere. It belongs before what the policy wrote: else the queries of a thought that was cut before its
    end would count as the answer."""
    found = _OPENED.search(prompt)
    return found[0] if found else ""
