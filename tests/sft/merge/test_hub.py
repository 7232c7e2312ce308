"""Pushing an export: a small server stands where the hub would, and the hub's own client talks to it."""

import base64
import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

ROOT = Path(__file__).parent.parent.parent.parent


class Hub(BaseHTTPRequestHandler):
    """As much of the hub's protocol as an upload asks for: who am I, create, where to put each file, put, commit."""

    repositories: ClassVar[dict[str, bool]] = {}
    files: ClassVar[dict[str, bytes]] = {}
    large: ClassVar[dict[str, bytes]] = {}

    def answer(self, found: dict, status: int = 200) -> None:
        body = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_GET(self) -> None:
        if self.path != "/api/whoami-v2":
            self.answer({"error": "there is nothing there"}, 404)
            return
        known = self.headers.get("Authorization") == "Bearer hf_right"
        self.answer(*(({"name": "me", "type": "user"}, 200) if known else ({"error": "no"}, 401)))

    def do_PUT(self) -> None:
        self.large[self.path.rpartition("/")[2]] = self.body()
        self.answer({})

    def do_POST(self) -> None:
        here, sent = f"http://{self.headers['Host']}", self.body()
        if self.path == "/api/repos/create":
            asked = json.loads(sent)
            owner, name = asked.get("organization") or "me", asked["name"]
            if owner != "me":
                self.answer({"error": "not yours"}, 403)
                return
            self.repositories[f"me/{name}"] = bool(asked.get("private")) or asked.get("visibility") == "private"
            self.answer({"url": f"{here}/me/{name}"})
        elif self.path == "/api/validate-yaml":
            self.answer({})
        elif "/preupload/" in self.path:
            files = json.loads(sent)["files"]
            modes = [("lfs" if file["path"].endswith(".safetensors") else "regular", file["path"]) for file in files]
            self.answer({"files": [{"path": path, "uploadMode": mode, "shouldIgnore": False} for mode, path in modes]})
        elif self.path.endswith("/info/lfs/objects/batch"):
            put = [(one, {"upload": {"href": f"{here}/put/{one['oid']}"}}) for one in json.loads(sent)["objects"]]
            found = [{"oid": one["oid"], "size": one["size"], "actions": actions} for one, actions in put]
            self.answer({"transfer": "basic", "objects": found})
        elif "/commit/" in self.path:
            repository = self.path.removeprefix("/api/models/").partition("/commit/")[0]
            for line in sent.decode().splitlines():
                entry = json.loads(line)
                value = entry["value"]
                if entry["key"] == "file":
                    self.files[f"{repository}/{value['path']}"] = base64.b64decode(value["content"])
                elif entry["key"] == "lfsFile":
                    self.files[f"{repository}/{value['path']}"] = self.large[value["oid"]]
            self.answer({"commitUrl": f"{here}/{repository}/commit/abc", "commitOid": "abc", "success": True})
        else:
            self.answer({"error": self.path}, 404)

    def log_message(self, *_: object) -> None:
        """Nothing on the console."""


@pytest.fixture
def hub():
    Hub.repositories.clear(), Hub.files.clear(), Hub.large.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def merge(*arguments: str, endpoint: str, token: str = "hf_right", **more: str) -> subprocess.CompletedProcess[str]:
    """The command, with an endpoint and a token of its own and nothing of this machine's."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HUGGING"))}
    own = {"HF_ENDPOINT": endpoint, "HF_TOKEN": token, "HF_HUB_DISABLE_XET": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "sft.merge", "--policy", "policy/seedling", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=300, env=clean | own | more,
    )  # fmt: skip


def test_every_export_becomes_a_private_repository_with_the_files_that_are_on_disk(hub, tmp_path):
    out = tmp_path / "out"
    pushing = ("--push_to_hub", "me/tiny", "--private")
    done = merge("--out", str(out), "--variants", "fp32,bf16", *pushing, endpoint=hub)
    assert done.returncode == 0, done.stderr
    assert Hub.repositories == {"me/tiny-fp32": True, "me/tiny-bf16": True}
    for name in ("fp32", "bf16"):
        sent = {path.removeprefix(f"me/tiny-{name}/") for path in Hub.files if path.startswith(f"me/tiny-{name}/")}
        assert sent == {path.name for path in (out / name).iterdir()} >= {"README.md", "model.safetensors"}
        assert Hub.files[f"me/tiny-{name}/model.safetensors"] == (out / name / "model.safetensors").read_bytes()
        assert f"pushed: {hub}/me/tiny-{name}" in done.stdout


@pytest.mark.parametrize(
    ("name", "token", "told"),
    [
        ("me/tiny", "hf_wrong", "answered 401, the token is not valid"),
        ("me/tiny", "", "needs a token: run `hf auth login`"),
        ("tiny", "hf_right", "says not whose: write USER/tiny"),
    ],
    ids=["wrong token", "no token", "no owner"],
)
def test_a_push_that_cannot_work_is_refused_before_anything_is_written(name, token, told, hub, tmp_path):
    out = tmp_path / "out"
    done = merge("--out", str(out), "--push_to_hub", name, endpoint=hub, token=token, HF_HOME=str(tmp_path / "home"))
    assert done.returncode == 2 and told in done.stderr and "Traceback" not in done.stderr
    assert not out.exists()


def test_a_hub_that_refuses_or_does_not_answer_is_named(hub, tmp_path):
    done = merge("--out", str(tmp_path / "out"), "--push_to_hub", "others/tiny", endpoint=hub)
    assert done.returncode == 2 and "answered 403, the token may not write there" in done.stderr
    assert (tmp_path / "out/fp32/model.safetensors").is_file(), "what was exported stays"
    gone = merge("--out", str(tmp_path / "two"), "--push_to_hub", "me/tiny", endpoint="http://127.0.0.1:9")
    assert gone.returncode == 2 and "http://127.0.0.1:9 cannot be reached" in gone.stderr
    assert "Traceback" not in done.stderr + gone.stderr
