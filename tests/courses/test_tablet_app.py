"""The tablet app's pages and files: the same for all, nothing foreign, built from its sources."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

FRONTEND = settings.BASE_DIR / "frontend"
BUILT = settings.BASE_DIR / "static" / "attendance"
pytestmark = pytest.mark.django_db


def test_the_shell_is_the_same_for_everybody(client, signed_in, trainer):
    said = client.get("/attendance/")
    assert said.status_code == 200
    assert signed_in(trainer).get("/attendance/").content == said.content
    assert not said.cookies
    assert said["Cache-Control"] == "no-cache"
    policy = said["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    for part in ("worker-src 'self'", "connect-src 'self'", "default-src 'self'"):
        assert part in policy
    assert b"csrf" not in said.content.lower()


def test_the_worker_is_never_cached_and_can_be_taken_back(client: Client, settings):
    said = client.get("/attendance/sw.js")
    assert said["Cache-Control"] == "no-cache"
    assert said["Content-Type"].startswith("text/javascript")
    assert said.content == (BUILT / "sw.js").read_bytes()
    settings.TABLET_WORKER = False
    off = client.get("/attendance/sw.js").content
    assert b"unregister" in off
    assert b"indexedDB" not in off


def test_the_manifest_names_files_that_exist(client):
    said = client.get("/attendance/manifest.webmanifest")
    assert said["Content-Type"] == "application/manifest+json"
    manifest = json.loads(said.content)
    assert manifest["scope"] == manifest["start_url"] == "/attendance/"
    for icon in manifest["icons"]:
        assert (BUILT / Path(icon["src"]).name).exists()


def precached() -> dict[str, str]:
    text = (BUILT / "sw.js").read_text()
    return dict(re.findall(r'url:"([^"]+)",integrity:"sha256-([^"]+)"', text))


def test_the_worker_keeps_every_file_by_its_hash(client):
    kept = precached()
    names = {path.name for path in BUILT.iterdir()}
    others = {"sw.js", "sw-off.js", "shell.html", "manifest.webmanifest"}
    assert set(kept) == {"/attendance/"} | {f"/static/attendance/{n}" for n in names - others}
    for url, digest in kept.items():
        name = "shell.html" if url == "/attendance/" else Path(url).name
        content = (BUILT / name).read_bytes()
        assert hashlib.sha256(content).digest() == b64decode(digest), name
    assert client.get("/attendance/").content == (BUILT / "shell.html").read_bytes()


FOREIGN = re.compile(r"https?://(?!www\.w3\.org/)[a-z0-9.-]+")


@pytest.mark.parametrize("name", ["app.js", "app.css", "sw.js", "sw-off.js", "shell.html"])
def test_nothing_built_names_another_host(name):
    assert not FOREIGN.findall((BUILT / name).read_text())


def test_scripts_keep_to_the_policy():
    for path in sorted((FRONTEND / "src").rglob("*.ts*")):
        text = path.read_text()
        assert not re.search(r"\beval\(|new Function|innerHTML|\.style\b|style=", text), path.name
        assert len(text.splitlines()) <= 500, path.name


def test_the_lock_holds_no_registry():
    assert "resolved" not in (FRONTEND / "package-lock.json").read_text()


def test_every_icon_that_the_app_names_is_drawn():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (BUILT / "icons.svg").read_text()))
    sources = "".join(path.read_text() for path in (FRONTEND / "src").rglob("*.tsx"))
    used = set(re.findall(r'<Icon name="([\w-]+)"|icon(?:=|: )"([\w-]+)"', sources))
    assert {name for pair in used for name in pair if name} <= drawn


@pytest.fixture
def node() -> str:
    """Which no user needs. script/test says at its end what was left out, and why."""
    if lacking := os.environ.get("LMS_FRONTEND_LACKS"):
        pytest.skip(lacking)
    found = shutil.which("node")
    if found is None or not (FRONTEND / "node_modules" / "esbuild").exists():
        pytest.skip("no Node, or frontend/node_modules is not installed")
    return found


def test_what_is_committed_is_what_the_sources_build(node, tmp_path):
    """Byte for byte."""
    command = [node, "build.mjs", "--to", str(tmp_path / "built")]
    subprocess.run(command, cwd=FRONTEND, check=True, capture_output=True, timeout=300)
    fresh = {path.name: path.read_bytes() for path in (tmp_path / "built").iterdir()}
    kept = {path.name: path.read_bytes() for path in BUILT.iterdir()}
    assert fresh.keys() == kept.keys()
    assert [name for name in kept if fresh[name] != kept[name]] == []


def test_the_apps_own_tests_pass(node):
    """Merging, clocks, the desk's debounce, the queue: without a browser."""
    subprocess.run([node, "build.mjs", "--tests"], cwd=FRONTEND, check=True, timeout=300)
    # By name: what a directory means to `node --test` changed between its versions.
    files = sorted(str(path) for path in (FRONTEND / ".tests").glob("*.test.js"))
    assert len(files) == len(list((FRONTEND / "tests").glob("*.test.ts")))
    done = subprocess.run(
        [node, "--test", *files], cwd=FRONTEND, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-4000:]
