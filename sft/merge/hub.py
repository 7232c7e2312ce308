"""Exports to the Hugging Face hub: one repository a folder. Every refusal of the hub is a sentence."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from policy.config_error import ConfigError


def check(name: str) -> None:
    """Raises ConfigError where a push could not work: a name that is none, no token, no hub. Asks the hub once."""
    from huggingface_hub import HfApi, get_token
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise ConfigError(f"--push_to_hub {name} is no repository's name: {error}") from error
    if "/" not in name:
        raise ConfigError(f"--push_to_hub {name} says not whose: write USER/{name}.")
    if not get_token():
        raise ConfigError(
            f"--push_to_hub {name} needs a token: run `hf auth login`, or set HF_TOKEN to one that may write."
        )
    with _sentences(name, "Nothing was written."):
        HfApi().whoami()  # pyright: ignore[reportUnknownMemberType]


def push(name: str, exports: dict[str, Path], private: bool) -> list[str]:
    """Create the repositories and upload a folder to each; their addresses. A sole export is `name`, several are
    `name-VARIANT`. Raises ConfigError with what the hub said."""
    from huggingface_hub import HfApi

    api, addresses = HfApi(), list[str]()
    for variant, folder in exports.items():
        repository = name if len(exports) == 1 else f"{name}-{variant}"
        with _sentences(repository, f"The export is in {folder}; `hf upload` can send it later."):
            url = api.create_repo(repository, private=private, exist_ok=True)
            api.upload_folder(repo_id=repository, folder_path=folder, commit_message=f"Export {variant}")
        addresses.append(str(url))
    return addresses


@contextmanager
def _sentences(name: str, hint: str) -> Generator[None]:
    import httpx
    from huggingface_hub import constants
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        yield
    except OfflineModeIsEnabled as error:
        raise ConfigError(f"{name} cannot be pushed: HF_HUB_OFFLINE is set. {hint}") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        why = {401: "the token is not valid", 403: "the token may not write there"}
        said = why.get(status) or str(error.server_message or error).splitlines()[0]
        raise ConfigError(f"{name} cannot be pushed: {constants.ENDPOINT} answered {status}, {said}. {hint}") from error
    except (httpx.HTTPError, OSError) as error:
        kind = type(error).__name__
        raise ConfigError(
            f"{name} cannot be pushed: {constants.ENDPOINT} cannot be reached ({kind}). {hint}"
        ) from error
