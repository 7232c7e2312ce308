"""What a vLLM server's worker does when the policy was trained in full: read new weights from a folder.

`--worker-extension-cls policy.samplers.sync_from_path.SyncFromPath` adds it to the worker's class; the lab calls it
over /collective_rpc, which VLLM_SERVER_DEV_MODE=1 opens to everybody who can reach the port: loopback only.
"""

from typing import Any

from policy.samplers.packed_head import repack_head


class SyncFromPath:
    """Mixed into vLLM's own worker class, whose methods it calls."""

    model_runner: Any
    reload_weights: Any

    def sync_from_path(self, path: str) -> None:
        self.reload_weights(weights_path=path)
        repack_head(self.model_runner.get_model())
