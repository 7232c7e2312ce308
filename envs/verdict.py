"""What the comparison said of one query beside the gold, in every mode at once."""

from dataclasses import dataclass
from typing import Literal

CONTRACT = 2
"""Version of the comparison rules, written into every file of scores."""

Mode = Literal["strict", "spider", "bird", "lenient"]
"""Which verdict counts; the run's config names it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`strict`, `spider`, `bird` and `lenient` compare results; `state` what a statement that writes left behind.

    None means unscored, never wrong: `state` where the gold is a query, the other modes where it writes, all of them
    where the gold does not run. `ungradable` says why there is no ruler; `spider` and `bird` may still be known then,
    as the official evaluators grade a gold that does not fix its own answer. `reason` is for people.

    `vacuous` marks an equality that proves nothing (both answers empty), `constant` an answer that reads no table where
    the gold does, `twins` whether the two agree on the twins of the database too (None: nobody looked). `overlap` is
    how much of the two results is the same, in [0, 1], None where they were not compared.

    What only an evaluation asks for (`Job.fingerprints`; None elsewhere), known of a gold that does not fix its own
    answer too: `soft_f1` (`envs.soft_f1`), and `as_lists`, whether both return the same list of rows, order and all, on
    one connection on which the gold runs first.
    """

    strict: bool | None
    state: bool | None = None
    vacuous: bool = False
    ungradable: str = ""
    reason: str = ""
    spider: bool | None = None
    bird: bool | None = None
    lenient: bool | None = None
    constant: bool = False
    overlap: float | None = None
    twins: bool | None = None
    mode: Mode = "strict"
    soft_f1: float | None = None
    as_lists: bool | None = None

    @property
    def correct(self) -> bool | None:
        """The verdict that counts: `state` for gold that writes, else that of `mode`; None when there is no ruler."""
        return self.named(self.mode) if self.state is None else self.state

    @property
    def proven(self) -> bool | None:
        """Right, and by an equality that proves something: what a reward may pay for. None when there is no ruler.

        What is vacuous here may be proven on the twins, which have rows where this database has none.
        """
        if self.correct is None:
            return None
        return self.correct and self.twins is not False and not self.constant and (self.twins or not self.vacuous)

    def named(self, mode: Mode) -> bool | None:
        """The verdict of one mode, of gold that is a query."""
        return {"strict": self.strict, "spider": self.spider, "bird": self.bird, "lenient": self.lenient}[mode]
