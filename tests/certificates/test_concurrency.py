"""Two clerks at once: one certificate each, no number twice, none missing."""

import threading
from datetime import date

import pytest
from django.conf import settings
from django.db import connection

from certificates.actions import issue_certificates
from certificates.models import Certificate, Issuer

CLERKS = 4


@pytest.mark.postgres
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"],
    reason="SQLite has one writer at a time",
)
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_clerks_who_press_at_once_issue_each_certificate_once(run, county_clerk):
    start = threading.Barrier(CLERKS)
    errors: list[Exception] = []

    def press():
        try:
            start.wait(timeout=10)
            issue_certificates(
                run=run,
                issuer=Issuer.objects.get(prefix="LS"),
                issued_on=date(2026, 3, 4),
                actor=county_clerk,
            )
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(CLERKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert sorted(Certificate.objects.values_list("number", flat=True)) == [
        "LS-2026-000001",
        "LS-2026-000002",
    ]
