import json
import re
from pathlib import Path
from random import Random

import pytest

from envs import tasks
from envs.explore.__main__ import main
from envs.explore.clauses import anatomy
from envs.explore.golds import look
from envs.explore.lengths import lengths
from envs.explore.measure import Source, measure
from envs.explore.near import grams, near_pairs
from envs.explore.page import page
from envs.explore.shown import shown, used
from envs.explore.texts import gold_key, question_key, template_key
from envs.explore.tokens import token_counter
from envs.gate import parse
from envs.sandbox import Sandbox

MUSIC = (
    "CREATE TABLE singer (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);"
    "CREATE TABLE song (id INTEGER, singer_id INTEGER REFERENCES singer (id), title TEXT);"
    "INSERT INTO singer VALUES (1, 'Ada', 31), (2, 'Bea', 36); INSERT INTO song VALUES (1, 1, 'x');"
)
PLACES = "CREATE TABLE city (name TEXT, people INTEGER); INSERT INTO city VALUES ('Rome', 3), ('Oslo', 1);"
HOSTILE = "<script>alert(1)</script>\"'><img src=x>"
ROWS = [
    ("a", "train", MUSIC, "easy", "How many singers are there?", "SELECT count(*) FROM singer"),
    ("b", "train", MUSIC, "easy", "how many  SINGERS are there", "select COUNT(*) FROM singer -- all;"),
    ("c", "train", MUSIC, "easy", "Names of singers older than 30?", "SELECT name FROM singer WHERE age > 30"),
    ("d", "train", MUSIC, "easy", "Names of singers above 99?", "SELECT name FROM singer WHERE age > 99"),
    ("e", "train", MUSIC, HOSTILE, HOSTILE, f"SELECT title FROM song WHERE title <> '{HOSTILE.replace(chr(39), '')}'"),
    ("f", "train", MUSIC, "hard", "What is wrong?", "SELECT nope FROM singer"),
    ("g", "test", PLACES, "easy", "How many singers are there?", "SELECT count(*) FROM city"),
    ("h", "test", MUSIC, "easy", "How many singers are there?", "SELECT count(id) FROM singer"),
    ("i", "test", MUSIC, "easy", "Names of singers older than 30, please?", "SELECT name FROM singer WHERE age > 35"),
    ("j", "test", PLACES, "hard", "Largest?", "SELECT name FROM city ORDER BY people DESC LIMIT 1"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where `explore --task jsonl` put the page and the JSON of `ROWS`."""
    folder = tmp_path_factory.mktemp("explored")
    names = ("id", "split", "script", "difficulty", "question", "sql")
    rows = [dict(zip(names, row, strict=True)) | {"category": row[3], "evidence": row[3]} for row in ROWS]
    (folder / "mine.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEXT2SQL_CACHE", str(folder / "cache"))
        assert main(["--task", "jsonl", "--task_path", str(folder / "mine.jsonl"), "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def found(folder):
    return json.loads((folder / "explore_jsonl.json").read_text())


@pytest.fixture(scope="module")
def shown_page(folder) -> str:
    return (folder / "explore_jsonl.html").read_text()


def counts(kinds) -> dict[str, int]:
    return {kind["what"]: kind["count"] for kind in kinds}


def test_what_test_has_from_train_is_counted_by_kind(found):
    (leak,) = found["leaks"]
    assert (leak["earlier"], leak["later"], leak["examples"]) == ("train", "test", 4)
    assert (leak["databases"], leak["shared"]) == (2, 1)
    assert counts(leak["kinds"]) == {
        "same question": 2,
        "same question, same schema": 1,
        "same gold": 0,
        "same gold but for values": 1,
        "same schema": 2,
        "same database": 2,
        "nearly the same question": 3,
        "nearly the same question, same database": 2,
    }
    near = next(kind["first"] for kind in leak["kinds"] if kind["what"] == "nearly the same question, same database")
    assert [(pair["ids"], pair["alike"]) for pair in near] == [(["i", "c"], round(26 / 33, 3)), (["h", "a"], 1.0)]


def test_what_occurs_twice_in_train_is_counted_beyond_the_first(found):
    train, test = found["splits"]
    assert counts(train["repeats"]) == {
        "same question": 1,
        "same question, same schema": 1,
        "same gold": 1,
        "same gold but for values": 2,
    }
    assert counts(test["repeats"]) == {
        "same question": 1,
        "same question, same schema": 0,
        "same gold": 0,
        "same gold but for values": 0,
    }


def test_golds_are_parsed_run_and_graded(found):
    train = found["splits"][0]["scoring"]
    assert {name: train[name] for name in ("parses", "runs", "graded", "writes", "empty", "proves_nothing")} == {
        "parses": 6,
        "runs": 5,
        "graded": 5,
        "writes": 0,
        "empty": 1,
        "proves_nothing": 1,
    }
    assert [(reason["why"], reason["count"], reason["first"][0][0]) for reason in train["reasons"]] == [
        ("the gold does not run (missing_column)", 1, "f")
    ]
    assert train["endings"] == {"ok": 5, "missing_column": 1}


def test_clauses_levels_and_use_of_the_schema_are_counted(found):
    train, test = found["splits"]
    assert train["made"]["clauses"] == {"SELECT": 6, "WHERE": 3}
    assert train["made"]["aggregates"] == {"COUNT": 2} and train["made"]["joins"] == {"0": 6}
    assert test["made"]["clauses"] == {"SELECT": 4, "WHERE": 1, "ORDER BY": 1, "LIMIT": 1}
    assert test["levels"] == {"easy": {"easy": 3}, "hard": {"hard": 1}}
    reach = train["reach"]
    assert (reach["schemas"], reach["tables_mean"], reach["columns_mean"], reach["foreign_keys_mean"]) == (1, 2, 6, 1)
    assert (reach["columns_used_mean"], reach["columns_ever_used_share"]) == (round(5 / 6, 2), 0.5)


def test_prompts_are_measured_in_characters_and_in_the_seedlings_tokens(found):
    counter = token_counter(None)
    assert counter is not None and found["tokenizer"] == str(counter.file) and found["with_marks"]
    questions = [row[4] for row in ROWS if row[1] == "train"]
    assert found["splits"][0]["characters"]["question"]["max"] == max(map(len, questions))
    assert found["splits"][0]["tokens"]["question"]["max"] == max(counter.count(questions))
    assert found["splits"][0]["over"] == {"512": 0, "1024": 0, "2048": 0, "4096": 0}


def test_the_page_says_the_numbers_of_the_json(found, shown_page):
    (leak,), (train, test) = found["leaks"], found["splits"]
    assert all(text.replace("'", "&#x27;") in shown_page for text in found["findings"])
    for what, count in counts(leak["kinds"]).items():
        assert cells(shown_page, what)[0].startswith(f"{count} ")
    for i, count in enumerate(counts(train["repeats"]).values()):
        assert cells(shown_page, train["repeats"][i]["what"], -1)[0].startswith(f"{count} ")
    assert [cell.split()[0] for cell in cells(shown_page, "golds that can grade")] == [
        str(split["scoring"]["graded"]) for split in (train, test)
    ]
    assert cells(shown_page, "WHERE") == ["50.0% 3", "25.0% 1"]
    assert cells(shown_page, "prompt, 99% within tokens") == [
        str(split["tokens"]["prompt"]["p99"]) for split in (train, test)
    ]


def test_the_page_loads_nothing_and_runs_none_of_what_it_shows(shown_page):
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown_page
    assert "<script" not in shown_page and "<img" not in shown_page
    assert not re.search(r"(href|url)\s*[=(]|@import|https?:|<\?xml|<!DOCTYPE svg", shown_page)
    ids = re.findall(r'\sid="([^"]+)"', shown_page)
    assert len(ids) == len(set(ids)) and "default-src 'none'" in shown_page
    assert shown_page.count("<svg") == shown_page.count("</svg>") == 5 and "<text" in shown_page
    assert shown_page.count("<style") == 1, "a style sheet of a plot would hold for the whole page"


def test_without_a_tokenizer_characters_are_all_and_the_page_says_so():
    examples = tasks.load("worlds", "test")[:8]
    with Sandbox(workers=1) as sandbox:
        facts = measure(Source("worlds", "", 8, ()), {"test": examples}, sandbox, None)
    assert facts.splits[0].tokens == {} and facts.splits[0].over == {} and facts.leaks == ()
    assert "Characters only" in page(facts) and "Only one split" in page(facts)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT DISTINCT a FROM t, u", {"SELECT", "DISTINCT", "CROSS JOIN or a comma"}),
        ("SELECT count(DISTINCT a) FROM t", {"SELECT", "DISTINCT in an aggregate"}),
        ("SELECT 1 FROM t JOIN u ON t.a = u.a LEFT JOIN v USING (a)", {"SELECT", "INNER JOIN", "LEFT JOIN"}),
        ("SELECT 1 FROM t NATURAL JOIN u", {"SELECT", "NATURAL JOIN"}),
        ("SELECT a FROM t UNION ALL SELECT b FROM u", {"SELECT", "UNION ALL"}),
        ("SELECT a FROM t EXCEPT SELECT b FROM u", {"SELECT", "EXCEPT"}),
        ("WITH c AS (SELECT 1 AS x) SELECT x FROM c", {"SELECT", "WITH"}),
        ("SELECT x FROM (SELECT 1 AS x) AS c", {"SELECT", "subquery in FROM"}),
        ("SELECT a FROM t WHERE a IN (SELECT a FROM u)", {"SELECT", "WHERE", "IN", "subquery in an expression"}),
        (
            "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a)",
            {"SELECT", "WHERE", "EXISTS", "subquery in an expression", "correlated subquery"},
        ),
        ("SELECT sum(a) OVER (ORDER BY b) FROM t", {"SELECT", "window"}),
        ("SELECT CASE WHEN a IS NOT NULL THEN 1 END FROM t", {"SELECT", "CASE", "IS NULL"}),
        ("SELECT 'GROUP BY x HAVING LIMIT' FROM t -- ORDER BY a", {"SELECT"}),
        ("INSERT INTO t SELECT a FROM u", {"SELECT", "INSERT"}),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_clauses_are_read_from_the_tree(sql, expected):
    root = parse(sql, "sqlite")
    assert not isinstance(root, str) and anatomy(root, "sqlite").clauses == expected


def test_functions_are_called_what_they_are_called_in_the_dialect():
    root = parse("SELECT strftime('%Y', d), avg(n), rank() OVER (ORDER BY n), mine(n) FROM t WHERE a AND b", "sqlite")
    assert not isinstance(root, str)
    found = anatomy(root, "sqlite")
    assert (found.aggregates, found.functions) == ({"AVG"}, {"STRFTIME", "RANK", "MINE"})


@pytest.mark.parametrize(
    ("sql", "tables", "columns"),
    [
        ("SELECT count(*) FROM singer", {"singer"}, set()),
        ("SELECT s.* FROM singer AS s", {"singer"}, {("singer", "id"), ("singer", "name"), ("singer", "age")}),
        ("SELECT T.TITLE FROM song AS T", {"song"}, {("song", "title")}),
        (
            "SELECT title FROM singer JOIN song ON singer.id = singer_id",
            {"singer", "song"},
            {("song", "title"), ("singer", "id"), ("song", "singer_id")},
        ),
        (
            'WITH c AS (SELECT name AS n FROM singer) SELECT n, "age" FROM c',
            {"singer"},
            {("singer", n) for n in ("name", "age")},
        ),
        ("SELECT nope FROM gone", set(), set()),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_query_uses_the_tables_and_columns_that_are_shown(sql, tables, columns):
    root = parse(sql, "sqlite")
    assert not isinstance(root, str) and used(root, shown(MUSIC, "sqlite")) == (tables, columns)


def test_texts_are_the_same_but_for_style_and_golds_also_but_for_values():
    assert question_key("Who's  first?") == question_key("who s FIRST") != question_key("who is first")
    assert (
        gold_key("SELECT a\nFROM t; -- x") == gold_key("select A from T") != gold_key("SELECT a FROM t WHERE b = 'A'")
    )
    one, other = (
        "SELECT a FROM t WHERE b = 1.5 AND c = 'x' AND d = \"y\"",
        "select a from t where b=2 and c='' and d=\"z\"",
    )
    assert template_key(one, {"d"}) == template_key(other, {"d"}) != template_key(one, {"d", "y"})


def test_near_pairs_are_all_pairs_above_the_threshold_and_no_others():
    dice = Random(1)
    texts = ["".join(dice.choices("ab", k=dice.randint(3, 14))) for _ in range(300)]
    sets = [grams(text) for text in texts]
    every = {
        (j, i): len(a & b) / len(a | b)
        for j, a in enumerate(sets)
        for i, b in enumerate(sets[:150])
        if len(a & b) / len(a | b) >= 0.5
    }
    assert len(every) > 300 and {(j, i): alike for j, i, alike in near_pairs(texts[:150], texts, 0.5)} == every


def test_percentiles_are_nearest_rank_and_the_last_bin_is_open():
    found = lengths(list(range(1, 101)), 2)
    assert (found.mean, found.p50, found.p90, found.p99, found.max) == (50.5, 50, 90, 99, 100)
    assert found.bins[0] == 1 and found.bins[1] == 2 and found.bins[-1] == 55 and sum(found.bins) == 100


def test_an_example_without_a_schema_or_a_gold_that_parses_is_looked_at_all_the_same():
    example = tasks.load("worlds", "test")[0]
    odd = type(example)(example.id, "?", example.database, "", "x", "SELEC (", "sqlite")
    assert look(odd).anatomy is None and look(odd).level == "does not parse" and look(odd).shown.columns == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--task", "bard"], "invalid choice: 'bard'"),
        (["--task", "jsonl", "--task_path", "gone.jsonl"], "there is no file at gone.jsonl"),
        (["--task", "worlds", "--splits", "dev"], "choose from train, validation, test"),
        (["--task", "worlds", "--limit", "0"], "--limit 0 leaves nothing"),
        (["--task", "worlds", "--tokenizer", "gone"], "there is no tokenizer at gone"),
        (["--task", "worlds", "--splits", "test", "--limit", "1", "--out", "pyproject.toml"], "cannot be the folder"),
    ],
    ids=lambda given: given[-1] if isinstance(given, list) else "",
)
def test_bad_input_is_said_in_a_sentence_with_exit_code_2(capsys, monkeypatch, arguments, sentence):
    monkeypatch.chdir(Path(__file__).parents[2])
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2 and sentence in capsys.readouterr().err


def cells(page: str, label: str, which: int = 0) -> list[str]:
    """The text of the cells beside a label, in the first table row that has it (or `which`)."""
    rows = re.findall(rf"<tr><td>{re.escape(label)}</td>(.*?)</tr>", page)
    parts = re.findall(r"<td[^>]*>(.*?)</td>", rows[which])
    return [re.sub(r"<[^>]*>", "", part) for part in parts]


def test_a_page_that_cannot_be_written_leaves_the_older_one_and_nothing_else(tmp_path, capsys):
    (tmp_path / "explore_storefront.html").mkdir()
    (tmp_path / "explore_storefront.json").write_text("older")
    with pytest.raises(SystemExit, match="2"):
        main(["--task", "storefront", "--splits", "test", "--limit", "1", "--out", str(tmp_path)])
    assert "cannot be written" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["explore_storefront.html", "explore_storefront.json"]
    assert (tmp_path / "explore_storefront.json").read_text() == "older"
