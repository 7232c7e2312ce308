"""Type SQL at a task's sandbox by hand, and see what a policy that wrote it would have got.

python -m rewards.play --task worlds --split test

What is typed is treated as a completion: it ends with a semicolon or an empty line. `.help` lists the commands. Where
standard input is no terminal it is read to its end and nothing is asked. Colours stand on a terminal only, and not
where NO_COLOR is set. The exit code is 0 however the answers did.
"""

import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import cast, get_args

from envs import tasks
from envs.example import Example
from envs.lexical import tokens
from envs.sentence_parser import SentenceParser
from envs.sql_env import SqlEnv
from envs.tasks import Split
from rewards.rollout_text import asked, painted, schema, told, wrapped

PROMPT, MORE = "sql> ", "...> "
HELP = """\
.next  .prev   the example after this one, before this one
.id ID         the example with that id
.gold          the gold SQL, and the other golds where a set has several
.schema        the whole schema
.help  .quit   this list; the end, as Ctrl-D. Ctrl-C drops what you are typing, or stops what runs."""


def ends(text: str) -> bool:
    """Whether the last thing in `text`, but for blanks and comments, is a semicolon outside strings."""
    kinds = [token.kind for token in tokens(text) if token.kind not in ("space", "comment")]
    return bool(kinds) and kinds[-1] == "semicolon"


def inputs() -> Iterator[str]:
    """Dot commands and completions, as they are typed or piped in; a KeyboardInterrupt drops the one begun."""
    begun: list[str] = []
    terminal = sys.stdin.isatty()
    while True:
        try:
            line = input((MORE if begun else PROMPT) if terminal else "")
        except KeyboardInterrupt:
            begun.clear()
            print()
            continue
        except EOFError:
            if begun:
                yield "\n".join(begun)
            if terminal:
                print()
            return
        if not begun and (not line.strip() or line.lstrip().startswith(".")):
            if line.strip():
                yield line.strip()
            continue
        begun.append(line)
        if not line.strip() or ends("\n".join(begun)):
            yield "\n".join(begun).strip()
            begun.clear()


def play(examples: Sequence[Example], at: int, env: SqlEnv) -> None:
    """Answer what is typed until it ends; `at` is the place of the first example."""
    places = {example.id: i for i, example in enumerate(examples)}

    def move(to: int) -> int:
        to %= len(examples)
        print(asked(examples[to], f"{to + 1:,} of {len(examples):,}"))
        return to

    at = move(at)
    for typed in inputs():
        if not sys.stdin.isatty():
            print(painted(PROMPT + typed, "dim"))
        command, _, rest = typed.partition(" ")
        if command == ".quit":
            return
        if command in (".next", ".prev"):
            at = move(at + (1 if command == ".next" else -1))
        elif command == ".id" and rest.strip() in places:
            at = move(places[rest.strip()])
        elif command == ".id":
            print(f"no example of this split has the id {rest.strip()!r}; the first is {examples[0].id!r}\n")
        elif command == ".gold":
            print("\n\n".join(map(wrapped, [examples[at].gold_sql, *examples[at].other_golds])) + "\n")
        elif command == ".schema":
            print(schema(examples[at]) + "\n")
        elif command == ".help":
            print(HELP + "\n")
        elif command.startswith("."):
            print(f"there is no command {command}; .help lists them\n")
        else:
            try:
                print(told(env.play(examples[at].id, typed)))
            except KeyboardInterrupt:
                print(painted("stopped", "dim") + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = SentenceParser(prog="python -m rewards.play", description="Type SQL at a task's sandbox by hand.")
    parser.add_argument("--task", required=True, choices=tasks.NAMES)
    parser.add_argument("--task_path", help="what the task reads; see its file in envs/tasks/")
    parser.add_argument("--split", default="train", choices=get_args(Split))
    parser.add_argument("--example", metavar="ID", help="the example to start with; else the first of the split")
    given = parser.parse_args(arguments)
    try:
        examples = tasks.load(given.task, cast(Split, given.split), given.task_path)
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))
    at = 0 if given.example is None else next((i for i, e in enumerate(examples) if e.id == given.example), None)
    if at is None:
        parser.error(f"the {given.split} split has no example {given.example!r}; its first is {examples[0].id!r}")
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a question or a value may hold what the terminal cannot show
    if sys.stdin.isatty():
        with suppress(ImportError):
            import_module("readline")  # line editing and history; not on every system
        print(painted("end an answer with ; or an empty line; .help lists the commands", "dim") + "\n")
    with SqlEnv(examples, workers=1) as env:
        play(examples, at, env)
    return 0


if __name__ == "__main__":
    sys.exit(main())
