"""What stands on issued certificates, and who may see which part of it."""

import json
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

import segno
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import Certificate
from certificates.render import CertificateFacts
from courses.models import Enrolment
from learners.models import Learner, Merge
from learners.queries import SheetTable, TimelineRow
from learners.queries.merging import Refusal
from lms.lib import crypto
from lms.lib.scope import HasScope


def is_last(certificate: Certificate) -> bool:
    """No other certificate stands in its place: the one to issue anew where one must be."""
    replaced = certificate.status == Certificate.Status.REPLACED
    gone = replaced or certificate.is_erased
    return not gone and getattr(certificate, "replaced_by", None) is None


def frozen_facts(certificate: Certificate) -> dict[str, Any]:
    """The public facts as they were frozen: what a signed-in page shows of the sheet."""
    facts: dict[str, Any] = json.loads(certificate.public_facts)
    for key in ("starts_on", "ends_on", "issued_on"):
        facts[key] = date.fromisoformat(facts[key])
    return facts


def qr_rows(certificate: Certificate) -> tuple[int, list[tuple[int, int, int]]]:
    """The code's side in modules, and its dark runs as (x, y, length)."""
    url = json.loads(certificate.public_facts)["verify_url"]
    matrix = segno.make_qr(url, error="q").matrix
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        for dark, group in groupby(row):
            length = len(list(group))
            if dark:
                runs.append((x, y, length))
            x += length
    return len(matrix), runs


def seal_ring(issuer: str) -> list[tuple[str, float]]:
    """Each letter of the issuer's name and its turn in degrees on the ring of the seal."""
    step = min(24.0, 264 / max(len(issuer) - 1, 1))
    first = -step * (len(issuer) - 1) / 2
    return [(letter, round(first + n * step, 1)) for n, letter in enumerate(issuer)]


#: (kind of chip, icon) of each status.
STATUS_CHIP = {
    Certificate.Status.VALID: ("good", "check"),
    Certificate.Status.REPLACED: ("info", "refresh"),
    Certificate.Status.REVOKED: ("bad", "cross"),
}


def timeline(learner: Learner, user: HasScope) -> list[TimelineRow]:
    """Certificates of one learner for the archive's timeline."""
    rows = Certificate.objects.visible_to(user).filter(enrolment__learner=learner)
    return [
        TimelineRow(
            on=c.issued_on,
            kind="award",
            title=_("Certificate %(number)s") % {"number": c.number},
            detail=frozen_facts(c)["course"],
            chip=(*STATUS_CHIP[Certificate.Status(c.status)], c.get_status_display()),
            href=reverse("certificates:certificate_detail", args=[c.pk]),
            done=True,
        )
        for c in rows
    ]


def certificate_table(learner: Learner, user: HasScope) -> SheetTable:
    """Certificates of one learner on the archive sheet."""
    rows = Certificate.objects.visible_to(user).filter(enrolment__learner=learner)
    facts = [(row, frozen_facts(row)) for row in rows.order_by("-issued_on")]
    return SheetTable(
        title=_("Certificates"),
        heads=[_("Number"), _("Course"), _("Hours"), _("Day of issue"), _("Issuer"), _("Status")],
        rows=[
            (
                row.number,
                fact["course"],
                str(fact["hours"]),
                row.issued_on.isoformat(),
                fact["issuer"],
                str(row.get_status_display()),
            )
            for row, fact in facts
        ],
        none=_("No certificate is recorded."),
        widths=(22, 24, 8, 14, 24, 10),
        figures=(2,),
    )


def personal_facts(certificate: Certificate) -> dict[str, Any]:
    """The sealed part in clear; {} once its key was destroyed."""
    if certificate.sealed_key is None:
        return {}
    key = crypto.decrypt(certificate.sealed_key, where=f"certificate.key:{certificate.pk}")
    plain = crypto.open_with(
        key, certificate.sealed_facts, where=f"certificate.facts:{certificate.pk}"
    )
    found: dict[str, Any] = json.loads(plain)
    return found


def printed_person(certificate: Certificate) -> dict[str, str]:
    """Whose it is, as on the paper; as the record says by now once that part was erased."""
    learner = certificate.enrolment.learner
    by_now = {"name": learner.name, "native_name": "", "native_script": ""}
    kept = {name: text for name, text in personal_facts(certificate).items() if name != "salt"}
    return by_now | {"masked_id": learner.masked_id} | kept


def all_facts(certificate: Certificate) -> CertificateFacts:
    """Everything printed, as frozen at issue."""
    public = json.loads(certificate.public_facts)
    personal = {k: v for k, v in personal_facts(certificate).items() if k != "salt"}
    return CertificateFacts.from_json(json.dumps(public | personal))


# --- two records of one person ---
def certified_twice(kept: Learner, merged: Learner) -> Iterable[Refusal]:
    """In a class that both were in one place stays, and the certificate must stand on that."""
    runs = Enrolment.objects.filter(learner=kept).values("run")
    rows = Certificate.objects.valid().filter(enrolment__learner=merged, enrolment__run__in=runs)
    for row in rows:
        words = gettext_lazy(
            "The record to be merged holds certificate %(number)s of a class in which the other "
            "record is enrolled, too. Keep the record with the certificate, or revoke it first."
        )
        yield Refusal("CERTIFICATE_TWICE", words % {"number": row.number})


def certified_since(merge: Merge) -> Iterable[Refusal]:
    """A certificate bears the name that the merge gave to the enrolment, for ever."""
    moved = merge.changes.filter(model=Enrolment._meta.label).values_list("row", flat=True)
    rows = Certificate.objects.filter(enrolment__in=list(moved), issued_at__gt=merge.made_at)
    for row in rows:
        words = gettext_lazy(
            "Certificate %(number)s was issued since for a class that the merge touched, so the "
            "merge stays."
        )
        yield Refusal("CERTIFIED_SINCE", words % {"number": row.number})
