"""ROUGE-N of two texts (Lin, 2004, aclanthology.org/W04-1013), as rouge-score 0.1.2 computes it."""

from collections import Counter

from rewards.rouge_l import TOKEN


def rouge_n(n: int, target: str, prediction: str) -> float:
    """F-measure of the n-grams that both have, in [0, 1]; no stemmer, the default tokenizer. 0.0 where either has none.

    Written here as rouge-score loads nltk for it, and takes ten times as long.
    """
    wanted, given = _counted(target, n), _counted(prediction, n)
    common = (wanted & given).total()
    return 2 * common / (wanted.total() + given.total()) if common else 0.0


def _counted(text: str, n: int) -> Counter[tuple[str, ...]]:
    words = TOKEN.findall(text.lower())
    return Counter(zip(*(words[i:] for i in range(n)), strict=False))
