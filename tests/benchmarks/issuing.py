"""A step of the benchmark of issuing, in a process of its own: DATABASE_URL says on what.

Prints as JSON what came of it: seconds, rows, gaps and doubles.
"""

import json
import os
import sys
import time
from contextlib import suppress
from datetime import date

PEOPLE = int(os.environ.get("LMS_BENCH_ISSUE", "10000"))
DAY = date(2026, 3, 4)


class GivenUpError(Exception):
    """A transaction rolled back after its numbers were taken."""


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from certificates.render import missing_glyphs
    from tests.benchmarks.certified import County
    from tests.benchmarks.peers import certificate_rows

    call_command("migrate", verbosity=0)
    county = County()
    county.complete(PEOPLE)
    missing_glyphs("王")  # the fonts' tables are read once a process
    found = measured(county)
    found["peer_per_second"] = certificate_rows.per_second(100_000)
    found["engine"] = connection.vendor
    json.dump(found, sys.stdout)


def measured(county: object) -> dict[str, object]:
    """Ten tries of which the first is given up, so one in ten transactions leaves no trace."""
    from django.db import transaction
    from django.db.models import Max

    from certificates.actions import issue_certificates, issue_region
    from certificates.models import Certificate
    from courses.models import CourseRun

    own = {"issuer": county.issuer, "issued_on": DAY, "actor": county.clerk}  # type: ignore[attr-defined]
    runs = list(CourseRun.objects.order_by("number")[:10])
    for n, run in enumerate(runs):
        with suppress(GivenUpError), transaction.atomic():
            issue_certificates(run=run, **own)
            if n == 0:
                raise GivenUpError
    before = Certificate.objects.count()
    wall, cpu = time.perf_counter(), time.process_time()
    made = issue_region(region=county.region, **own)  # type: ignore[attr-defined]
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    rows = Certificate.objects.count()
    last = Certificate.objects.aggregate(last=Max("chain_no"))["last"]
    return {
        "made": made,
        "seconds": round(cpu * PEOPLE / made, 2),
        "wall": round(wall * PEOPLE / made, 2),
        "rows": rows,
        "gaps": last - rows,
        "before": before,
    }


if __name__ == "__main__":
    main()
