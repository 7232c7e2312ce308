"""What Prometheus reads of the service: outcomes, times, what is under way, what was refused and why."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

from envs.execution import Status
from serve.answer import Answer

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
OUTCOMES = ("answered", "no_answer", "refused", "failed")
"""Of a question: with rows; a query was written and did not run; the client's doing; the service's."""


class Measured:
    """One registry a service. `answers` by status over all of them is the success rate: status "ok" is one that ran."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "text2sql_requests", "Requests by path, method and status.", ("path", "method", "status"), registry=registry
        )
        self._questions = Counter("text2sql_questions", "Questions by outcome.", ("outcome",), registry=registry)
        self._answers = Counter("text2sql_answers", "How the chosen query ended.", ("status",), registry=registry)
        self._refused = Counter("text2sql_refused", "Requests without an answer.", ("code",), registry=registry)
        self._cache = Counter("text2sql_cache", "Questions by what the cache had.", ("result",), registry=registry)
        self._repairs = Counter("text2sql_repairs", "Second queries after an error.", ("outcome",), registry=registry)
        self._feedback = Counter("text2sql_feedback", "Opinions on answers.", ("right",), registry=registry)
        self._seconds = Histogram(
            "text2sql_seconds", "Of an answer that was not kept.", ("part",), buckets=SECONDS, registry=registry
        )
        self.in_flight = Gauge("text2sql_in_flight", "Requests that are not answered yet.", registry=registry)
        for status in Status:
            self._answers.labels(status.value)
        for outcome in OUTCOMES:
            self._questions.labels(outcome)
        for result in ("hit", "miss"):
            self._cache.labels(result)

    def gauge(self, name: str, about: str, value: Callable[[], float]) -> None:
        """A number that is looked up when somebody asks."""
        Gauge(f"text2sql_{name}", about, registry=self._registry).set_function(value)

    def request(self, path: str, method: str, status: int) -> None:
        self._requests.labels(path, method, str(status)).inc()

    def answered(self, answer: Answer, cached: bool, total: float, waiting: float) -> None:
        self._questions.labels("answered" if answer.error is None else "no_answer").inc()
        self._answers.labels(answer.status.value).inc()
        self._cache.labels("hit" if cached else "miss").inc()
        if cached:
            return
        times = {"model": answer.model_seconds, "database": answer.database_seconds, "waiting": waiting, "total": total}
        for part, seconds in times.items():
            self._seconds.labels(part).observe(seconds)
        for one in answer.candidates:
            if one.repaired:
                self._repairs.labels("failed" if one.error else "mended").inc()

    def unanswered(self, status: int) -> None:
        """A question that ended in a failure of such a status."""
        self._questions.labels("refused" if status < 500 else "failed").inc()

    def refused(self, code: str) -> None:
        self._refused.labels(code).inc()

    def feedback(self, right: bool) -> None:
        self._feedback.labels("yes" if right else "no").inc()

    def text(self) -> tuple[bytes, str]:
        """The page of numbers, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE
