"""From a run to checkpoints: an adapter merged into its base, in several precisions, examined and documented."""
