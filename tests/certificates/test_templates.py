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
from certificates.queries import design_pages, frozen_facts, template_for
from certificates.render import SAMPLES, Design, RenderError, check
from lms.lib.errors import ActionError
from regions.models import Region
from tests.certificates.render_facts import make_facts
from tests.certificates.test_render_pdf import text_of

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
    assert client.post("/certificates/templates/new/", wrong).context["form"].errors["sentence"]
    assert client.post("/certificates/templates/new/", form).status_code == 302
    template = CertificateTemplate.objects.get(name="新版")
    assert template.drawn().signatories == (("主任", "王立新"),)
    proof = client.get(f"/certificates/templates/{template.edition}/proof/")
    assert proof.content.startswith(b"%PDF")
    client.post(f"/certificates/templates/{template.edition}/move/")
    template.refresh_from_db()
    assert template.state == "IN_USE"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("sentence", "<img src=http://example.com/a.png>{course}"),
        ("sentence", "{name}"),
        ("title", "{course}"),
        ("signatories", "培训中心党委书记兼主任 王立新"),
        ("second_script", "ug"),
        ("second_sentence", "{course}"),
        ("seal", "IMAGE"),
        ("title", "证\U0003ffff"),
    ],
)
def test_what_cannot_be_printed_is_said_at_its_field(county_clerk, signed_in, field, typed):
    """A letter that no font draws is said above: the words do not tell where it stands."""
    client = signed_in(county_clerk)
    page = client.get("/certificates/templates/new/")
    form = {k: v.initial or "" for k, v in page.context["form"].fields.items()}
    del form["seal_image"]
    form |= {"name": "新版", "layout": "LANDSCAPE", "border": "LINES", "seal": "VECTOR"}
    if field == "second_sentence":
        form |= {"second_script": "ug"}
    for also in ({}, {"preview": "1"}):
        page = client.post("/certificates/templates/new/", form | {field: typed} | also)
        at = {"seal": "seal_image"}.get(field, "__all__" if "证" in typed else field)
        assert list(page.context["form"].errors) == [at]
    assert not CertificateTemplate.objects.filter(name="新版").exists()


def test_words_that_no_font_draws_make_no_edition(make):
    with pytest.raises(ActionError) as error:
        make(Design(title="证\U0003ffff"))
    assert "U+3FFFF" in str(error.value.message)


@pytest.mark.parametrize("layout", ["LANDSCAPE", "PORTRAIT"])
@pytest.mark.parametrize("after", ["", "同志"])
def test_the_proof_shows_the_longest_name_that_finds_room(layout, after, run, county):
    """A longer one would be refused when it is issued."""
    design = Design(layout=layout, name_after=after, border="NONE")
    text = "".join(text_of(design_pages(design, None, title="样", region=county)).split())
    longest, native_name, native_script = SAMPLES["longest"]
    most = next(n for n in range(len(longest), 0, -1) if f"{longest[:n]}{after}" in text)
    assert most >= 13
    if most < len(longest):
        facts = make_facts(
            name=longest[: most + 1], native_name=native_name, native_script=native_script
        )
        with pytest.raises(RenderError):
            check(facts, design)
    assert SAMPLES["rarest"][0] in text
    assert Issuer.objects.get().name in text


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
