"""The rows of a data set on the Hugging Face hub, or in its cache."""

from typing import Any

from envs.rows import Row


def rows_of(dataset: str, split: str) -> list[Row]:
    """All rows of one split, in order. Raises FileNotFoundError where it is neither in the cache nor to be had."""
    import datasets  # pyright: ignore[reportMissingTypeStubs]

    try:
        found: Any = datasets.load_dataset(dataset, split=split)  # pyright: ignore[reportUnknownMemberType]
    except OSError as error:  # no network and no cache, or the hub said no
        raise FileNotFoundError(
            f"{dataset} is neither in the cache nor to be had from the hub ({error}); "
            "download it once where there is a network, or give a local copy by task_path"
        ) from error
    return [Row(f"{dataset} {split}, row {i}", values) for i, values in enumerate(found, 1)]
