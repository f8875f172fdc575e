"""What was issued stays as it was, whatever becomes of template, seal, issuer, course or person."""

import hashlib
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from certificates.actions import (
    make_template,
    store_pdf,
    store_signed,
    use_template,
    withdraw_template,
)
from certificates.models import Certificate, CertificateCopy, CertificateTemplate, Issuer
from certificates.queries import all_facts, copy_of, template_for
from certificates.render import Border, Design, Seal, render_pdf
from courses.models import Course, CourseRun
from learners.models import Learner
from regions.models import Region

pytestmark = [pytest.mark.usefixtures("media"), pytest.mark.postgres]


def stamp(colour: str) -> bytes:
    picture = Image.new("RGBA", (120, 120), (255, 255, 255, 0))
    ImageDraw.Draw(picture).ellipse((10, 10, 110, 110), outline=colour, width=8)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def served(client, certificate) -> str:
    answer = client.get(f"/certificates/{certificate.pk}/pdf/")
    return hashlib.sha256(b"".join(answer.streaming_content)).hexdigest()


def drawn_again(certificate) -> str:
    """The hash of the file as it would be drawn today."""
    row = Certificate.objects.select_related("template").get(pk=certificate.pk)
    pdf = render_pdf(all_facts(row), row.template.drawn(), seal_image=row.template.seal_bytes())
    return hashlib.sha256(pdf).hexdigest()


def change_everything(county: Region, clerk) -> None:
    """A new logo in a new template, other words, another name of whoever and whatever."""
    design = Design(border=Border.NONE, title="荣誉证书", seal=Seal.IMAGE)
    made = make_template(
        region=county, name="新徽", design=design, seal_image=stamp("#0000FF"), actor=clerk
    )
    use_template(template=made, actor=clerk)
    assert template_for(county) == made
    for old in CertificateTemplate.objects.filter(region__isnull=False).exclude(pk=made.pk):
        withdraw_template(template=old, actor=clerk)
    Learner.objects.update(name="改名", native_name="ئايشەم", id_tail="9999")
    Course.objects.update(title="改课")
    CourseRun.objects.update(number=99)
    Issuer.objects.update(name="改名单位有限公司")
    Region.objects.filter(pk=county.pk).update(name="改县")


def test_a_changed_template_logo_or_name_leaves_the_files_as_they_were(
    run, certificate, county_clerk, client, settings
):
    county = Region.objects.get(code="411521")
    client.force_login(county_clerk)
    store_pdf(certificate=certificate, actor=None)
    before = store_signed(certificate=certificate, actor=None)
    first, copied = served(client, certificate), copy_of(before, CertificateCopy.Kind.ARCHIVE)
    page = client.get(f"/v/{certificate.verify_code}").context["found"]

    change_everything(county, county_clerk)
    settings.PRODUCT_NAME = "改系统"

    after = Certificate.objects.select_related("template").get(pk=certificate.pk)
    assert served(client, certificate) == first == after.signed_sha256 == before.signed_sha256
    assert drawn_again(certificate) == after.pdf_sha256 == before.pdf_sha256
    assert copy_of(after, CertificateCopy.Kind.ARCHIVE) == copied
    found = client.get(f"/v/{certificate.verify_code}").context["found"]
    assert (found.course, found.issuer, found.masked_name) == (
        page.course,
        page.issuer,
        page.masked_name,
    )


def test_one_that_was_not_drawn_yet_is_drawn_as_it_was_issued(certificate, county_clerk):
    before = drawn_again(certificate)
    change_everything(Region.objects.get(code="411521"), county_clerk)
    assert store_pdf(certificate=certificate, actor=None).pdf_sha256 == before
