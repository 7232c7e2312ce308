"""From how a run began to how it goes now: what a metric did, and how sure that is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """The mean of a metric at first and at last, and the standard error of their difference."""

    before: float
    after: float
    error: float

    @property
    def gain(self) -> float:
        return self.after - self.before

    def rises(self, least: float, errors: float) -> bool:
        """Whether it rose by at least so much and by so many standard errors."""
        return self.gain >= least and self.gain >= errors * self.error

    def falls(self, least: float, errors: float) -> bool:
        return -self.gain >= least and -self.gain >= errors * self.error
