"""Settings that are not allowed, and production settings that are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from lms import checks

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "LMS_ENV": "production",
    "LMS_ALLOWED_HOSTS": "training.example.cn",
    "LMS_PUBLIC_URL": "https://training.example.cn",
    "LMS_SECRET_KEY": "k3Jx-0vRz7mWq2Lt9YbN5cHs8PdF1gAu4EoKi6TjXwQ-BnM5-Zq8Rt3",
    "LMS_FIELD_KEY": "field-key",
    "LMS_INDEX_KEY": "index-key",
    "LMS_AUDIT_KEY": "audit-key",
}


def manage(tmp_path, *arguments, **environment):
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LMS_", "DJANGO_", "DATABASE_"))
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=clean | {"LMS_DATA_DIR": str(tmp_path)} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_settings_pass_the_deployment_check(tmp_path):
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("name", ["LMS_SECRET_KEY", "LMS_FIELD_KEY", "LMS_INDEX_KEY"])
def test_production_makes_no_key_by_itself(tmp_path, name):
    given = {key: value for key, value in PRODUCTION.items() if key != name}
    done = manage(tmp_path, "check", **given)
    assert done.returncode != 0
    assert f"{name} or {name}_FILE must be set" in done.stderr


def test_production_refuses_the_demonstration(tmp_path):
    done = manage(tmp_path, "check", **PRODUCTION, LMS_DEMO="1")
    assert done.returncode != 0
    assert "LMS_DEMO=1 is refused" in done.stderr
    environment = {**os.environ, "LMS_ENV": "production", "LMS_DEMO": "1"}
    done = subprocess.run(
        ["script/server"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "production refuses LMS_DEMO=1" in done.stderr


def test_production_shows_no_debug_pages(tmp_path):
    done = manage(tmp_path, "check", **PRODUCTION, LMS_DEBUG="1")
    assert done.returncode != 0
    assert "LMS_DEBUG=1 is refused" in done.stderr


@pytest.mark.parametrize("name", ["Production", "prod", ""])
def test_an_unknown_environment_does_not_pass_for_development(tmp_path, name):
    """It would run without HTTPS, with cookies in clear and keys of its own making."""
    done = manage(tmp_path, "check", **PRODUCTION | {"LMS_ENV": name})
    assert done.returncode != 0
    assert "LMS_ENV" in done.stderr


def test_an_empty_key_is_no_key(tmp_path):
    """A file cut short by a full disk would encrypt everything under a key that all know."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "lms_field_key").write_text("\n")
    done = manage(tmp_path, "check")
    assert done.returncode != 0
    assert "lms_field_key is empty" in done.stderr


@pytest.mark.parametrize(("behind", "count"), [("1", "1"), ("0", "0")])
def test_limits_count_visitors_behind_a_proxy(tmp_path, behind, count):
    ask = "from django.conf import settings; print(settings.ALLAUTH_TRUSTED_PROXY_COUNT)"
    done = manage(tmp_path, "shell", "-v0", "-c", ask, LMS_BEHIND_PROXY=behind)
    assert done.stdout.strip() == count, done.stderr


def test_the_data_are_for_this_user_only(tmp_path):
    """The database file holds names and password hashes."""
    assert manage(tmp_path / "data", "check").returncode == 0
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_keys_are_made_once_for_this_user_only(tmp_path):
    for _ in range(2):
        assert manage(tmp_path, "check").returncode == 0
    keys = sorted((tmp_path / "keys").iterdir())
    assert len({key.read_text() for key in keys}) == len(keys) == 4
    assert {key.stat().st_mode & 0o777 for key in keys} == {0o600}


@pytest.mark.django_db
def test_wal_is_refused_on_an_sqlite_that_may_corrupt_it(monkeypatch):
    monkeypatch.setattr(checks, "journal_mode", lambda alias: "wal")
    monkeypatch.setattr(checks.sqlite3, "sqlite_version_info", (3, 51, 2))
    assert [found.id for found in checks.check_sqlite_journal(databases=["default"])] == [
        "lms.E001"
    ]
    monkeypatch.setattr(checks.sqlite3, "sqlite_version_info", (3, 51, 3))
    assert checks.check_sqlite_journal(databases=["default"]) == []


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PRAGMA is SQLite's")
def test_the_journal_mode_is_read_from_the_database():
    assert checks.journal_mode("default") in {"memory", "persist", "delete"}


def test_equal_keys_are_refused(settings):
    assert checks.check_keys_differ() == []
    settings.INDEX_KEY = settings.FIELD_KEY
    assert [found.id for found in checks.check_keys_differ()] == ["lms.E002"]


def test_a_cache_of_one_process_is_refused_in_production(settings):
    assert checks.check_cache_is_shared() == []
    settings.PRODUCTION = True
    assert [found.id for found in checks.check_cache_is_shared()] == ["lms.E003"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache"}}
    assert checks.check_cache_is_shared() == []


def test_a_missing_subsetter_is_a_warning(monkeypatch):
    assert checks.check_harfbuzz_subset() == []
    monkeypatch.setattr(checks.ctypes.util, "find_library", lambda name: None)
    assert [found.id for found in checks.check_harfbuzz_subset()] == ["lms.W001"]


def test_the_database_address_may_stand_in_a_file(tmp_path):
    (tmp_path / "url").write_text("postgres://lms:geheim@127.0.0.1:1/lms\n")
    show = (
        "from django.conf import settings; found = settings.DATABASES['default']; "
        "print(found['ENGINE'], found['PORT'])"
    )
    done = manage(tmp_path, "shell", "-v0", "-c", show, DATABASE_URL_FILE=str(tmp_path / "url"))
    assert done.stdout.split() == ["django.db.backends.postgresql", "1"], done.stderr
