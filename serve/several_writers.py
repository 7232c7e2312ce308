"""Several policies, or several ways of asking one, write queries for one question: their candidates are pooled."""

from collections.abc import Sequence
from dataclasses import replace

from envs.example import Example
from policy.config_error import ConfigError
from serve.policy_writer import shows_values, writer_of
from serve.writer import Asking, Writer, Written


class SeveralWriters:
    """Each writes an equal share of the queries, those named first one more where that is not possible. Who writes one
    query only writes its greedy one. A query is repaired by the policy that wrote it. Raises ConfigError where two of
    the names are the same."""

    def __init__(self, writers: Sequence[tuple[str, Writer]]) -> None:
        self._writers = dict(writers)

    def write(self, example: Example, samples: int, temperature: float, seed: int) -> list[Written]:
        each, more = divmod(samples, len(self._writers))
        if not each:
            raise ConfigError(
                f"samples is {samples}, and {len(self._writers)} policies are asked: each writes at least one query"
            )
        found: list[Written] = []
        for place, (name, writer) in enumerate(self._writers.items()):
            share = each + (place < more)
            try:
                some = writer.write(example, share, temperature if share > 1 else 0.0, seed)
            except ConfigError as error:
                raise type(error)(f"{name}: {error}") from None
            found += [replace(one, by=name) for one in some]
        return found

    def again(self, example: Example, before: Written, told: str) -> Written | None:
        found = self._writers[before.by].again(example, before, told)
        return found and replace(found, by=before.by)

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()


def members(policy: str | Sequence[str], asking: Asking | Sequence[Asking] | None) -> dict[str, tuple[str, Asking]]:
    """By name, every policy and how it is asked, each in each way. Raises ConfigError where two would be the same."""
    policies = [policy] if isinstance(policy, str) else policy
    ways = asking if isinstance(asking, Sequence) else [asking or Asking()]
    if not policies or not ways:
        raise ConfigError("no policy is named; name one or several")
    found: dict[str, tuple[str, Asking]] = {}
    for one in policies:
        for way in ways:
            name = one if len(ways) == 1 else f"{one} [{way.prompt or 'own prompt'}]"
            if name in found:
                raise ConfigError(f"{name} is named twice: its votes would count twice; --samples asks it for more")
            found[name] = one, way
    return found


def all_show_values(named: dict[str, tuple[str, Asking]], server_url: str | None) -> bool:
    """As `shows_values` of each. Raises ConfigError where some were trained so and others were not."""
    showing = {policy: shows_values(policy, server_url) for policy, _ in named.values()}
    if len(set(showing.values())) > 1:
        one, other = (next(name for name, shows in showing.items() if shows is way) for way in (True, False))
        raise ConfigError(
            f"{one} was trained on schemas with sample values and {other} on schemas without: a question is asked of "
            "all with one schema, so ask them apart"
        )
    return any(showing.values())


def writer_for(named: dict[str, tuple[str, Asking]], server_url: str | None) -> Writer:
    """One writer of all these members; alone, a policy is its own. Raises ConfigError where one is not there."""
    if len(named) == 1:
        return writer_of(*next((policy, server_url, way) for policy, way in named.values()))
    opened: list[tuple[str, Writer]] = []
    try:
        for name, (policy, way) in named.items():
            opened.append((name, writer_of(policy, server_url, way)))
    except BaseException:
        for _, writer in opened:
            writer.close()
        raise
    return SeveralWriters(opened)
