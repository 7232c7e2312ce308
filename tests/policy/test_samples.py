"""What a file of samples holds already is not asked again, whatever the policy wrote into it."""

from dataclasses import replace
from pathlib import Path

import pytest

from policy.config_error import ConfigError
from policy.samples import Completion, Head, append, finished

HEAD = Head("p", "sha256:0", "worlds", None, "test", "strict", None, "transformers", "float32", 1, 0.0, 24, 4, 0)


def test_a_completion_with_a_line_separator_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    append(path, HEAD, {}, [("q", [Completion("SELECT 'a\u2028b\x85c'", 3, False, -0.5)])])
    assert finished(path, HEAD) == {"q"}


def test_a_line_that_was_cut_is_written_again_and_a_file_of_somebody_else_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    append(path, HEAD, {}, [(name, [Completion("SELECT 1", 3, False, -0.5)]) for name in "ab"])
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert finished(path, HEAD) == {"a"}
    assert path.read_bytes() == whole[: whole.index(b"\n") + 1]
    path.write_bytes(b"my notes, without an end")
    with pytest.raises(ConfigError, match="ends in what is no line of samples"):
        finished(path, HEAD)
    assert path.read_bytes() == b"my notes, without an end"


def test_the_style_of_the_schema_is_in_a_line_where_it_is_not_the_usual_one(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    append(path, HEAD, {}, [("a", [])])
    assert "schema_style" not in path.read_text() and finished(path, HEAD) == {"a"}
    other = replace(HEAD, schema_style="compact")
    with pytest.raises(ConfigError, match="schema_style was 'ddl' and is now 'compact'"):
        finished(path, other)
    path.unlink()
    append(path, other, {}, [("a", [])])
    assert finished(path, other) == {"a"}
