"""Many certificates in one file: a ZIP of a class, a book of a county for the press."""

import tempfile
from collections.abc import Iterator
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from certificates.models import Certificate, CertificateTemplate
from certificates.queries import all_facts
from certificates.render import render_book, zipped
from lms.models import TaskProgress, record_audit


@transaction.atomic
def store_pack(
    *, progress: TaskProgress, rows: QuerySet[Certificate], as_book: bool, actor: User
) -> str:
    """The name under which the file is kept; the same task writes the same file again."""
    name = f"certificate-packs/{progress.pk}.{'zip' if not as_book else 'book.zip'}"
    with tempfile.TemporaryFile() as file:
        for part in zipped(_books(rows) if as_book else _files(rows)):
            file.write(part)
        _keep(name, file)
    record_audit(
        "certificates.packed",
        actor=actor,
        target=progress,
        detail={"count": rows.count(), "book": as_book},
    )
    return name


def _keep(name: str, file: IO[bytes]) -> None:
    file.seek(0)
    default_storage.delete(name)
    default_storage.save(name, File(file))


def _files(rows: QuerySet[Certificate]) -> Iterator[tuple[str, bytes]]:
    for row in rows.order_by("number").iterator(500):
        with row.pdf.open("rb") as drawn:
            yield f"{row.number}.pdf", drawn.read()


def _books(rows: QuerySet[Certificate]) -> Iterator[tuple[str, bytes]]:
    """A book for each edition, as a book has one design."""
    used = rows.order_by("template").values_list("template", flat=True).distinct()
    for template in CertificateTemplate.objects.filter(pk__in=list(used)):
        own = rows.filter(template=template).order_by("number")
        book = render_book(
            (all_facts(row) for row in own.iterator(500)),
            template.drawn(),
            title=template.name,
            seal_image=template.seal_bytes(),
        )
        yield f"{template.edition}.pdf", book
