"""ROUGE and BLEU say what rouge-score and sacrebleu say."""

import random

import pytest
import sacrebleu
from rouge_score.rouge_scorer import RougeScorer

from eval.metrics.bleu import bleu, corpus_bleu
from eval.metrics.rouge_1 import rouge_1
from eval.metrics.rouge_2 import rouge_2
from eval.metrics.rouge_l import rouge_l

GOLD = "SELECT T1.name FROM makers AS T1 JOIN cars AS T2 ON T1.id = T2.maker_id WHERE T2.power > 100"


def texts(seed: int, count: int) -> list[str]:
    """Golds with words dropped, doubled and moved; the last ones are short or empty."""
    draw = random.Random(seed)
    words = GOLD.split()
    return [" ".join(draw.choices(words, k=draw.randrange(0, 25))) for _ in range(count)] + ["", "SELECT", "a b", "'"]


def test_rouge_is_that_of_rouge_score(asked):
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"])
    for gold, sql in zip(texts(1, 200), texts(2, 200), strict=True):
        wanted = scorer.score(gold, sql)
        found = [metric(sql, asked(gold)) for metric in (rouge_1, rouge_2, rouge_l)]
        assert found == pytest.approx([one.fmeasure for one in wanted.values()], abs=1e-12)


def test_bleu_is_that_of_sacrebleu(asked):
    golds, sqls = texts(3, 200), texts(4, 200)
    for gold, sql in zip(golds, sqls, strict=True):
        assert bleu(sql, asked(gold)) == pytest.approx(sacrebleu.sentence_bleu(sql, [gold]).score / 100, abs=1e-12)
    whole = corpus_bleu(sqls, [asked(gold) for gold in golds])
    assert whole == pytest.approx(sacrebleu.corpus_bleu(sqls, [golds]).score / 100, abs=1e-12)


def test_further_golds_are_further_references(asked):
    golds, others, sqls = texts(5, 50), texts(6, 50), texts(7, 50)
    examples = [asked(gold, other) for gold, other in zip(golds, others, strict=True)]
    wanted = sacrebleu.sentence_bleu(sqls[0], [golds[0], others[0]]).score / 100
    assert bleu(sqls[0], examples[0]) == pytest.approx(wanted, abs=1e-12)
    assert corpus_bleu(sqls, examples) == pytest.approx(sacrebleu.corpus_bleu(sqls, [golds, others]).score / 100)
    assert corpus_bleu([], []) is None


def test_words_and_pairs_of_words_by_hand(asked):
    example = asked("SELECT name FROM makers")
    assert rouge_1("SELECT land FROM makers", example) == 3 / 4
    assert rouge_2("SELECT land FROM makers", example) == 1 / 3
