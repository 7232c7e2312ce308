"""The sandbox: model-written SQL is hostile until shown otherwise, so it runs in processes that can be killed."""

from envs.sandbox.pool import DEFAULT, Sandbox
from envs.sandbox.task import Job, Judged

__all__ = ["DEFAULT", "Job", "Judged", "Sandbox"]
