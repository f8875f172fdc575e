"""The files made of issued certificates: copies, packs, and what is stored of each."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import QuerySet

from certificates.models import Certificate, CertificateCopy, CertificateTemplate
from certificates.queries.facts import all_facts
from certificates.render import (
    CertificateFacts,
    Variant,
    render_archive,
    render_book,
    render_pdf,
)

VARIANTS: Final = {
    CertificateCopy.Kind.ARCHIVE: Variant.ARCHIVE,
    CertificateCopy.Kind.ACCESSIBLE: Variant.ACCESSIBLE,
}
READ_AT_ONCE = 500
FOLDER = "certificates"
SIGNED_FOLDER = f"{FOLDER}/signed"


def signed_name(certificate: Certificate) -> str:
    """Where the storage keeps the signed file."""
    return f"{SIGNED_FOLDER}/{certificate.pk}.pdf"


def stored_names(certificate: Certificate) -> list[str]:
    """Every stored file of a certificate, those of attempts that were cut short as well."""
    root = Path(settings.MEDIA_ROOT)
    found = [
        path.relative_to(root).as_posix()
        for folder in (FOLDER, SIGNED_FOLDER)
        for path in (root / folder).glob(f"{certificate.pk}*")
    ]
    own = {str(certificate.pdf.name)} if certificate.pdf else set()
    return sorted({*found, *own})


def drawing_of(certificate: Certificate) -> bytes:
    """The certificate's file as it would be drawn first, from the frozen facts alone."""
    template = certificate.template
    return render_pdf(all_facts(certificate), template.drawn(), seal_image=template.seal_bytes())


def copy_of(certificate: Certificate, kind: CertificateCopy.Kind) -> bytes:
    """A copy of the kind, from the frozen facts alone: the same bytes each time."""
    template = certificate.template
    return render_archive(
        all_facts(certificate),
        template.drawn(),
        variant=VARIANTS[kind],
        seal_image=template.seal_bytes(),
    )


# --- many in one file ---
Seen = Callable[[], object]


def files_of(rows: QuerySet[Certificate], seen: Seen) -> Iterator[tuple[str, bytes]]:
    """A stored file for each; `seen` is called for every one of them."""
    for row in _in_order(rows, seen):
        with row.pdf.open("rb") as drawn:
            yield f"{row.number}.pdf", drawn.read()


def books_of(rows: QuerySet[Certificate], seen: Seen) -> Iterator[tuple[str, bytes]]:
    """A book for each edition, as a book has one design."""
    used = rows.order_by("template").values_list("template", flat=True).distinct()
    for template in CertificateTemplate.objects.filter(pk__in=list(used)):
        book = render_book(
            _pages(rows.filter(template=template), seen),
            template.drawn(),
            title=template.name,
            seal_image=template.seal_bytes(),
        )
        yield f"{template.edition}.pdf", book


def _pages(rows: QuerySet[Certificate], seen: Seen) -> Iterator[CertificateFacts]:
    return (all_facts(row) for row in _in_order(rows, seen))


def _in_order(rows: QuerySet[Certificate], seen: Seen) -> Iterator[Certificate]:
    """Read by the hundred: a book takes minutes, and nothing is held open so long."""
    keys = list(rows.order_by("number").values_list("pk", flat=True))
    for start in range(0, len(keys), READ_AT_ONCE):
        some = rows.filter(pk__in=keys[start : start + READ_AT_ONCE])
        for row in some.order_by("number"):
            yield row
            seen()
