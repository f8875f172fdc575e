"""The whole system as `script/server` runs it: several processes that live and die together."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from lms.management.commands import serve
from tests import prepared
from tests.e2e.site import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data_directory(tmp_path_factory):
    """One for all; that an empty database becomes one with regions is `tests.prepared`'s work."""
    directory = tmp_path_factory.mktemp("server")
    prepared.lay_down(prepared.with_regions(), directory)
    return directory


@pytest.fixture
def server(data_directory):
    port = free_port()
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("LMS_", "DATABASE_"))}
    environment = inherited | {
        "LMS_DATA_DIR": str(data_directory),
        "LMS_PORT": str(port),
        "LMS_DEMO": "0",
        "DJANGO_SETTINGS_MODULE": "tests.lms.slowwork.settings",
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    process.port = port
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def read_until(process, words):
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            return "".join(seen)
    raise AssertionError(f"{words!r} was not said:\n{''.join(seen)}")


def child_of(process, words):
    for directory in Path("/proc").iterdir():
        try:
            command = (directory / "cmdline").read_text()
            parent = (directory / "stat").read_text().rsplit(")", 1)[1].split()[1]
        except (OSError, IndexError):
            continue
        if words in command and int(parent) == process.pid:
            return int(directory.name)
    raise AssertionError(f"no {words}")


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_it_becomes_ready_and_when_one_part_dies_all_stop(server):
    said = read_until(server, "Ctrl-C stops it")
    assert f"http://127.0.0.1:{server.port}/" in said
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/readyz") as answer:
        assert set(json.load(answer).values()) == {True}
    os.kill(child_of(server, "run_worker"), signal.SIGKILL)
    said, _ = server.communicate(timeout=60)
    assert "the worker stopped" in said
    assert server.returncode not in {0, None}
    assert not answers(server.port)


def test_sigterm_stops_everything(server):
    read_until(server, "Ctrl-C stops it")
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=60)
    assert server.returncode == 0
    assert not answers(server.port)


def test_a_port_in_use_is_said_at_once(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings.PORT = taken.getsockname()[1]
        with pytest.raises(serve.CommandError, match="set LMS_PORT"):
            serve.refuse_taken_port()


def test_sign_ins_are_shown_for_the_demonstration_only(settings, tmp_path):
    path = tmp_path / "demo-sign-ins.json"
    assert serve.sign_in_lines(path) == []
    path.write_text('[{"role": "县级", "username": "u", "password": "p", "page": "/"}]')
    settings.DEMO = False
    assert serve.sign_in_lines(path) == []
    settings.DEMO = True
    assert serve.sign_in_lines(path) == ["县级  u  p  /"]


def test_static_files_are_collected_again_when_one_changes(settings, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(serve, "call_command", lambda *args, **options: calls.append(args))
    settings.DATA_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a")
    settings.STATICFILES_DIRS = [source]
    for _ in range(2):
        serve.collect_static()
    assert len(calls) == 1
    (source / "a.css").write_text("ab")
    serve.get_finders.__globals__["get_finder"].cache_clear()
    serve.collect_static()
    assert len(calls) == 2
