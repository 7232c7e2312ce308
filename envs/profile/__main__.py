"""What is in a database? Types, counts, ranges, formats, keys and join paths, as JSON.

    python -m envs.profile --database FILE [--output FILE]

FILE is a SQLite (.sqlite, .db) or DuckDB (.duckdb) file, which is opened read-only. What was found is kept in the cache
folder by the file's stamp; `--fresh` looks again. Of large tables the first rows are looked at: the notes, on the
console too, say which.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from envs.database_files import ENGINES
from envs.example import Database
from envs.profile import DEFAULT, Limits
from envs.profile.cached import cached_profile
from envs.sentence_parser import SentenceParser


def main(arguments: Sequence[str] | None = None) -> int:
    parser = SentenceParser(prog="python -m envs.profile", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", type=Path, required=True, help=f"a file that ends in {', '.join(ENGINES)}")
    parser.add_argument("--output", type=Path, help="default: the console")
    parser.add_argument("--rows", type=int, default=DEFAULT.rows, help=f"of a table (default {DEFAULT.rows})")
    parser.add_argument("--seconds", type=float, default=DEFAULT.seconds, help="of one question to the engine")
    parser.add_argument("--whole", type=float, default=DEFAULT.whole, help="seconds of all of them")
    parser.add_argument("--fresh", action="store_true", help="look again")
    given = parser.parse_args(arguments)
    if min(given.rows, given.seconds, given.whole) <= 0:
        parser.error("--rows, --seconds and --whole must be above 0")
    if not given.database.is_file():
        print(f"error: there is no file at {given.database}", file=sys.stderr)
        return 2
    if (engine := ENGINES.get(given.database.suffix.lower())) is None:
        print(
            f"error: {given.database} ends in none of {', '.join(ENGINES)}, so its engine is unknown", file=sys.stderr
        )
        return 2
    limits = Limits(given.rows, given.seconds, given.whole)
    try:
        found = cached_profile(Database(engine, path=str(given.database.resolve())), limits, fresh=given.fresh)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    text = json.dumps(found.as_json(), indent=1, ensure_ascii=False)
    try:
        if given.output is None:
            print(text)
        else:
            given.output.write_text(f"{text}\n", encoding="utf-8", errors="surrogatepass")
    except OSError as error:
        print(f"error: {given.output} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    for note in found.notes:
        print(note, file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
