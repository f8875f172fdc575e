"""Databases made once for many processes: migrated, and with all regions.

Migrating an empty database costs ten seconds of computing, and a run of the suite wants a dozen of
them. What is made here is kept under var/ until a migration, or what migrations use, changes.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "var" / "prepared"
FOREIGN = ("DATABASE_URL", "LMS_ENV", "LMS_DEMO", "LMS_PUBLIC_URL")


@cache
def state() -> str:
    """Of all that a migrated database follows from."""
    code = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("lms/lib/*.py"), *ROOT.glob("*/models.py")]
    more = [*ROOT.glob("*/models/*.py"), *ROOT.glob("regions/**/*.py"), *ROOT.glob("*/data/*")]
    more.append(ROOT / "requirements" / "dev.txt")
    digest = hashlib.sha256()
    for path in sorted({path for path in [*code, *more] if path.is_file()}):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _alone() -> Iterator[Path]:
    """The directory of this state, while nobody else makes something in it."""
    directory = KEPT / state()
    directory.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for other in KEPT.iterdir():
            if other.is_dir() and other != directory:
                shutil.rmtree(other)
        yield directory


def _manage(directory: Path, *arguments: str) -> None:
    inherited = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    given = inherited | {"LMS_DATA_DIR": str(directory), "DJANGO_SETTINGS_MODULE": "lms.settings"}
    subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments], cwd=ROOT, env=given, check=True
    )


def _made(name: str, source: Path | None, *commands: tuple[str, ...]) -> Path:
    with _alone() as directory:
        target = directory / name
        if not target.exists():
            work = directory / f"{name}.work"
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            if source is not None:
                shutil.copyfile(source, work / "lms.sqlite3")
            for command in commands:
                _manage(work, *command)
            (work / "lms.sqlite3").rename(target)
            shutil.rmtree(work)
        return target


def migrated() -> Path:
    """An SQLite database with every migration and nothing else."""
    return _made("migrated", None, ("migrate", "-v0"))


def with_regions() -> Path:
    """The same with the table of the cache and all regions."""
    return _made(
        "with_regions", migrated(), ("createcachetable", "-v0"), ("load_regions", "--if-empty")
    )


def lay_down(source: Path, data_dir: Path) -> None:
    """A copy of a prepared database as the one of an installation."""
    data_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, data_dir / "lms.sqlite3")


def pour_into(connection: sqlite3.Connection) -> None:
    """Fill an empty, open database."""
    source = sqlite3.connect(migrated())
    try:
        source.backup(connection)
    finally:
        source.close()


if __name__ == "__main__":
    with_regions()
