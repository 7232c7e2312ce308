"""A server that is not there, is another, or has another model is known before anything is asked of it."""

import asyncio
import socket

import pytest

from policy.config_error import ConfigError
from policy.endpoint.client import Endpoint
from policy.endpoint.known import expect_model
from policy.endpoint.wish import Manner

from ...endpoint_proxy import MODEL, Planted, Proxy, listing


def expect(url: str, model: str = MODEL, key: str = "") -> None:
    async def one() -> None:
        async with Endpoint(url, key, 30.0, 1) as endpoint:
            await expect_model(endpoint, Manner(model, 0.0, 64))

    asyncio.run(one())


def test_no_server_is_told_at_once():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ConfigError, match=rf"no server answers at http://127.0.0.1:{port}/v1: the connection failed"):
        expect(f"http://127.0.0.1:{port}/v1")


def test_a_page_where_the_api_should_be_is_told(proxy: Proxy):
    proxy.models = Planted(200, body="<!doctype html><title>Chat</title>")
    with pytest.raises(ConfigError, match=r"is no OpenAI-compatible API .*doctype html.* most end in /v1"):
        expect(proxy.url)


@pytest.mark.parametrize(("key", "hint"), [("", "no key was sent: --key_env"), ("sk-1", "wrong key")])
def test_a_key_that_is_missing_or_wrong_is_told(key, hint, proxy: Proxy):
    proxy.models = Planted(401, body='{"error": {"message": "wrong key"}}')
    with pytest.raises(ConfigError, match=f"refuses: 401 wrong key.*{hint}|refuses: 401 {hint}"):
        expect(proxy.url, key=key)


def test_a_model_that_is_listed_is_not_asked_and_one_that_is_not_is_asked_for_one_token(proxy: Proxy):
    proxy.models = listing("other", MODEL)
    expect(proxy.url)
    assert not proxy.seen
    for said in (listing("other"), Planted(404), Planted(500)):  # transformers serve lists nothing that is in a folder
        proxy.models = said
        expect(proxy.url)
    assert [body["max_tokens"] for _, body, _ in proxy.seen] == [1, 1, 1]


def test_a_model_that_is_neither_listed_nor_served_is_told_with_those_that_are(proxy: Proxy):
    proxy.models = listing("gpt-4o", "gpt-4o-mini")
    with pytest.raises(
        ConfigError, match=r'refuses the model "gpt-4o-mimi": 4.*lists gpt-4o, gpt-4o-mini. Did you mean'
    ):
        expect(proxy.url, "gpt-4o-mimi")


def test_a_base_without_its_end_is_told(proxy: Proxy):
    proxy.models = Planted(404)
    with pytest.raises(ConfigError, match=r"404 Not Found .*is not the base of its API: most end in /v1"):
        expect(proxy.url.removesuffix("/v1"))
