"""What the comparison said of one query beside the gold."""

from dataclasses import dataclass

CONTRACT = 1
"""Version of the comparison rules, written into every file of scores."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`strict` compares results, `state` what a statement that writes left behind; only one of them applies.

    None means unscored, never wrong: `strict` where the gold writes, `state` where it does not, both where there is no
    ruler (`ungradable` then says why). `vacuous` marks an equality that proves nothing. `reason` is for people.
    """

    strict: bool | None
    state: bool | None = None
    vacuous: bool = False
    ungradable: str = ""
    reason: str = ""

    @property
    def correct(self) -> bool | None:
        """The verdict that counts: `state` for gold that writes, `strict` otherwise; None when there is no ruler."""
        return self.strict if self.state is None else self.state
