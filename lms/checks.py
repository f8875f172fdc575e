"""System checks: settings under which records could be lost, or limits would not hold."""

import ctypes.util
import sqlite3
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import OperationalError, connections

WAL_IS_SAFE_FROM = (3, 51, 3)


@register(Tags.database)
def check_sqlite_journal(
    app_configs: Sequence[AppConfig] | None = None,
    databases: Sequence[str] | None = None,
    **kwargs: Any,
) -> list[CheckMessage]:
    """SQLite 3.7.0 to 3.51.2 can corrupt a WAL database under two connections."""
    if sqlite3.sqlite_version_info >= WAL_IS_SAFE_FROM:
        return []
    return [
        Error(
            f"SQLite {sqlite3.sqlite_version} may corrupt a database in WAL mode.",
            hint="Run PRAGMA journal_mode=PERSIST on it, or use SQLite 3.51.3 or newer.",
            obj=alias,
            id="lms.E001",
        )
        for alias in databases or []
        if journal_mode(alias) == "wal"
    ]


def journal_mode(alias: str) -> str:
    connection = connections[alias]
    if connection.vendor != "sqlite":
        return ""
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
            row: tuple[str] = cursor.fetchone()
    except OperationalError:
        return ""
    return row[0].lower()


@register(Tags.security)
def check_keys_differ(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    names = ["SECRET_KEY", "FIELD_KEY", "INDEX_KEY", "AUDIT_KEY"]
    if len({getattr(settings, name) for name in names}) == len(names):
        return []
    return [
        Error(
            f"{', '.join(names)} must all differ.",
            hint="Whoever learns one of them must not have the others; make each with "
            "`python -c 'import secrets; print(secrets.token_urlsafe(48))'`.",
            id="lms.E002",
        )
    ]


@register(Tags.caches)
def check_cache_is_shared(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Limits on sign-in attempts count in the cache, so all processes must see the same one."""
    backend = str(settings.CACHES["default"]["BACKEND"])
    alone = ("DummyCache", "LocMemCache") if settings.PRODUCTION else ("DummyCache",)
    if not backend.endswith(alone):
        return []
    return [
        Error(
            f"{backend} is not shared by all processes: sign-in limits would not hold.",
            hint="Use the database cache (the default) or Redis.",
            id="lms.E003",
        )
    ]


@register()
def check_harfbuzz_subset(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Without it PDFs are still right, but made of slower, larger fonts."""
    if ctypes.util.find_library("harfbuzz-subset"):
        return []
    return [
        Warning(
            "libharfbuzz-subset is missing: PDFs will be large and slow to make.",
            hint="script/bootstrap installs it (libharfbuzz-subset0).",
            id="lms.W001",
        )
    ]
