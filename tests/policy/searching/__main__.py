"""A search over the parabola, as a process of its own: `python -m tests.policy.searching --config FILE`."""

import sys

from policy.config import exit_with_sentence, read_config
from policy.searching.command import run
from policy.searching.fields import SearchFields
from tests.policy.searching.parabola import COMMAND

if __name__ == "__main__":
    with exit_with_sentence():
        run(read_config(SearchFields, sys.argv[1:], module="tests.policy.searching"), COMMAND)
