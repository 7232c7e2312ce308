"""Every rollout of a training run as one page for a browser, with nothing loaded from anywhere."""
