"""What a policy is taught by a pair: the very prompt it is asked, both answers, and one token that stops each."""

from dataclasses import replace
from pathlib import Path

import pytest

from policy.chat import prompt_text, stop_tokens, tokens_of
from policy.config import ConfigError
from policy.load import load_tokenizer
from rl.dpo.config import read
from rl.dpo.data import asked_in, given_pairs, not_measured_on, prepare
from rl.pairs.pair import Pair, write


def resolved(tmp_path: Path, file: Path, *more: str):
    config = tmp_path / "dpo_small.yaml"
    config.write_text(f"task: worlds\nmodel_name_or_path: policy/seedling\npairs: ['{file}']\n")
    return read(["--config", str(config), "--output_dir", str(tmp_path / "run"), *more])


def test_the_prompt_is_what_evaluation_asks_and_an_answer_ends_with_the_one_token_that_stops_it(
    pairs: list[Pair], pair_file: Path, tmp_path: Path
) -> None:
    tokenizer = load_tokenizer("policy/seedling")
    taught = prepare(resolved(tmp_path, pair_file), pairs, tokenizer)
    assert len(taught.train) + len(taught.validation) == len(pairs)
    for pair, row in zip(taught.preferences.train, taught.train, strict=True):
        asked = tokens_of(tokenizer, prompt_text(tokenizer, pair.asked(), "strict"))
        assert row["prompt_ids"] == asked
        for name, text in (("chosen_ids", pair.chosen), ("rejected_ids", pair.rejected)):
            *spoken, stop = row[name]
            assert tokenizer.decode(spoken) == text and stop in stop_tokens(tokenizer)
            assert not set(spoken) & set(stop_tokens(tokenizer))


def test_no_database_is_both_trained_on_and_held_out(pairs: list[Pair], pair_file: Path, tmp_path: Path) -> None:
    found = prepare(
        resolved(tmp_path, pair_file, "--validation_share", "0.3"), pairs, load_tokenizer("policy/seedling")
    )
    trained, held = (
        {pair.schema_id for pair in part} for part in (found.preferences.train, found.preferences.validation)
    )
    assert trained and held and not trained & held
    assert 0.2 < len(found.validation) / len(pairs) < 0.5


def test_a_pair_that_is_too_long_is_left_out_and_counted_never_cut(
    pairs: list[Pair], pair_file: Path, tmp_path: Path
) -> None:
    tokenizer = load_tokenizer("policy/seedling")
    lengths = sorted(
        len(row["prompt_ids"]) + max(len(row["chosen_ids"]), len(row["rejected_ids"]))
        for row in prepare(resolved(tmp_path, pair_file, "--validation_share", "0"), pairs, tokenizer).train
    )
    longest = lengths[len(lengths) // 2]
    some = prepare(
        resolved(tmp_path, pair_file, "--max_length", str(longest), "--validation_share", "0"), pairs, tokenizer
    )
    assert len(some.train) == sum(length <= longest for length in lengths) < len(pairs)
    assert some.preferences.too_long == len(pairs) - len(some.train)
    assert f"{some.preferences.too_long:,} pairs were longer than max_length {longest}" in some.summary(longest)
    with pytest.raises(ConfigError, match="none of the"):
        prepare(resolved(tmp_path, pair_file, "--max_length", "5"), pairs, tokenizer)


def test_a_special_token_in_an_answer_is_no_stop_but_a_pair_left_out(
    pairs: list[Pair], pair_file: Path, tmp_path: Path
) -> None:
    tokenizer = load_tokenizer("policy/seedling")
    torn = replace(pairs[0], chosen=f"{pairs[0].chosen} -- <|im_end|>")
    found = prepare(resolved(tmp_path, pair_file), [torn, *pairs[1:]], tokenizer)
    assert found.marked == 1 and torn not in (*found.preferences.train, *found.preferences.validation)


def test_pairs_about_measured_questions_are_refused(pairs: list[Pair]) -> None:
    not_measured_on(pairs[1:], asked_in(pairs[:1]))
    with pytest.raises(ConfigError, match="1 pairs are about questions that this run is measured on"):
        not_measured_on(pairs, asked_in(pairs[:1]))


def test_train_size_cuts_the_pairs_and_another_seed_draws_others(
    pairs: list[Pair], pair_file: Path, tmp_path: Path
) -> None:
    tokenizer = load_tokenizer("policy/seedling")
    drawn = [
        [
            pair.example
            for pair in prepare(
                resolved(tmp_path, pair_file, "--train_size", "8", "--seed", seed), pairs, tokenizer
            ).preferences.train
        ]
        for seed in "112"
    ]
    assert [len(part) for part in drawn] == [8, 8, 8] and drawn[0] == drawn[1] != drawn[2]


def test_a_resumed_run_reads_the_pairs_of_its_folder(pairs: list[Pair], pair_file: Path, tmp_path: Path) -> None:
    write(tmp_path / "run/pairs.jsonl", pairs[:3])
    assert given_pairs(resolved(tmp_path, pair_file)) == pairs
    assert given_pairs(resolved(tmp_path, pair_file, "--resume")) == pairs[:3]
