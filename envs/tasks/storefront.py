"""Storefront: 500 questions on a shop's orders, subscriptions and predictions, in PostgreSQL, executed by DuckDB.

The shape of the private set behind aravula7/qwen-sql-finetuning (ten categories, 350/50/100), with questions, gold and
data of our own, generated from a seed. As in that set, and unlike other tasks, **all splits share the one database**.
What test adds is questions: in every category some template families appear in test alone (about half of its questions)
and, in most, one in validation alone; the rest of test are new slot values of trained families. Test is therefore
harder than train. No question and no gold SQL occurs twice. "Today" is 2025-06-30. Needs no `task_path`.
"""

from envs.example import Database, Example
from envs.storefront.schema import SCHEMA
from envs.storefront.script import script
from envs.storefront.splits import questions
from envs.tasks import Split


def load(split: Split, path: str | None = None) -> list[Example]:
    """One split's examples in a fixed order. Raises ValueError if a path is given, for there is nothing to read."""
    if path is not None:
        raise ValueError(f"task 'storefront' is generated and reads no file, but task_path is {path!r}: leave it out")
    database = Database(engine="duckdb", script=script())
    return [
        Example(
            id=f"storefront-{split}-{number:04d}",
            question=asked.question,
            database=database,
            schema=SCHEMA,
            schema_id="storefront",
            gold_sql=asked.gold_sql,
            dialect="postgres",
            evidence=asked.family.evidence,
            difficulty=asked.family.difficulty,
            category=category,
        )
        for number, (category, asked) in enumerate(questions(split), start=1)
    ]
