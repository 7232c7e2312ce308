"""Who may ask: keys from a file or the environment, compared without telling by the time how much was right."""

import hmac
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from policy.config_error import ConfigError

VARIABLE = "TEXT2SQL_API_KEYS"
SHORTEST = 16
"""Characters; a shorter key can be guessed."""


class Keys:
    """The keys that open; only digests of them are held. Nothing is needed where there are none."""

    def __init__(self, keys: list[str]) -> None:
        self._digests = [_digest(key) for key in keys]

    def __bool__(self) -> bool:
        return bool(self._digests)

    def name(self, given: str) -> str | None:
        """What the key is called in a rate limit, None where it does not open. Every key is compared, to its end."""
        digest, found = _digest(given), None
        for held in self._digests:
            if hmac.compare_digest(held, digest):
                found = f"key {held.hex()[:16]}"
        return found


def given_in(headers: Mapping[str, str]) -> str:
    """The key of `Authorization: Bearer KEY`, or of `X-API-Key: KEY`; "" where there is none."""
    kind, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" else headers.get("x-api-key", "").strip()


def read(file: Path | None, environment: Mapping[str, str] = os.environ) -> Keys:
    """One key a line, # begins a remark; in the environment variable a comma parts them. Raises ConfigError."""
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"--keys {file} cannot be read: {getattr(error, 'strerror', None) or error}") from None
        found, where = [line.partition("#")[0].strip() for line in lines], f"--keys {file}"
    else:
        found, where = [one.strip() for one in environment.get(VARIABLE, "").split(",")], VARIABLE
    keys = list(filter(None, found))
    if file is not None and not keys:
        raise ConfigError(f"{where} holds no key; write one a line, or leave the option out")
    for number, key in enumerate(keys, 1):
        if len(key) < SHORTEST or not (key.isascii() and key.isprintable()) or " " in key:
            raise ConfigError(
                f"{where}: key {number} has {len(key)} characters, or blanks, or others than ASCII; at least {SHORTEST}"
                " without a blank are needed: python -c 'import secrets; print(secrets.token_urlsafe(32))' makes one"
            )
    return Keys(keys)


def _digest(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogatepass")).digest()
