"""What a process of `tests/warm.py` does: it becomes `python -m MODULE WORDS`, with the module's own exit status."""

import json
import os
import runpy
import sys

import numpy as np

asked = json.loads(globals()["ASKED"])
"""Set by who runs this file: module, words, settings (the environment), folder, and the files that its output and its
errors are added to."""
os.environ.clear()
os.environ.update(asked["settings"])
os.chdir(asked["folder"])
for number, file in enumerate(asked["files"], 1):
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(opened, number)
    os.close(opened)
np.random.seed()  # a seed that a command forgot to set must not be the same in all of them
sys.argv = [asked["module"], *asked["words"]]
sys.path.insert(0, asked["folder"])
runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)
