"""What is made once for many processes: databases, static files and the demonstration.

Migrating an empty database costs ten seconds of computing, and a run of the suite wants a dozen of
them, as it does of packing the static files. What is made here is kept under var/ until a
migration, or what migrations use, changes; static files and the demonstration until anything of the
product changes, or the day.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "var" / "prepared"
FOREIGN = ("DATABASE_URL", "LMS_ENV", "LMS_DEMO", "LMS_PUBLIC_URL")


@cache
def state() -> str:
    """Of all that a migrated database follows from."""
    code = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("lms/lib/*.py"), *ROOT.glob("*/models.py")]
    more = [*ROOT.glob("*/models/*.py"), *ROOT.glob("regions/**/*.py"), *ROOT.glob("*/data/*")]
    return _digest([*code, *more, ROOT / "requirements" / "dev.txt"])


def state_of_the_product() -> str:
    """Of all that the demonstration follows from: any file of the product, and today's date."""
    apps = [path.parent for path in ROOT.glob("*/apps.py")]
    below = [*apps, ROOT / "lms", *(ROOT / name for name in ("templates", "static", "locale"))]
    files = [path for directory in below for path in directory.rglob("*")]
    kept = [path for path in files if "__pycache__" not in path.parts]
    return _digest(kept, f"{state()} {datetime.now(ZoneInfo('Asia/Shanghai')).date()}")


def _digest(paths: Iterable[Path], more: str = "") -> str:
    digest = hashlib.sha256(more.encode())
    for path in sorted({path for path in paths if path.is_file()}):
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


def _manage(directory: Path, *arguments: str, **extra: str) -> None:
    inherited = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    given = inherited | {"LMS_DATA_DIR": str(directory), "DJANGO_SETTINGS_MODULE": "lms.settings"}
    subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT,
        env=given | extra,
        check=True,
    )


def _made(name: str, source: Path | None, *commands: tuple[str, ...]) -> Path:
    if (target := KEPT / state() / name).exists():
        return target  # without waiting for what else is being made
    with _alone() as directory:
        if not target.exists():
            with _work(directory, name) as work:
                if source is not None:
                    lay_down(source, work)
                for command in commands:
                    _manage(work, *command)
                (work / "lms.sqlite3").rename(target)
        return target


@contextmanager
def _work(directory: Path, name: str) -> Iterator[Path]:
    work = directory / f"{name}.work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    yield work
    shutil.rmtree(work, ignore_errors=True)


def migrated() -> Path:
    """An SQLite database with every migration and nothing else."""
    return _made("migrated", None, ("migrate", "-v0"))


def with_regions() -> Path:
    """The same with the table of the cache and all regions."""
    return _made(
        "with_regions", migrated(), ("createcachetable", "-v0"), ("load_regions", "--if-empty")
    )


def collected() -> Path:
    """A data directory with keys, no database, and the static files as `collectstatic` leaves
    them: packing them takes as long as migrating."""

    def collect(work: Path) -> None:
        _manage(work, "collectstatic", "--verbosity=0", "--no-input")

    return _made_of_the_product("collected", collect)


def demonstration() -> Path:
    """The data directory of an installation that holds the demonstration, as of today."""
    source, static_files = with_regions(), collected()

    def load(work: Path) -> None:
        shutil.copytree(static_files, work, dirs_exist_ok=True)
        lay_down(source, work)
        _manage(work, "load_demo", LMS_DEMO="1")

    return _made_of_the_product("demonstration", load)


def _made_of_the_product(kind: str, make: Callable[[Path], None]) -> Path:
    """A data directory that goes with the product as it is; older ones of its kind go."""
    name = f"{kind}-{state_of_the_product()}"
    if (target := KEPT / state() / name).exists():
        return target
    with _alone() as directory:
        if not target.exists():
            for old in directory.glob(f"{kind}-*"):
                shutil.rmtree(old)
            with _work(directory, name) as work:
                make(work)
                work.rename(target)
        return target


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
    demonstration()
