"""What is typed wrong is told in one sentence with exit code 2, by every command."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = ("envs", "rewards", "policy", "sft", "rl", "eval", "serve")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ([], "error: the following arguments are required: --database\n"),
        (["--database", "a", "--rowss", "3"], "error: unrecognized arguments: --rowss 3. Did you mean --rows?\n"),
        (["--database", "a", "b"], "error: unrecognized arguments: b; --help lists what can be given\n"),
        (["--database", "a", "--rows", "many"], "error: argument --rows: invalid int value: 'many'\n"),
    ],
    ids=["missing", "near", "unknown", "wrong"],
)
def test_a_complaint_is_one_sentence(typed: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    from envs.profile.__main__ import main

    with pytest.raises(SystemExit) as left:
        main(typed)
    assert (left.value.code, capsys.readouterr().err) == (2, told)


def test_no_command_complains_as_argparse_does() -> None:
    files = [file for floor in FLOORS for file in (ROOT / floor).rglob("*.py")]
    theirs = [str(file) for file in files if "ArgumentParser" in file.read_text(encoding="utf-8")]
    assert theirs == [str(ROOT / "envs/sentence_parser.py")]
