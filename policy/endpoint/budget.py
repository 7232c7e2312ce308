"""What all requests of a file may cost together, earlier runs included."""

from dataclasses import dataclass


@dataclass(slots=True)
class Budget:
    """Bounds are None where there is none. `requests` counts those sent, answered or not; `tokens` those of answers, as
    the server counts them; `under_way` the most that those may cost which are not answered yet."""

    most_requests: int | None
    most_tokens: int | None
    requests: int
    tokens: int
    under_way: int = 0

    def why_not(self, tokens: int) -> str:
        """Why no request of so many tokens may be sent, "" where it may."""
        if self.most_requests is not None and self.requests >= self.most_requests:
            return f"--most_requests {self.most_requests:,} are used up"
        if self.most_tokens is not None and self.tokens + self.under_way + tokens > self.most_tokens:
            return (
                f"the next request may cost {tokens:,} tokens, and of --most_tokens {self.most_tokens:,} "
                f"{self.tokens:,} are used and up to {self.under_way:,} under way"
            )
        return ""

    def take(self, tokens: int) -> None:
        self.requests += 1
        self.under_way += tokens

    def settle(self, tokens: int, cost: int) -> None:
        """A request that took so many is over; it cost so many."""
        self.under_way -= tokens
        self.tokens += cost
