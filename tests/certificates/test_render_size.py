"""Fifty kilobytes a file and sixty signed, in every script: people pay for them by the megabyte."""

import json

import pytest

from certificates.render import SAMPLES, CertificateFacts, Design, Layout, render_pdf
from certificates.signing.authority import make_authority, make_certificate
from certificates.signing.signer import KeySigner
from tests.certificates.render_facts import make_facts
from tests.certificates.test_render_design import UYGHUR_DESIGN

LONG_COURSE = "农产品网店开设与直播带货"
SECOND = json.loads(UYGHUR_DESIGN.as_json())
DESIGNS = {
    "plain": Design(),
    "portrait": Design(layout=Layout.PORTRAIT),
    "second language": Design.from_json(json.dumps(SECOND | {"border": "GUILLOCHE"})),
    "signatories": Design(name_after="同志", signatories=(("主任", "李明"), ("教务", "王强"))),
}


def facts_of(kind: str) -> CertificateFacts:
    name, native_name, native_script = SAMPLES[kind]
    return make_facts(
        name=name, native_name=native_name, native_script=native_script, course=LONG_COURSE
    )


@pytest.fixture(scope="module")
def signer() -> KeySigner:
    authority = make_authority("证书", bits=2048)
    made = make_certificate(
        "岳普湖县电子商务服务中心", prefix="YPH", authority=authority, bits=2048
    )
    return KeySigner(made.private, made.certificate, (authority.certificate,))


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", SAMPLES)
def test_a_file_is_small_in_every_script(kind: str, design: str, signer: KeySigner) -> None:
    facts = facts_of(kind)
    content = render_pdf(facts, DESIGNS[design])
    assert len(content) <= 50_000
    if design == "second language":  # the largest; a signature is as long for any
        signed = signer.sign_pdf(content, number=facts.number, issuer=facts.issuer)
        assert len(signed) <= 60_000


def test_the_longest_words_of_all_make_no_giant(signer: KeySigner) -> None:
    """As long an issuer and a course as are taken: one in thousands, and told apart."""
    name, native_name, native_script = SAMPLES["longest"]
    facts = make_facts(
        name=name,
        native_name=native_name,
        native_script=native_script,
        issuer="卓资县电子商务进农村综合示范公共服务中心",
        course="农村电子商务物流仓储短视频拍摄剪辑客服运营培训提高",
    )
    assert len(render_pdf(facts, DESIGNS["second language"])) <= 60_000
