"""The pages on which an administrator erases somebody."""

import pytest
from django.urls import reverse

from courses.models import SessionEvidence
from learners.actions.erasing import erase_learner
from learners.models import Erasure, Learner
from tests import factories
from tests.learners.test_reveal import confirm
from tests.quotas.counted import complete

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]


@pytest.fixture
def learner():
    return factories.make_learner("李建军", "411521001003", phone="13911112222")


@pytest.fixture
def admin(signed_in, administrator):
    client = signed_in(administrator)
    confirm(client)
    return client


def address(learner) -> str:
    return reverse("learners:learner_erase", args=[learner.pk])


def test_an_administrator_finds_by_number_and_sees_a_masked_person(admin, learner):
    found = admin.post(reverse("learners:erasure_find"), {"number": learner.clear_id_number()})
    assert found.status_code == 302
    assert found["Location"] == address(learner)
    shown = admin.get(address(learner)).content.decode()
    assert "李*军" in shown
    for secret in ("李建军", learner.clear_id_number(), "13911112222"):
        assert secret not in shown


def test_who_lives_elsewhere_is_not_found(admin):
    other = factories.make_learner("外人", "411522001001")
    answer = admin.post(reverse("learners:erasure_find"), {"number": other.clear_id_number()})
    assert answer.status_code == 422
    assert "您管理的地区内没有此号码的人" in answer.content.decode()


def test_the_page_tells_what_goes_and_changes_nothing(admin, learner):
    factories.make_enrolment(factories.make_run(), learner)
    page = admin.get(address(learner))
    assert [one.place.key for one in page.context["going"]] == ["learners.person"]
    staying = {one.place.key: one.count for one in page.context["staying"]}
    assert staying["courses.enrolments"] == 1
    assert {place.key for place in page.context["expiring"]} >= {"backups", "courses.lists"}
    assert Learner.objects.get().name == "李建军"


@pytest.mark.parametrize(
    "wrong", [{"name": "李建均"}, {"name": ""}, {"reason": ""}, {"note": "给李建军的信"}]
)
def test_it_takes_the_name_and_a_reason(admin, learner, wrong):
    asked = {"name": "李建军", "reason": "ASKED", "note": "来信 2026-17"}
    assert admin.post(address(learner), asked | wrong).status_code == 422
    assert Learner.objects.get().erased_at is None


def test_it_is_done_and_told(admin, learner, administrator):
    asked = {"name": "李建军", "reason": "ASKED", "note": "来信 2026-17"}
    answer = admin.post(address(learner), asked, follow=True)
    assert answer.redirect_chain == [(address(learner), 302)]
    shown = answer.content.decode()
    for words in ("这个人的资料已删除", "本人申请", "来信 2026-17", administrator.display_name):
        assert words in shown
    assert "李建军" not in shown
    assert Erasure.objects.get().erased_by == administrator


@pytest.fixture
def photographed(learner):
    place = complete(learner)
    for name in ("a", "b"):
        SessionEvidence.objects.create(
            session=place.run.sessions.get(), kind="photo", source_sha256=name * 64, width=1,
            sha256=name * 64, file=f"evidence/{name}.jpg", height=1,
            added_by=factories.make_user(),
        )  # fmt: skip
    return learner


def test_the_page_counts_class_photos_and_asks(admin, photographed):
    page = admin.get(address(photographed))
    shown = page.content.decode()
    assert "同时删除本人可能在内的 2 张课堂照片" in shown
    assert "课堂照片是全班到课人数的凭证" in shown
    assert not page.context["form"]["photos"].value()
    assert ("courses.pictures", 2) in [
        (one.place.key, one.count) for one in page.context["staying"]
    ]


def test_without_photos_nothing_is_asked_about_them(admin, learner):
    assert "photos" not in admin.get(address(learner)).context["form"].fields


@pytest.mark.parametrize("ticked", [False, True])
def test_photos_go_for_who_ticks_it_alone(admin, photographed, ticked):
    asked = {"name": "李建军", "reason": "ORDERED"} | ({"photos": "on"} if ticked else {})
    page = admin.post(address(photographed), asked, follow=True)
    assert Erasure.objects.get().photos is ticked
    assert SessionEvidence.objects.exists() is not ticked
    listed = page.context["going" if ticked else "staying"]
    assert "courses.pictures" in [one.place.key for one in listed]
    assert ("按选择一并删除" in page.content.decode()) is ticked


def test_photos_stay_where_the_wrong_person_was_entered(admin, photographed):
    asked = {"name": "李建军", "reason": "WRONG", "photos": "on"}
    answer = admin.post(address(photographed), asked)
    assert answer.status_code == 422
    assert "录错的人不在课堂照片上" in answer.content.decode()
    assert Learner.objects.get(pk=photographed.pk).erased_at is None


def test_without_a_fresh_password_nothing_is_asked(signed_in, administrator, learner):
    asked = {"name": "李建军", "reason": "ASKED"}
    answer = signed_in(administrator).post(address(learner), asked)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert Learner.objects.get().erased_at is None


def test_the_record_that_was_merged_leads_to_the_person(admin, learner, county_clerk):
    from tests.learners.merged import merge

    other = factories.make_learner("李建均", "411521001003")
    merge(learner, other, county_clerk)
    assert admin.get(address(other))["Location"] == address(learner)


def test_the_person_s_page_offers_it_to_an_administrator_alone(signed_in, learner):
    page = reverse("learners:learner_detail", args=[learner.pk])
    clerk = factories.make_user("", ("CLERK", "411521"))
    both = factories.make_user("", ("CLERK", "411521"), ("ADMINISTRATOR", "411521"))
    for user, offered in ((clerk, False), (both, True)):
        assert (address(learner) in signed_in(user).get(page).content.decode()) is offered


def test_the_page_of_the_erased_shows_that_alone(signed_in, learner, county_clerk, administrator):
    factories.make_enrolment(factories.make_run(), learner)
    erase_learner(learner=learner, reason="ORDERED", actor=administrator)
    clerk = signed_in(county_clerk)
    page = clerk.get(reverse("learners:learner_detail", args=[learner.pk]))
    shown = page.content.decode()
    assert "法院或主管部门要求" in shown
    # The classes that figures stand on, and no card about a person.
    assert [row.kind for row in page.context["timeline"].past if row.kind == "book"]
    assert "panels" not in page.context
    for name in ("learner_update", "learner_reveal", "household_change", "role_add"):
        assert clerk.get(reverse(f"learners:{name}", args=[learner.pk])).status_code == 403
    sheet = clerk.get(reverse("learners:learner_sheet", args=[learner.pk]))
    assert sheet.status_code == 302


@pytest.mark.parametrize("count", [3, 30])
def test_queries_of_the_list(count, admin, administrator, django_assert_max_num_queries):
    for _ in range(count):
        erase_learner(learner=factories.make_learner(), reason="OVER", actor=administrator)
    with django_assert_max_num_queries(12):
        page = admin.get(reverse("learners:erasure_list"))
    assert len(page.context["table"].rows) == count
