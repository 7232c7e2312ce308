"""Answer questions about databases over HTTP, with a page at / to try it.

    python -m serve.api --policy policy/seedling --database shop=shop.sqlite films=films.duckdb
    python -m serve.api --policy Qwen/Qwen3-0.6B --server_url http://127.0.0.1:8000/v1 --database shop=shop.sqlite
    curl -s localhost:8080/sql -H 'Content-Type: application/json' \\
        -d '{"database": "shop", "question": "How many customers are there?"}'

Databases are read and never written. The policy is at hand, or behind an OpenAI-compatible server (vllm serve,
transformers serve), which may come later, and go and come back: questions wait for it as long as --patience says.
Without keys it listens to this machine only. /docs says what can be asked, /metrics is for Prometheus, SIGTERM ends it
once what it has in hand is answered.
"""

import sys
from collections.abc import Sequence

from policy.config_error import ConfigError, exit_with_sentence
from serve.api.options import asked, may_listen


def main(argv: Sequence[str]) -> None:
    options = asked(argv, __doc__ or "")
    try:
        import fastapi  # noqa: F401
        import prometheus_client  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise ConfigError(f'{error.name} is not installed; pip install -e ".[serve]" brings it') from None
    from serve.api import keys
    from serve.api.listen import listen

    held = keys.read(options.keys)
    may_listen(options, bool(held))
    listen(options, held)


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
