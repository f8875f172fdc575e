"""The signed root of each day, over everything that was issued on it."""

from collections import defaultdict
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from certificates.actions.signatures import credential_signer, keep_key, private_part
from certificates.models import Certificate, DailyRoot, IssuerKey, ProofLeaf
from certificates.queries import leaf_of, waiting_for_roots
from certificates.signing import days, merkle
from lms.lib.periods import today
from lms.models import record_audit

BATCH = 2000


@transaction.atomic
def make_daily_roots(*, actor: User | None = None) -> list[DailyRoot]:
    """Sign every day that is over and has something unsigned; asked again, it does nothing.

    Days on which no worker lived are caught up with, each under its own root. A file drawn after
    its day was signed is put under yesterday's, or tomorrow under today's.
    """
    key = _roots_key()
    # Two workers at once: the second one finds everything signed.
    IssuerKey.objects.select_for_update(of=("self",)).get(pk=key.pk)
    made = [_sign(day, rows, key, actor) for day, rows in sorted(_by_day().items())]
    for root in made:
        record_audit(
            "certificates.day_signed",
            actor=actor,
            target=root,
            detail={"day": root.day.isoformat(), "statement": root.statement},
        )
    return made


def _by_day() -> dict[date, list[Certificate]]:
    yesterday = today() - timedelta(days=1)
    newest = DailyRoot.objects.order_by("-day").values_list("day", flat=True).first()
    found = defaultdict(list)
    for certificate in waiting_for_roots():
        day = timezone.localdate(certificate.issued_at)
        if newest and day <= newest:
            day = yesterday
        if day <= yesterday and not (newest and day <= newest):
            found[day].append(certificate)
    return found


def _sign(day: date, rows: list[Certificate], key: IssuerKey, actor: User | None) -> DailyRoot:
    issuers = {row.issuer for row in rows}
    signers = {i.pk: credential_signer(issuer=i, actor=actor).fingerprint for i in issuers}
    hashes = [
        merkle.leaf_hash(
            leaf_of(row, pdf_sha256=row.pdf_sha256, signer=signers[row.issuer_id]).encode()
        )
        for row in rows
    ]
    previous = DailyRoot.objects.order_by("-day").first()
    text = days.statement(
        day,
        root=merkle.root_hash(hashes),
        size=len(rows),
        previous=previous.statement if previous else "",
        key=key.fingerprint,
    )
    root = DailyRoot.objects.create(
        day=day, statement=text, signature=days.sign_statement(private_part(key), text), key=key
    )
    leaves = (
        ProofLeaf(
            root=root,
            position=position,
            certificate=row,
            pdf_sha256=row.pdf_sha256,
            signer=signers[row.issuer_id],
            leaf_hash=hashed.hex(),
        )
        for position, (row, hashed) in enumerate(zip(rows, hashes, strict=True))
    )
    ProofLeaf.objects.bulk_create(leaves, batch_size=BATCH)
    return root


def _roots_key() -> IssuerKey:
    purpose = IssuerKey.Purpose.ROOTS
    if found := IssuerKey.objects.filter(purpose=purpose, retired_at=None).first():
        return found
    return keep_key(purpose, *days.new_root_key())
