import random
from dataclasses import replace

import pytest

from envs.example import Database, Example
from envs.sampling import Bucket, sample


def make(i: int, **more: str) -> Example:
    example = Example(f"q{i}", "?", Database("sqlite", script=""), "", f"db{i % 7}", "SELECT a FROM t", "sqlite")
    return replace(example, **more)


def words(count: int) -> Example:
    return make(count, evidence=" ".join(["word"] * count))


@pytest.mark.parametrize(
    ("count", "bucket"),
    [
        *[(0, "none"), (1, "1 to 10 words"), (10, "1 to 10 words"), (11, "11 to 25 words"), (25, "11 to 25 words")],
        (26, "over 25 words"),
    ],
)
def test_evidence_is_bucketed_by_its_words_at_0_10_and_25(count, bucket):
    assert sample([words(count)], "evidence_length", 1.0, 0).histogram == (Bucket(bucket, 1, 1),)


@pytest.mark.parametrize(
    ("sql", "level"),
    [
        ("SELECT count(*) FROM t WHERE a > 1", "one table"),
        ("SELECT * FROM t JOIN u ON t.a = u.a", "one join"),
        ("SELECT * FROM t, u, v WHERE t.a = u.a AND u.b = v.b", "several joins"),
        ("SELECT * FROM t JOIN u WHERE t.a IN (SELECT a FROM v)", "subquery"),
        ("WITH x AS (SELECT 1) SELECT * FROM x", "subquery"),
        ("SELECT a FROM t UNION SELECT a FROM u", "set operation"),
        ("SELECT a FROM (SELECT a, rank() OVER (ORDER BY a) AS r FROM t) WHERE r = 1", "window"),
        ("SELECT a FROM", "no query"),
        ("DELETE FROM t", "no query"),
    ],
)
def test_complexity_is_read_from_the_gold_where_the_set_gives_no_difficulty(sql, level):
    def name(example: Example) -> str:
        return sample([example], "complexity", 1.0, 0).histogram[0].name

    assert name(make(0, gold_sql=sql)) == level
    assert name(make(0, gold_sql=sql, difficulty="challenging")) == "challenging"


def test_every_bucket_stays_within_one_example_of_its_share_and_the_sum_is_exact():
    for seed in range(200):
        dice = random.Random(seed)
        examples = [make(i, schema_id=f"db{int(dice.paretovariate(0.5)) % 40}") for i in range(dice.randint(1, 300))]
        share = dice.uniform(0.001, 1)
        found = sample(examples, "database", share, seed)
        assert len(found.kept) == max(1, int(share * len(examples) + 0.5)) == sum(b.after for b in found.histogram)
        for bucket in found.histogram:
            assert abs(bucket.after - len(found.kept) * bucket.before / len(examples)) < 1
            assert bucket.after == sum(example.schema_id == bucket.name for example in found.kept)


def test_no_bucket_is_emptied_where_there_is_one_to_spare():
    examples = [make(i, schema_id="large") for i in range(95)]
    examples += [make(100 + i, schema_id=f"small {i}") for i in range(5)]
    found = sample(examples, "database", 0.25, 3)  # due: 23.75 and five times 0.25
    assert {bucket.name: bucket.after for bucket in found.histogram} == {"large": 23} | {
        f"small {i}": int(i < 2) for i in range(5)
    }
    three = sample([make(1, schema_id="a"), *(make(i, schema_id="b") for i in range(2, 8))], "database", 0.3, 3)
    assert [bucket.after for bucket in three.histogram] == [1, 1]  # the largest remainder alone would give 0 and 2


def test_a_seed_chooses_the_same_examples_in_any_order_and_the_order_stays():
    examples = [make(i) for i in range(200)]
    kept = sample(examples, "database", 0.3, 1).kept
    assert list(kept) == [example for example in examples if example in kept]
    assert set(sample(examples[::-1], "database", 0.3, 1).kept) == set(kept)
    assert set(sample(examples, "database", 0.3, 2).kept) != set(kept)


def test_the_histogram_is_a_table_with_counts_and_shares_before_and_after():
    examples = [words(0)] * 6 + [words(30)] * 2
    assert sample(examples, "evidence_length", 0.5, 0).markdown() == "\n".join(
        [
            "| evidence_length | before | % | after | % |",
            "|---|---:|---:|---:|---:|",
            "| none | 6 | 75.0 | 3 | 75.0 |",
            "| over 25 words | 2 | 25.0 | 1 | 25.0 |",
            "| all | 8 | 100.0 | 4 | 100.0 |",
        ]
    )


def test_of_no_examples_none_are_kept():
    assert sample([], "complexity", 0.5, 0).kept == ()


@pytest.mark.parametrize("share", [0, -0.1, 1.01, float("nan")])
def test_a_share_that_is_none_is_said_in_a_sentence(share):
    with pytest.raises(ValueError, match=f"share is {share}; it must be above 0 and at most 1"):
        sample([make(0)], "database", share, 0)


def test_an_unknown_way_to_sample_lists_the_choices():
    with pytest.raises(ValueError, match="by 'length'; the choices are evidence_length, complexity, database"):
        sample([make(0)], "length", 0.5, 0)
