"""The model's server goes and comes back: questions wait for it, and are told when they waited long enough."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from serve.api.keys import Keys
from serve.api.opened import opened
from serve.api.options import Options
from serve.api.service import Service

from ...endpoint_proxy import MODEL, Planted, Proxy
from .conftest import COUNT, serving

AWAY = Planted(503)


@pytest.mark.slow
@pytest.mark.parametrize("patience", [30.0, 0.5])
def test_a_question_waits_for_a_server_that_is_away(
    proxy: Proxy, files: dict[str, Path], tmp_path: Path, patience: float
):
    proxy.plan = lambda n, body: AWAY
    options = Options(
        MODEL, files, server_url=proxy.url, patience=patience, per_minute=0, feedback=tmp_path / "f.jsonl"
    )
    with serving(Service(options, opened(options)), Keys([])) as service:
        assert service.http.get("/health").status_code == 200
        if patience > 1:
            back: Callable[[], None] = lambda: setattr(proxy, "plan", lambda n, body: Planted("forward"))  # noqa: E731
            threading.Timer(3.0, back).start()
            began = time.monotonic()
            assert service.sql()["rows"] == [[6]] and time.monotonic() - began > 2
            return
        told = service.http.post("/sql", json=COUNT)
        assert (told.status_code, told.json()["code"]) == (503, "model_away") and "Retry-After" in told.headers
        assert proxy.url not in told.text and "127.0.0.1" not in told.text
        proxy.plan = lambda n, body: Planted("forward")
        assert service.sql()["rows"] == [[6]], "a failure of the server was not kept"
        assert service.metric('text2sql_refused_total{code="model_away"}') == 1


def test_without_its_server_the_service_lives_and_says_that_it_is_not_ready(files: dict[str, Path], tmp_path: Path):
    options = Options(
        MODEL, files, server_url="http://127.0.0.1:9/v1", patience=0.5, feedback=tmp_path / "f.jsonl", per_minute=0
    )
    with serving(Service(options, opened(options)), Keys([])) as service:
        assert service.http.get("/health").status_code == 200
        told = service.http.get("/ready")
        assert (told.status_code, told.json()["code"]) == (503, "model_away")
        told = service.http.post("/sql", json=COUNT)
        assert (told.status_code, told.json()["code"]) == (503, "model_away")
        assert service.http.get("/schema/shop").status_code == 200
