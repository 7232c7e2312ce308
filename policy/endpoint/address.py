"""Whether a URL is one that requests can be sent to and that may be written into files."""

from urllib.parse import urlsplit

import httpx

from policy.config_error import ConfigError

LIKE = "it must be like https://api.openai.com/v1 or http://127.0.0.1:8000/v1"


def checked(url: str, option: str = "--url") -> str:
    """The URL without its last slash. Raises ConfigError, in words without a secret, where it is none that a request
    can be sent to; `option` is what the person typed."""
    shown = "no address" if {"@", "?", "#"} & set(url) else repr(url)
    if not url.startswith(("http://", "https://")):
        raise ConfigError(f"{option} is {shown}, and has no http:// or https:// before it; {LIKE}")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):  # whose words may hold a password
        raise ConfigError(f"{option} is {shown}: its host or port cannot be read; {LIKE}") from None
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(
            f"{option} for {host} holds a user name, a password or a query. It is written into files: give the address "
            "alone, and the key in an environment variable (--key_env)"
        )
    if not host or any(letter.isspace() for letter in url):
        raise ConfigError(f"{option} is {shown}: it has no host, or blanks; {LIKE}")
    return url.rstrip("/").removesuffix("/chat/completions")
