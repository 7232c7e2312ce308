"""A measured latency as a short table for the console."""

from typing import Any


def table(told: dict[str, Any]) -> str:
    """`told` as `latency.json` holds it. Seconds, tokens and MiB; what nobody knows is left out."""
    alone, together, memory = told["one_at_a_time"], told["together"], told["memory"] or {}
    first = alone["first_token"]
    rows = [
        ("one at a time", f"{alone['questions']} questions after {told['warm_up']} that are not counted"),
        ("  seconds an answer", _spread(alone)),
        ("  until its first text", _spread(first) if first else None),
        ("  tokens an answer", alone["tokens_an_answer"]),
        ("  tokens a second", alone["tokens_per_second"]),
        ("  requests sent again", alone["retries"] or None),
        (f"{together['at_once']} at once", "the same questions"),
        ("  answers a second", f"{together['answers_per_second']:,.3g}"),
        ("  tokens a second", together["tokens_per_second"]),
        ("  requests sent again", together["retries"] or None),
        *((f"peak memory, {name.replace('_', ' ')}", _memory(peak)) for name, peak in memory.items()),
        ("parameters", told["parameters"] and f"{told['parameters']:,}"),
        ("measured with", ", ".join(filter(None, (told["backend"], told["dtype"], told["machine"]["hardware"])))),
    ]
    shown = [(name, str(value)) for name, value in rows if value is not None]
    width = max(len(name) for name, _ in shown)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in shown)


def _spread(seconds: dict[str, float]) -> str:
    return f"mean {seconds['mean']:.3f}, P50 {seconds['p50']:.3f}, P95 {seconds['p95']:.3f}"


def _memory(peak: dict[str, float]) -> str:
    names = {"peak_rss_mib": "resident", "peak_vram_mib": "on the GPU", "peak_vram_reserved_mib": "reserved there"}
    return ", ".join(f"{value:,.0f} MiB {names.get(name, name)}" for name, value in peak.items())
