"""Several clerks at once: one certificate each, no number twice, none missing."""

import hashlib
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from django.conf import settings
from django.db import connection, transaction

from certificates.actions import (
    erase_holder,
    issue_certificates,
    issue_region,
    store_pdf,
    store_signed,
)
from certificates.models import Certificate, Issuer, IssuerKey, NumberCounter
from certificates.queries import signed_name
from lms.lib.errors import ActionError
from lms.models import AuditEvent
from tests import factories
from tests.quotas.counted import complete

CLERKS, ISSUERS, CLASSES = 4, 8, 20
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"],
        reason="SQLite has one writer at a time",
    ),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def at_once(count: int, work: Callable[[int], None]) -> list[Exception]:
    """`work` by that many threads that start together; what went wrong in them."""
    start = threading.Barrier(count)
    errors: list[Exception] = []

    def one(n: int) -> None:
        try:
            start.wait(timeout=60)
            work(n)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[n]) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return errors


def test_clerks_who_press_at_once_issue_each_certificate_once(run, county_clerk):
    issuer = Issuer.objects.get(prefix="LS")

    def press(n: int) -> None:
        issue_certificates(run=run, issuer=issuer, issued_on=date(2026, 3, 4), actor=county_clerk)

    assert at_once(CLERKS, press) == []
    numbers = Certificate.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == ["LS-2026-000001", "LS-2026-000002"]


def test_people_who_ask_at_once_get_one_signed_file(run, county_clerk, settings, tmp_path):
    """The first to come draws, makes the issuer's key and signs; the others wait for it."""
    settings.MEDIA_ROOT = tmp_path
    issuer = Issuer.objects.get(prefix="LS")
    issue_certificates(run=run, issuer=issuer, issued_on=date(2026, 3, 4), actor=county_clerk)
    certificate = Certificate.objects.order_by("number")[0]
    hashes = []

    def fetch(n: int) -> None:
        store_pdf(certificate=certificate, actor=None)
        hashes.append(store_signed(certificate=certificate, actor=None).signed_sha256)

    assert at_once(CLERKS, fetch) == []
    assert len(set(hashes)) == 1
    stored = (tmp_path / signed_name(certificate)).read_bytes()
    assert hashlib.sha256(stored).hexdigest() == hashes[0]
    assert AuditEvent.objects.filter(action="certificates.pdf_signed").count() == 1
    assert IssuerKey.objects.filter(issuer=issuer).count() == 1


def test_a_holder_erased_while_the_file_is_asked_for_leaves_no_file(
    run, county_clerk, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    issuer = Issuer.objects.get(prefix="LS")
    issue_certificates(run=run, issuer=issuer, issued_on=date(2026, 3, 4), actor=county_clerk)
    certificate = Certificate.objects.order_by("number")[0]
    learner = certificate.enrolment.learner

    def work(n: int) -> None:
        with suppress(ActionError):
            if n == 0:
                erase_holder(learner=learner, reason="ASKED", actor=county_clerk)
            else:
                store_pdf(certificate=certificate, actor=None)
                store_signed(certificate=certificate, actor=None)

    assert at_once(CLERKS, work) == []
    assert Certificate.objects.get(pk=certificate.pk).is_erased
    assert [path for path in tmp_path.rglob(f"*{certificate.pk}*") if path.is_file()] == []


class UndoneError(Exception):
    """The transaction is given up after the numbers were taken."""


def test_many_issuers_and_one_in_ten_given_up_leave_no_gap_and_no_double(run, county_clerk):
    runs = [factories.make_run(starts_on=date(2026, 3, 2), status="CLOSED") for _ in range(CLASSES)]
    for one in runs:
        complete(factories.make_learner(), run=one)
    issuer = Issuer.objects.get(prefix="LS")

    def issue(n: int) -> None:
        for place, one in enumerate(runs[n:] + runs[:n]):
            with suppress(UndoneError), transaction.atomic():
                issue_certificates(
                    run=one, issuer=issuer, issued_on=date(2026, 3, 4), actor=county_clerk
                )
                if (n + place) % 10 == 0:
                    raise UndoneError
        issue_region(
            region=run.county, issuer=issuer, issued_on=date(2026, 3, 4), actor=county_clerk
        )

    assert at_once(ISSUERS, issue) == []
    rows = Certificate.objects.order_by("chain_no").values_list("chain_no", "number")
    expected = range(1, CLASSES + 3)
    assert list(rows) == [(n, f"LS-2026-{n:06d}") for n in expected]
    assert NumberCounter.objects.get().last == CLASSES + 2
