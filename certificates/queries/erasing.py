"""What certificates know of a person; what they say to everybody answers for ever."""

from django.db.models import Q
from django.utils.translation import pgettext_lazy

from certificates.models import Certificate
from learners.queries.erasing import GONE, Fate, Personal, Place, Subject, columns_of

HOLDER = "certificates.holder"


def _own(subject: Subject) -> Q:
    return Q(enrolment__learner__in=subject.keys)


def places() -> list[Place]:
    said = ~Q(reason="")
    return [
        Place(
            HOLDER,
            pgettext_lazy("erasing", "Certificates: keys of the sealed facts, files, packs"),
            Fate.ERASED,
            (*columns_of("certificates.Certificate", "sealed_key pdf"),),
            count=lambda subject: Certificate.objects.drawable().filter(_own(subject)).count(),
        ),
        Place(
            "certificates.reasons",
            pgettext_lazy("erasing", "Why certificates were revoked or replaced"),
            Fate.ERASED,
            columns_of("certificates.Certificate", "reason"),
            personal=(Personal(Certificate, "enrolment__learner", {"reason": GONE}, only=said),),
        ),
        Place(
            "certificates.answers",
            pgettext_lazy("erasing", "Certificate numbers and what anybody may see of them"),
            Fate.KEPT,
            (
                *columns_of(
                    "certificates.Certificate",
                    "number verify_code public_facts sealed_facts commitment chain_hash "
                    "pdf_sha256 signed_sha256",
                ),
                *columns_of("certificates.CertificateCopy", "sha256"),
                *columns_of("certificates.ProofLeaf", "pdf_sha256 signer leaf_hash"),
            ),
            why=pgettext_lazy(
                "erasing",
                "They answer for ever without a name: what was sealed opens without its key no "
                "more, and the chain goes on to hold.",
            ),
            count=lambda subject: Certificate.objects.filter(_own(subject)).count(),
        ),
        Place(
            "certificates.rest",
            "Designs, issuers, keys, signed days",
            Fate.NOBODY,
            (
                *columns_of(
                    "certificates.CertificateTemplate", "name design design_sha256 seal_image"
                ),
                *columns_of("certificates.Issuer", "name prefix"),
                *columns_of("certificates.IssuerKey", "public fingerprint sealed_private"),
                *columns_of("certificates.DailyRoot", "statement signature"),
            ),
        ),
    ]
