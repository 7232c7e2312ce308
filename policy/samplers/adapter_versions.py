"""A policy's adapter as a folder, a fresh one for every version: what vLLM is handed instead of merged weights.

Merging an adapter into its base and taking it out again leaves rounding behind at every step: in bfloat16 the frozen
weights drift, in four bits they are spoiled (trl#6688, trl#3466). A path leaves the base as it is. The name is new
every time because vLLM keeps adapters, and what it computed with them, by name.
"""

import shutil
import tempfile
import weakref
from pathlib import Path
from uuid import uuid4

from peft import PeftModel


class AdapterVersions:
    """Folders under /dev/shm, or where TMPDIR says; the newest is kept, the one before it too until the next."""

    def __init__(self, in_memory: bool = True) -> None:
        shm = Path("/dev/shm")
        self.root = Path(tempfile.mkdtemp(prefix="adapter-", dir=shm if in_memory and shm.is_dir() else None))
        self.root.chmod(0o755)  # a server may run as somebody else
        self._remove = weakref.finalize(self, shutil.rmtree, self.root, ignore_errors=True)
        self._name = uuid4().hex[:8]
        self._kept: list[Path] = []

    def write(self, policy: PeftModel, version: int) -> tuple[str, Path]:
        """The name that no other version has, and the folder."""
        adapter = policy.active_adapter
        folder = self.root / f"v{version}"
        policy.save_pretrained(str(folder), selected_adapters=[adapter], save_embedding_layers=False)
        self._kept.append(folder)
        for old in self._kept[:-2]:
            shutil.rmtree(old, ignore_errors=True)
        self._kept = self._kept[-2:]
        return f"{self._name}-v{version}", folder if adapter == "default" else folder / adapter

    def close(self) -> None:
        """Remove them; done at the end of the process too."""
        self._remove()
