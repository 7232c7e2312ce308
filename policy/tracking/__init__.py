"""Trackers are mirrors: `metrics.jsonl` and `rollouts/` are the run; W&B, TensorBoard, MLflow and trackio show it."""
