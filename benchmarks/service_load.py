"""Many clients of `python -m serve.api` at once, for locust: no error and no lost request, also while the model's
server is killed and comes back.

    python -m venv load && load/bin/pip install locust==2.47.0        # not a part of the lab
    transformers serve policy/seedling --port 8000 --device cpu --dtype float32 &
    python -m serve.api --policy policy/seedling --server_url http://127.0.0.1:8000/v1 --database shop=shop.sqlite \\
        --per_minute 0 --patience 180 --longest_wait 240 --most_seconds 240 &
    load/bin/locust -f benchmarks/service_load.py --headless -u 50 -r 25 -t 2m --stop-timeout 300 \\
        --host http://127.0.0.1:8080

The database is called shop and has a table customers (name, city, age). One question in `REPEATED` was asked before;
all others are asked once, so that the cache answers about that share at most. Every answer must be about the question
that was sent. At the end it says how many questions were sent, how many were answered, and which share of answers came
from the cache; kill the model's server in the middle and start it again (`kill -9`): both counts must be the same,
and that of the service's metrics (text2sql_requests_total), but for what locust cut off itself as it ended.
"""

import random
from itertools import count

from gevent import GreenletExit
from locust import FastHttpUser, between, events, task

REPEATED = 10
_number = count(1)
_told = {"sent": 0, "answered": 0, "kept": 0, "wrong": 0, "left": 0}
WORDS = ("the name", "the city", "the name and city", "the number", "the names", "the age")
CITIES = ("Rome", "Bern", "Oslo", "Paris", "Lima", "Cairo")


def question() -> str:
    """A new one, or one of a few."""
    number = next(_number)
    if number % REPEATED == 0:
        return f"How many customers are from {random.choice(CITIES)}?"
    return f"Show {random.choice(WORDS)} of customers from {random.choice(CITIES)} whose age is over {number}."


class Client(FastHttpUser):
    wait_time = between(0.1, 0.5)
    network_timeout = connection_timeout = 600.0

    @task
    def sql(self) -> None:
        asked = question()
        _told["sent"] += 1
        body = {"database": "shop", "question": asked}
        try:
            with self.client.post("/sql", json=body, name="/sql", catch_response=True) as told:
                answer = told.json() if told.status_code == 200 else {}
                if answer.get("question") != asked or not answer.get("sql"):
                    _told["wrong"] += 1
                    told.failure(f"{told.status_code} {(told.text or '')[:200]}")
                    return
                _told["answered"] += 1
                _told["kept"] += answer["cached"]
                told.success()
        except GreenletExit:  # at its end locust takes away a client that was waiting, also one that just woke up
            _told["left"] += 1
            raise


@events.quitting.add_listener
def say(**_: object) -> None:
    share = _told["kept"] / max(1, _told["answered"])
    sent = f"sent {_told['sent']:,} ({_told['left']} of them cut off by locust itself as it ended)"
    print(f"{sent}, answered {_told['answered']:,}, wrong {_told['wrong']:,}, kept {share:.1%}")
