import json
import sqlite3
import zlib
from pathlib import Path

import pytest

from envs.example import Database
from envs.sandbox import Job, Judged, Sandbox
from envs.sandbox.golds import NAME, Golds

SCRIPT = "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2);"
GOLD = "SELECT a FROM t"


def judge(folder: Path | None, sql: str = GOLD, database: Database | None = None) -> Judged:
    with Sandbox(workers=1, cache=folder) as sandbox:
        ((answer,),) = sandbox.judge([Job(database or Database("sqlite", script=SCRIPT), GOLD, "sqlite", [sql])])
    return answer


def kept(folder: Path) -> dict[str, dict[str, object]]:
    file = sqlite3.connect(folder / NAME)
    found = {key: json.loads(zlib.decompress(value)) for key, value in file.execute("SELECT key, kept FROM golds")}
    file.close()
    return found


def test_a_gold_that_ran_before_is_not_run_again(tmp_path: Path) -> None:
    assert judge(tmp_path).verdict.strict
    ((key, ruler),) = kept(tmp_path).items()
    ruler["result"][2] = [[1], [3]]  # type: ignore[index]
    Golds(tmp_path).keep({key: ruler})
    assert judge(tmp_path).verdict.strict is False
    assert judge(tmp_path, "SELECT 2 * a - 1 FROM t").verdict.strict is True
    assert judge(None).verdict.strict is True


def test_a_file_that_changed_has_another_gold(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    database = Database("sqlite", path=str(path))
    for value in (1, 2):
        file = sqlite3.connect(path)
        file.executescript(f"DROP TABLE IF EXISTS t; CREATE TABLE t (a INTEGER); INSERT INTO t VALUES ({value});")
        file.close()
        right = judge(tmp_path / "cache", f"SELECT a FROM t WHERE a = {value}", database)
        assert right.verdict.strict
    assert len(kept(tmp_path / "cache")) == 2


def test_a_file_that_changes_under_a_running_sandbox_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    with Sandbox(workers=1) as sandbox:
        for value in (1, 2):
            path.unlink(missing_ok=True)
            file = sqlite3.connect(path)
            file.executescript(f"CREATE TABLE t (a INTEGER); INSERT INTO t VALUES ({value});")
            file.close()
            ((answer,),) = sandbox.judge([Job(Database("sqlite", path=str(path)), GOLD, "sqlite", [GOLD])])
            assert answer.execution.sample == ((value,),)


@pytest.mark.parametrize("found", ["rubbish", "folder"])
def test_a_cache_that_cannot_be_used_costs_no_verdict(
    found: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if found == "rubbish":
        (tmp_path / NAME).write_text("not a database " * 500)
        assert judge(tmp_path).verdict.strict
        assert len(kept(tmp_path)) == 1
    else:
        (tmp_path / "file").write_text("")
        assert judge(tmp_path / "file").verdict.strict
        assert "golds are not cached in" in capsys.readouterr().err
