"""What a person may type, and a file that is no file of answers, is read as it was meant, or refused."""

import subprocess
import sys

import pytest

from policy.config_error import ConfigError
from rl.pairs.endpoint.__main__ import main, parser
from rl.pairs.endpoint.options import check

TYPED = ["--url", "https://api.example.com/v1", "--model", "m", "--task", "worlds", "--output", "a.jsonl"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["--at_once", "0"], "--at_once is 0; it must be at least 1"),
        (["--temperature", "nan"], "--temperature is nan"),
        (["--longest_wait", "inf"], "--longest_wait is inf"),
        (["--samples", "2", "--temperature", "0"], "would all be alike"),
        (["--request", '{"n": 2}'], "--request must be"),
        (["--request", "[]"], "--request must be"),
    ],
)
def test_an_option_that_cannot_be_used_is_a_sentence(typed, told):
    with pytest.raises(ConfigError, match=told):
        check(parser().parse_args([*TYPED, *typed]))


def test_a_file_that_is_not_of_answers_stays_as_it_is(tmp_path):
    file = tmp_path / "notes.jsonl"
    words = ["--url", "http://127.0.0.1:1/v1", "--model", "m", "--task", "storefront", "--output", str(file)]
    for there in (b"one line, nowhere ended", b"\xff\n", b"[" * 100_000 + b"\n"):
        file.write_bytes(there)
        with pytest.raises(ConfigError, match=r"notes\.jsonl"):
            main(words)
        assert file.read_bytes() == there


def test_asking_needs_neither_torch_nor_trl():
    asked = "import sys, rl.pairs.endpoint.gather, rl.pairs.endpoint.__main__; print({'torch', 'trl'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True).stdout.strip() == "set()"
