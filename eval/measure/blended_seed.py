"""The seed's score with the seed's own rules, broken as they are, so that its numbers can be compared.

Source: antbartash/text-to-sql at c171789, the function that each of its notebooks copies. In `blended`, which follows
it, each of these is mended:

- What is executed is the completion as it stands: a fence, a label or a word of prose is an error.
- The gold runs first, the answer after it on the same connection to the same database. An INSERT that repeats the
  gold's meets its primary key; a CREATE or a DROP of the same table finds it done.
- Equal means that Python's lists of rows are equal: the order of rows counts always, names of columns never, floats to
  the last bit, 1 is 1.0. A statement that returns no rows equals every other that returns none, so that beside a gold
  that writes anything that runs is right: another write, SELECT ... WHERE 0, a comment, nothing at all.
- Whatever raises (the script of the database, the gold, the answer) is no match and nothing worse. A gold that does not
  run therefore counts, and scores 0.7 beside itself.
- No match is worth 0.7 x ROUGE-L of the raw texts, by rouge-score's default tokenizer: every sign is dropped.

Executed in the lab's sandbox (`Verdict.as_lists`), which differs from Python 3.11's sqlite3 in this: SQLite is the one
that apsw brings, and the engine is the task's; what exceeds time, rows or memory, and what the authorizer forbids
(PRAGMA, ATTACH), raises; an answer that the gate refuses beside a gold that returns rows is taken for no match, which
only RETURNING could make wrong; of several golds the one counts that serves the answer best.
"""

from envs.example import Example
from envs.lexical import trimmed
from eval.measure.question import Answer, Said
from rewards.blended import TEXT
from rewards.rouge_l import f_measure


def blended_seed(example: Example, answer: Answer) -> Said:
    """In [0, 1]; a reason where the sandbox could not say whether the two match."""
    score = answer.score
    matches = score.as_lists if trimmed(answer.completion) == score.sql else False
    if matches is None and score.status != "no_database":
        return "the sandbox did not run gold and answer"
    return 1.0 if matches else TEXT * f_measure(example.gold_sql, answer.completion)
