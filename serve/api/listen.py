"""The server around the application: uvicorn, within limits, until it is told to end."""

import signal
import socket
import sys

import uvicorn

from policy.config_error import ConfigError
from serve.api.application import application
from serve.api.connection import connection
from serve.api.feedback import FeedbackFile
from serve.api.keys import Keys
from serve.api.opened import opened
from serve.api.options import Options
from serve.api.service import Service

HEAD = 32_768
"""Bytes of a request's head."""
CONNECTIONS = 1_000
"""At once; one more is told 503."""


def listen(options: Options, keys: Keys) -> None:
    """Until SIGTERM or Ctrl-C; what is in hand then is answered. Raises ConfigError where nothing can be served."""
    with _bound(options.host, options.port) as bound:
        feedback = FeedbackFile(options.feedback)  # what is wrong with it is said before a policy is loaded
        print("loading the policy ...", file=sys.stderr, flush=True)
        service = Service(options, opened(options), feedback)
        if not options.server_url or _answers(service):
            print(f"{len(options.databases)} database(s), {service.opened.policy}", file=sys.stderr)
        host, port = bound.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        server = uvicorn.Server(configured(service, keys))
        print(f"serving at http://{shown}:{port}", flush=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it again once it has ended in order
        server.run(sockets=[bound])


def configured(service: Service, keys: Keys) -> uvicorn.Config:
    """How uvicorn serves it."""
    options = service.options
    return uvicorn.Config(
        application(service, keys),
        http=connection(options.slowest),
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=HEAD,
        timeout_graceful_shutdown=int(options.longest_wait + options.most_seconds) + 1,
    )


def _answers(service: Service) -> bool:
    try:
        service.opened.expect()
    except ConfigError as error:
        print(f"the model does not answer yet: {error}", file=sys.stderr, flush=True)
        return False
    return True


def _bound(host: str, port: int) -> socket.socket:
    """Raises ConfigError where somebody has the port."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, UnicodeError, TypeError) as error:  # the last two: a name that no resolver takes
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"--host {host} --port {port} cannot be listened at: {why}") from None
