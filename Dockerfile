# The README's first command in a container; what a run writes stays on the host:
#   docker build -t text-to-sql-rl .
#   docker run --rm -it --gpus all -v "$PWD/runs:/lab/runs" text-to-sql-rl      (without a GPU leave --gpus all out)
#   docker run --rm -it -v "$PWD/runs:/lab/runs" text-to-sql-rl .venv/bin/python -m eval.quickstart
FROM python:3.11
WORKDIR /lab
COPY . .
RUN python3 -m venv .venv && .venv/bin/pip install -e .
CMD [".venv/bin/python", "-m", "rl.grpo", "--config", "configs/grpo_lr1e6.yaml"]
