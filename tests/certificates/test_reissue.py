"""A second certificate of the same class is made on purpose, and says which one it replaces."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from certificates.actions import (
    issue_certificates,
    issue_region,
    make_template,
    reissue_certificate,
    revoke_certificate,
    use_template,
    withdraw_template,
)
from certificates.models import Certificate, CertificateTemplate, Issuer
from certificates.queries import all_facts, candidates, frozen_facts, personal_facts
from certificates.render import Design
from courses.models import Enrolment
from lms.lib.errors import ActionError
from lms.models import AuditEvent
from regions.models import Region
from tests import factories
from tests.quotas.counted import complete

DAY = date(2026, 3, 4)


@pytest.fixture
def issued(run, county_clerk):
    return issue_certificates(
        run=run, issuer=Issuer.objects.get(prefix="LS"), issued_on=DAY, actor=county_clerk
    )


@pytest.fixture
def reissue(county_clerk):
    def reissue(certificate, reason="姓名更正", day=DAY, **given):
        return reissue_certificate(
            certificate=certificate, reason=reason, issued_on=day, actor=county_clerk, **given
        )

    return reissue


def test_a_corrected_name_gets_a_new_number_and_the_old_one_answers_for_ever(
    client, issued, reissue
):
    old = issued[0]
    learner = old.enrolment.learner
    learner.name = "李建筠"
    learner.save()
    new = reissue(old)
    old.refresh_from_db()
    assert (new.number, new.replaces) == ("LS-2026-000003", old)
    assert (old.status, old.reason) == ("REPLACED", "姓名更正")
    assert personal_facts(new)["name"] == "李建筠"
    assert personal_facts(old)["name"] != "李建筠"
    assert client.get(f"/v/{old.verify_code}").context["found"].certificate.status == "REPLACED"
    assert new.number not in client.get(f"/v/{old.verify_code}").content.decode()
    assert AuditEvent.objects.filter(action="certificates.reissued").count() == 1


def test_a_revoked_one_stays_revoked_when_another_is_issued(issued, reissue, county_clerk):
    old = revoke_certificate(certificate=issued[0], reason="误发", actor=county_clerk)
    new = reissue(old, "复核无误")
    old.refresh_from_db()
    assert (old.status, new.status, new.replaces_id) == ("REVOKED", "VALID", old.pk)


def test_what_was_replaced_is_not_replaced_again(issued, reissue):
    reissue(issued[0])
    with pytest.raises(ActionError) as error:
        reissue(Certificate.objects.get(pk=issued[0].pk))
    assert error.value.code == "REPLACED"
    assert Certificate.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "code"),
    [({"status": "ENROLLED", "completed_on": None}, "NOT_ELIGIBLE")],
)
def test_who_is_not_eligible_any_more_gets_no_second_one(issued, reissue, change, code):
    Enrolment.objects.filter(pk=issued[0].enrolment_id).update(**change)
    with pytest.raises(ActionError) as error:
        reissue(issued[0])
    assert error.value.code == code
    assert Certificate.objects.get(pk=issued[0].pk).status == "VALID"


def test_a_second_one_is_not_dated_before_the_completion(issued, reissue):
    with pytest.raises(ActionError) as error:
        reissue(issued[0], day=date(2026, 3, 1))
    assert error.value.code == "BEFORE_COMPLETION"
    assert Certificate.objects.get(pk=issued[0].pk).status == "VALID"


@pytest.fixture
def edition(regions, county_clerk):
    """A second edition of the county, in use, and so the nearest one."""
    made = make_template(
        region=Region.objects.get(code="411521"),
        name="县版",
        design=Design(title="培训证书"),
        actor=county_clerk,
    )
    return use_template(template=made, actor=county_clerk)


def test_a_second_one_is_printed_on_the_edition_that_was_chosen(issued, reissue, edition):
    first = CertificateTemplate.objects.get(edition=1)
    same = reissue(issued[0], template=first)
    nearest = reissue(issued[1])
    assert (same.template_id, nearest.template_id) == (1, edition.edition)
    assert frozen_facts(same)["design_sha256"] == first.design_sha256


def test_a_second_one_is_not_printed_on_an_edition_out_of_use(
    issued, reissue, edition, county_clerk
):
    withdraw_template(template=edition, actor=county_clerk)
    with pytest.raises(ActionError) as error:
        reissue(issued[0], template=edition)
    assert error.value.code == "TEMPLATE_NOT_IN_USE"
    assert Certificate.objects.get(pk=issued[0].pk).status == "VALID"


def test_the_edition_is_chosen_on_the_page_of_the_old_one(issued, edition, county_clerk, signed_in):
    client = signed_in(county_clerk)
    old = issued[0]
    page = client.get(f"/certificates/{old.pk}/")
    choice = page.context["reissue_form"]["template"]
    assert choice.initial == edition
    assert [str(template) for template in choice.field.queryset] == ["县版 2", "结业证书 1"]
    form = {"reason": "姓名更正", "issued_on": DAY.isoformat(), "template": 99}
    answer = client.post(f"/certificates/{old.pk}/reissue/", form, follow=True)
    assert "此模板未在本地区启用" in answer.content.decode()
    client.post(f"/certificates/{old.pk}/reissue/", form | {"template": 1})
    assert Certificate.objects.get(replaces=old).template_id == 1


def test_a_whole_county_at_once_leaves_out_who_cannot_be_printed(run, county_clerk):
    other = factories.make_run(number=34, starts_on=date(2026, 3, 2), status="CLOSED")
    complete(factories.make_learner("赵敏"), run=other)
    complete(factories.make_learner("钱\U0010ffff"), run=other)
    neighbour = factories.make_run("411522", starts_on=date(2026, 3, 2), status="CLOSED")
    complete(factories.make_learner("孙丽", "411522001001"), "411522", run=neighbour)
    issue = {
        "region": Region.objects.get(code="411521"),
        "issuer": Issuer.objects.get(prefix="LS"),
        "issued_on": DAY,
        "actor": county_clerk,
    }
    assert issue_region(**issue) == 3
    assert issue_region(**issue) == 0
    numbers = list(Certificate.objects.order_by("number").values_list("number", flat=True))
    assert numbers == [f"LS-2026-{n:06d}" for n in (1, 2, 3)]
    names = {personal_facts(c)["name"] for c in Certificate.objects.all()}
    assert names == {"李建军", "王秀兰", "赵敏"}
    event = AuditEvent.objects.get(action="certificates.issued")
    assert event.detail["count"] == 3


def test_facts_filled_into_a_class_are_the_canonical_ones(issued):
    from certificates.queries import canonical

    for certificate in Certificate.objects.all():
        facts = all_facts(certificate)
        whole = canonical({**_plain(certificate), **_personal(certificate)})
        assert facts.as_json() == whole
        assert facts.design_sha256 == certificate.template.design_sha256


def _plain(certificate):
    import json

    return json.loads(certificate.public_facts)


def _personal(certificate):
    return {k: v for k, v in personal_facts(certificate).items() if k != "salt"}


def test_some_of_a_class_can_be_issued_alone(run, county_clerk):
    one = Enrolment.objects.get(learner__name="王秀兰")
    made = issue_certificates(
        run=run, issuer=Issuer.objects.get(), issued_on=DAY, only=[one.pk], actor=county_clerk
    )
    assert [c.enrolment_id for c in made] == [one.pk]


def test_a_record_merged_into_another_is_not_certified_beside_it(run, county_clerk):
    kept, merged = factories.make_learner("赵敏"), factories.make_learner("赵敏")
    complete(merged, run=run)
    merged.merged_into = kept
    merged.save(update_fields=["merged_into"])
    why = {c.enrolment.learner_id: c for c in candidates(run, user=county_clerk)}
    assert not why[merged.pk].is_eligible


@pytest.mark.parametrize("name", ["阿" * 60, "\u202e\u200b", "李\U0010ffff"])
def test_names_that_cannot_be_printed_block_their_row_alone(run, county_clerk, name):
    complete(factories.make_learner(name), run=run)
    made = issue_certificates(
        run=run, issuer=Issuer.objects.get(), issued_on=DAY, actor=county_clerk
    )
    assert [c.number for c in made] == ["LS-2026-000001", "LS-2026-000002"]


def test_marks_of_direction_do_not_reach_the_sheet(run, county_clerk):
    complete(factories.make_learner("赵\u202e敏\x07"), run=run)
    made = issue_certificates(
        run=run, issuer=Issuer.objects.get(), issued_on=DAY, actor=county_clerk
    )
    assert "赵敏" in {personal_facts(c)["name"] for c in made}


@pytest.mark.postgres
def test_the_database_refuses_a_second_first_certificate(issued, county_clerk):
    old = revoke_certificate(certificate=issued[0], reason="误发", actor=county_clerk)
    twin = Certificate.objects.get(pk=old.pk)
    twin.pk, twin.number, twin.verify_code, twin.chain_no = None, "LS-2026-900000", "0" * 12, 99
    twin.status = "VALID"
    with pytest.raises(DatabaseError), transaction.atomic():
        twin.save(force_insert=True)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "change",
    [
        {"number": "LS-2026-000009"},
        {"public_facts": "{}"},
        {"commitment": "0" * 64},
        {"issued_on": date(2020, 1, 1)},
        {"chain_hash": "0" * 64},
    ],
)
def test_the_database_refuses_to_change_what_was_certified(issued, change):
    with pytest.raises(DatabaseError), transaction.atomic():
        Certificate.objects.filter(pk=issued[0].pk).update(**change)


@pytest.mark.postgres
def test_the_database_refuses_to_revive_a_revoked_certificate(issued, county_clerk):
    revoke_certificate(certificate=issued[0], reason="误发", actor=county_clerk)
    with pytest.raises(DatabaseError), transaction.atomic():
        Certificate.objects.filter(pk=issued[0].pk).update(status="VALID")


@pytest.mark.postgres
@pytest.mark.parametrize("change", [{"design": "{}"}, {"name": "别的"}, {"state": "DRAFT"}])
def test_the_database_refuses_to_change_an_edition_in_use(issued, change):
    with pytest.raises(DatabaseError), transaction.atomic():
        CertificateTemplate.objects.filter(edition=1).update(**change)


def test_its_page_says_the_name_that_stands_on_the_paper(issued, reissue, county_clerk, signed_in):
    old = issued[0]
    learner = old.enrolment.learner
    before, learner.name = learner.name, "李建筠"
    learner.save()
    new, client = reissue(old), signed_in(county_clerk)
    page = client.get(f"/certificates/{old.pk}/").content.decode()
    assert f'<h2 class="card-title">{before}</h2>' in page
    assert "<dd>李建筠</dd>" in page
    page = client.get(f"/certificates/{new.pk}/").content.decode()
    assert '<h2 class="card-title">李建筠</h2>' in page
    assert "<dd>李建筠</dd>" not in page
