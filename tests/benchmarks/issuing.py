"""A step of the benchmark of issuing, in a process of its own: DATABASE_URL says on what.

Prints as JSON what came of it: seconds of 10,000 in one go, then gaps and doubles after clerks
who issue class by class give up one transaction in ten.
"""

import gc
import json
import os
import sys
import threading
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from courses.models import CourseRun
    from tests.benchmarks.certified import County

PEOPLE = int(os.environ.get("LMS_BENCH_ISSUE", "10000"))
CLASSES, CLERKS = 40, 8
DAY = date(2026, 3, 4)
TICKS = os.sysconf("SC_CLK_TCK")


class GivenUpError(Exception):
    """A transaction rolled back after its numbers were taken."""


def cpu_seconds() -> float:
    """Of this process, and of the database's that serves it."""
    from django.db import connection

    taken = time.process_time()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        taken += (int(user) + int(system)) / TICKS
    return taken


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from lms.lib.collector import settle
    from tests.benchmarks.certified import CLASS_SIZE, County
    from tests.benchmarks.peers import certificate_rows

    settle()  # as a worker does when it begins
    call_command("migrate", verbosity=0)
    county = County()
    county.complete(PEOPLE)
    with suppress(GivenUpError), transaction.atomic():
        timed(county)  # given up whole, after its numbers were taken; and the process is warm
        raise GivenUpError
    gc.collect()
    found = timed(county)
    found["peer_per_second"] = certificate_rows.per_second(100_000, cpu_seconds)
    runs = county.complete(CLASSES * CLASS_SIZE, first_number=10_000)
    found["errors"] = in_turn(county, runs, CLERKS if connection.vendor == "postgresql" else 1)
    found |= counted(county, PEOPLE + CLASSES * CLASS_SIZE)
    json.dump(found, sys.stdout)


def timed(county: "County") -> dict[str, Any]:
    from certificates.actions import issue_region

    wall, cpu = time.perf_counter(), cpu_seconds()
    made = issue_region(
        region=county.region, issuer=county.issuer, issued_on=DAY, actor=county.clerk
    )
    found = {"seconds": cpu_seconds() - cpu, "elapsed": time.perf_counter() - wall}
    if made != PEOPLE:
        raise RuntimeError(f"issued {made} of {PEOPLE}")
    return found


def in_turn(county: "County", runs: "list[CourseRun]", clerks: int) -> int:
    """Every clerk goes through every class, each from another one on, and gives up one transaction
    in ten; how many of them met an error."""
    from django.db import connection, transaction

    from certificates.actions import issue_certificates, issue_region

    own = {"issuer": county.issuer, "issued_on": DAY, "actor": county.clerk}
    errors: list[Exception] = []

    def clerk(number: int) -> None:
        first = number * len(runs) // clerks
        try:
            for place, run in enumerate(runs[first:] + runs[:first]):
                with suppress(GivenUpError), transaction.atomic():
                    issue_certificates(run=run, **own)
                    if (number + place) % 10 == 0:
                        raise GivenUpError
        except Exception as error:
            errors.append(error)
        finally:
            if clerks > 1:
                connection.close()

    if clerks == 1:
        clerk(0)
    else:
        started = [threading.Thread(target=clerk, args=[n]) for n in range(clerks)]
        for thread in started:
            thread.start()
        for thread in started:
            thread.join()
    issue_region(region=county.region, **own)
    return len(errors)


def counted(county: "County", expected: int) -> dict[str, int]:
    """Numbers that are missing, and whatever stands twice."""
    from django.db.models import Count, Max

    from certificates.models import Certificate, NumberCounter

    rows = Certificate.objects.filter(issuer=county.issuer)
    names = ("number", "verify_code", "chain_no", "enrolment")
    different = rows.aggregate(**{f"n_{one}": Count(one, distinct=True) for one in names})
    total = rows.count()
    last = NumberCounter.objects.get(issuer=county.issuer).last
    numbers = sorted(int(one[-6:]) for one in rows.values_list("number", flat=True))
    if rows.aggregate(last=Max("chain_no"))["last"] != last or total != expected:
        raise RuntimeError(f"{total} of {expected} certificates, the counter stands at {last}")
    return {
        "gaps": len(set(range(1, last + 1)) - set(numbers)),
        "doubles": sum(total - count for count in different.values()),
    }


if __name__ == "__main__":
    main()
