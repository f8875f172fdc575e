"""Editions of the certificate: made, proved, put in use, and then as they are."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image, PngImagePlugin

from certificates.actions import (
    issue_certificates,
    make_template,
    use_template,
    withdraw_template,
)
from certificates.models import CertificateTemplate, Issuer
from certificates.queries import frozen_facts, template_for
from certificates.render import Design
from lms.lib.errors import ActionError
from regions.models import Region

LIST = "/certificates/templates/"


@pytest.fixture
def county(regions):
    return Region.objects.get(code="411521")


@pytest.fixture
def make(county, county_clerk):
    def make(design=None, **given):
        design = design or Design(title="培训证书", layout="PORTRAIT")
        return make_template(region=county, name="县", design=design, actor=county_clerk, **given)

    return make


def png(**info):
    extra = PngImagePlugin.PngInfo()
    for name, value in info.items():
        extra.add_text(name, value)
    image = Image.new("RGB", (300, 300), "white")
    image.paste((200, 20, 20), (60, 60, 240, 240))
    out = BytesIO()
    image.save(out, "PNG", pnginfo=extra)
    return out.getvalue()


def test_a_new_edition_changes_new_certificates_only(run, make, county_clerk):
    issue = {"run": run, "issuer": Issuer.objects.get(), "issued_on": date(2026, 3, 4)}
    first = issue_certificates(
        only=[run.enrolments.get(learner__name="李建军").pk], actor=county_clerk, **issue
    )
    template = use_template(template=make(), actor=county_clerk)
    second = issue_certificates(actor=county_clerk, **issue)
    assert [c.template_id for c in (*first, *second)] == [1, template.edition]
    assert frozen_facts(second[0])["design_sha256"] == template.design_sha256
    assert first[0].template.drawn().title == "结业证书"


def test_a_draft_and_a_withdrawn_edition_are_not_printed_on(make, county, county_clerk):
    template = make()
    assert template_for(county).edition == 1
    use_template(template=template, actor=county_clerk)
    assert template_for(county).edition == template.edition
    withdraw_template(template=template, actor=county_clerk)
    assert template_for(county).edition == 1
    with pytest.raises(ActionError):
        use_template(template=template, actor=county_clerk)


@pytest.mark.parametrize(
    "words",
    [
        {"sentence": "<img src=http://example.com/a.png>{course}"},
        {"sentence": "url(file:///etc/passwd)"},
        {"sentence": "{learner.id_number}"},
        {"title": "证书\u202e"},
    ],
)
def test_a_template_is_words_and_never_code(make, words):
    with pytest.raises(ActionError) as error:
        make(Design(**words))
    assert error.value.code == "BAD_DESIGN"
    assert CertificateTemplate.objects.count() == 1


def test_of_a_seals_picture_only_the_pixels_are_kept(make):
    template = make(Design(seal="IMAGE"), seal_image=png(comment="secret"))
    assert b"secret" not in template.seal_bytes()
    assert template.drawn().seal_image
    for wrong in (b"", b"GIF89a", png()[:200]):
        with pytest.raises(ActionError) as error:
            make(Design(seal="IMAGE"), seal_image=wrong)
        assert error.value.code == "BAD_SEAL_IMAGE"


def test_an_edition_is_made_and_proved_on_its_pages(county_clerk, signed_in):
    client = signed_in(county_clerk)
    page = client.get("/certificates/templates/new/")
    form = {k: v.initial or "" for k, v in page.context["form"].fields.items()}
    del form["seal_image"]
    form |= {"name": "新版", "layout": "LANDSCAPE", "border": "LINES", "seal": "VECTOR"}
    form |= {"signatories": "主任 王立新"}
    preview = client.post("/certificates/templates/new/", form | {"preview": "1"})
    assert preview.content.startswith(b"%PDF")
    assert not CertificateTemplate.objects.filter(name="新版").exists()
    wrong = form | {"preview": "1", "sentence": "<img src=http://example.com/a.png>{course}"}
    assert client.post("/certificates/templates/new/", wrong).context["form"].non_field_errors()
    assert client.post("/certificates/templates/new/", form).status_code == 302
    template = CertificateTemplate.objects.get(name="新版")
    assert template.drawn().signatories == (("主任", "王立新"),)
    proof = client.get(f"/certificates/templates/{template.edition}/proof/")
    assert proof.content.startswith(b"%PDF")
    client.post(f"/certificates/templates/{template.edition}/move/")
    template.refresh_from_db()
    assert template.state == "IN_USE"


def listed(client, **query) -> set[int]:
    return {row.record.edition for row in client.get(LIST, query).context["table"].rows}


def test_editions_are_searched_filtered_and_exported(make, signed_in, county_clerk):
    built_in = set(CertificateTemplate.objects.values_list("edition", flat=True))
    draft, used = make().edition, use_template(template=make(), actor=county_clerk).edition
    client = signed_in(county_clerk)
    assert listed(client) == built_in | {draft, used}
    assert listed(client, state="DRAFT") == {draft}
    assert listed(client, whose="own") == listed(client, q="罗山") == {draft, used}
    assert listed(client, whose="built") == built_in
    assert listed(client, q="没有这个") == set()
    page = client.get(LIST, {"state": "DRAFT"}).content.decode()
    assert f"/certificates/templates/{draft}/move/" in page
    assert "csrfmiddlewaretoken" in page
    answer = client.get(LIST, {"export": "xlsx", "state": "DRAFT"})
    head, row = openpyxl.load_workbook(BytesIO(answer.content)).active.values
    assert len(head) == 6, "neither the picture nor the buttons"
    assert row[0] == "县"
    assert row[2:4] == ("罗山县", "培训证书")


def test_an_official_moves_nothing_and_withdrawn_is_the_end(
    make, signed_in, county_clerk, county_official
):
    template = use_template(template=make(), actor=county_clerk)
    assert "/move/" not in signed_in(county_official).get(LIST).content.decode()
    client = signed_in(county_clerk)
    assert client.get(LIST).content.decode().count("/move/") == 1
    withdraw_template(template=template, actor=county_clerk)
    assert "/move/" not in client.get(LIST).content.decode()


def test_a_longer_list_of_editions_asks_nothing_more(make, signed_in, county_clerk):
    client, asked = signed_in(county_clerk), []
    for more in (2, 27):
        for _n in range(more):
            make()
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 12
