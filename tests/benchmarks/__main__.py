import importlib
import json
import os
import sys
from pathlib import Path


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
    runner = get_runner(settings)(verbosity=0, interactive=False)
    setup_test_environment()
    databases = runner.setup_databases()
    try:
        for module in modules:
            for figure in module.run():
                print(json.dumps(figure.as_line(), ensure_ascii=False), flush=True)  # noqa: T201
    finally:
        runner.teardown_databases(databases)


main(sys.argv[1:])
