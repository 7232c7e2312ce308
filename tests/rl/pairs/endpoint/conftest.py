"""Questions for an endpoint that is asked for pairs, and retries without long waits."""

import pytest

from envs import tasks
from policy.endpoint import asker

KEY = "sk-planted-0123456789"


@pytest.fixture(scope="session")
def examples():
    return tasks.load("worlds", "train")[:8]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asker, "FIRST_BACK_OFF", 0.05)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
