"""The copies for archives and screen readers against the rules of their standards."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest

from certificates.render import Border, Design, Variant, render_archive, render_pdf
from tests.certificates.pdf_rules import accessible_faults, archive_faults
from tests.certificates.render_facts import RARE, TIBETAN, UYGHUR, make_facts

LINES = Design(border=Border.LINES)
UYGHUR_FACTS = {"name": "阿卜杜热合曼·图尔荪", "native_name": UYGHUR, "native_script": "ug"}


@pytest.fixture(scope="module")
def archived() -> bytes:
    return render_archive(make_facts(**UYGHUR_FACTS), LINES, variant=Variant.ARCHIVE)


@pytest.fixture(scope="module")
def accessible() -> bytes:
    return render_archive(make_facts(**UYGHUR_FACTS), LINES, variant=Variant.ACCESSIBLE)


def test_an_archive_copy_keeps_the_rules_of_its_standard(archived):
    assert archive_faults(archived) == []


def test_so_it_does_with_rare_letters_and_in_tibetan():
    facts = make_facts(name=RARE, native_name=TIBETAN, native_script="bo")
    assert archive_faults(render_archive(facts, LINES, variant=Variant.ARCHIVE)) == []


def test_an_accessible_copy_keeps_the_rules_of_its_standard(accessible):
    assert accessible_faults(accessible) == []


def changed(content: bytes, change: Callable[[pikepdf.Pdf], object], **options: object) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        change(pdf)
        pdf.save(out, fix_metadata_version=False, **options)
    return out.getvalue()


def without_fonts(pdf: pikepdf.Pdf) -> None:
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
            del item["/FontFile2"]


def retitled(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Title"] = "别的"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda pdf: pdf.Root.__delitem__("/OutputIntents"), "OutputIntent"),
        (lambda pdf: pdf.Root.__delitem__("/AF"), "an attachment that is not associated"),
        (lambda pdf: pdf.Root.AF[0].__delitem__("/AFRelationship"), "AF"),
        (without_fonts, "not embedded"),
        (retitled, "dc:title is not /Title"),
        (lambda pdf: pdf.pages[0].contents_add(b"q "), "nesting"),
        (lambda pdf: pdf.pages[0].contents_add(b"0 0 0 1 k "), "colour without an intent"),
    ],
)
def test_an_archive_copy_that_breaks_one_is_found(archived, change, fault):
    assert fault in "\n".join(archive_faults(changed(archived, change)))


def test_an_encrypted_copy_and_a_plain_certificate_are_no_archive_copies(archived):
    locked = changed(archived, lambda pdf: None, encryption=pikepdf.Encryption(owner="x", user=""))
    assert "encryption" in archive_faults(locked)
    assert {"metadata", "OutputIntent"} <= set(archive_faults(render_pdf(make_facts(), LINES)))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda pdf: pdf.Root.__delitem__("/StructTreeRoot"), "StructTreeRoot"),
        (lambda pdf: pdf.Root.__delitem__("/Lang"), "Lang"),
        (lambda pdf: pdf.pages[0].contents_add(b"0 0 9 9 re f "), "f outside of the structure"),
    ],
)
def test_an_accessible_copy_that_breaks_one_is_found(accessible, change, fault):
    assert fault in accessible_faults(changed(accessible, change))
