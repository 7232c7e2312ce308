"""What a file of samples holds already is not asked again, whatever the policy wrote into it."""

from pathlib import Path

from policy.samples import Completion, Head, append, finished

HEAD = Head("p", "sha256:0", "worlds", None, "test", "strict", None, "transformers", "float32", 1, 0.0, 24, 4, 0)


def test_a_completion_with_a_line_separator_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    append(path, HEAD, {}, [("q", [Completion("SELECT 'a\u2028b\x85c'", 3, False, -0.5)])])
    assert finished(path, HEAD) == {"q"}
