import importlib
import json
import os
import shutil
import sys
from pathlib import Path

from tests import prepared


def names(asked: list[str]) -> list[str]:
    there = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    wanted = [f"bench_{name}" for name in asked] or there
    if unknown := set(wanted) - set(there):
        sys.exit(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(there)}")
    return wanted


def main(asked: list[str]) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    import django
    from django.conf import settings
    from django.test.utils import get_runner, setup_test_environment

    django.setup()
    modules = [importlib.import_module(f"tests.benchmarks.{name}") for name in names(asked)]
    laid_down = lay_down(settings.DATABASES["default"])
    runner = get_runner(settings)(verbosity=0, interactive=False, keepdb=laid_down)
    setup_test_environment()
    databases = runner.setup_databases()
    try:
        for module in modules:
            for figure in module.run():
                print(json.dumps(figure.as_line(), ensure_ascii=False), flush=True)  # noqa: T201
    finally:
        runner.teardown_databases(databases)


def lay_down(database: dict) -> bool:
    """A migrated file for SQLite, which to make anew takes half a minute."""
    if "sqlite" not in database["ENGINE"]:
        return False
    shutil.copyfile(prepared.migrated(), database["TEST"]["NAME"])
    return True


main(sys.argv[1:])
