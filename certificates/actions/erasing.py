"""What certificates know of a person is destroyed; what they say to everybody stays."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from certificates.actions.packing import erase_packs
from certificates.models import Certificate
from certificates.queries import stored_names
from learners.models import Erasure, Learner
from lms.lib.errors import ActionError
from lms.models import record_audit
from lms.removal import remove_files


@transaction.atomic
def erase_holder(*, learner: Learner, reason: str, actor: User | None) -> int:
    """Destroy key and salt of the sealed facts and every stored file of a learner's certificates;
    how many they were.

    Number, status, public facts and chain stay and answer for ever: the chain holds a commitment
    that tells nothing without the salt. It cannot be undone. `reason` is one of the list.
    """
    if reason not in Erasure.Reason.values:
        raise ActionError("NO_REASON", _("State the reason: it cannot be undone."))
    merged_into = Learner.objects.values_list("merged_into", flat=True)
    person = merged_into.get(pk=learner.pk) or learner.pk
    # By their keys: over two tables at once every certificate would be read.
    records = Learner.objects.filter(Q(pk=person) | Q(merged_into=person))
    keys = list(records.values_list("pk", flat=True))
    own = Q(enrolment__learner__in=keys)
    rows = Certificate.objects.select_for_update(of=("self",)).filter(own).drawable()
    found = list(rows.select_related("enrolment__run__host_region").order_by("chain_no"))
    for certificate in found:
        _erase(certificate, reason, actor)
    if found:
        erase_packs(runs={str(row.enrolment.run_id) for row in found}, actor=actor)
    return len(found)


def _erase(certificate: Certificate, reason: str, actor: User | None) -> None:
    names = stored_names(certificate)
    certificate.sealed_key, certificate.pdf = None, ""
    certificate.save(update_fields=["sealed_key", "pdf"])
    remove_files(names)
    record_audit(
        "certificates.holder_erased",
        actor=actor,
        target=certificate,
        region_path=certificate.enrolment.run.host_region.path,
        detail={"number": certificate.number, "files": len(names), "reason": reason},
    )
