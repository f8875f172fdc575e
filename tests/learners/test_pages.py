"""Pages of the archive and of registers."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from learners.actions import add_entries, create_register, seal_edition
from learners.models import Learner, Register, RoleHeld
from learners.queries import TIMELINE, TimelineRow
from lms.lib.periods import today
from lms.lib.scope import Role
from tests import factories
from tests.chance import without_keys

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
LIST = "/learners/"


@pytest.fixture
def clerk(signed_in, county_clerk):
    return signed_in(county_clerk)


def names(response) -> set[str]:
    return {row.record.name for row in response.context["table"].paginated_rows}


# --- the list ---
def test_the_list_shows_the_region_s_people_masked(clerk):
    learner = factories.make_learner("李建军", initials="ljj")
    factories.make_learner("邻县人", "411522001001")
    factories.make_learner("并入者", merged_into=learner)
    response = clerk.get(LIST)
    assert names(response) == {"李建军"}
    text = response.content.decode()
    assert learner.clear_id_number() not in text
    assert learner.masked_id in text
    assert "13800000617" not in text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("page=abc", 404),
        ("page=-1", 404),
        ("sort=password", 404),
        ("sort=id_cipher", 404),
        ("region__user__password=x", 400),
        ("place=411522001", 200),
        ("region=411522", 404),
    ],
)
def test_bad_parameters(clerk, query, status):
    factories.make_learner("邻县人", "411522001001")
    response = clerk.get(f"{LIST}?{query}")
    assert response.status_code == status
    assert "邻县人" not in response.content.decode()


# --- one person ---
def test_the_person_s_page_masks_and_tells_the_history(clerk, monkeypatch):
    learner = factories.make_learner("李建军", native_name="لى جيەنجۈن")
    coming = TimelineRow(on=today() + timedelta(30), kind="pin", title="回访", done=False)
    past = TimelineRow(on=date(2026, 1, 1), kind="award", title="旧事一桩")
    monkeypatch.setattr(
        "learners.queries.timeline.TIMELINE", [lambda learner, user: [past, coming]]
    )
    response = clerk.get(reverse("learners:learner_detail", args=[learner.pk]))
    text = response.content.decode()
    assert learner.clear_id_number() not in text
    assert "1985" not in without_keys(text)  # no birth date beside a masked number
    timeline = response.context["timeline"]
    assert [row.title for row in timeline.future] == ["回访"]
    assert timeline.past[0].title == "旧事一桩"
    assert text.index("回访") < text.index('class="today"') < text.index("旧事一桩")
    assert isinstance(TIMELINE, list)


def test_the_household_page_shows_only_people_who_may_be_seen(clerk):
    household = factories.make_household()
    factories.make_learner("李建军", household=household)
    factories.make_learner("外县亲戚", "411522001001", household=household)
    response = clerk.get(reverse("learners:household_detail", args=[household.pk]))
    text = response.content.decode()
    assert "李建军" in text
    assert "外县亲戚" not in text


def test_a_trainee_has_no_office_page(signed_in, trainee):
    learner = trainee.learner
    client = signed_in(trainee)
    assert client.get(reverse("learners:learner_detail", args=[learner.pk])).status_code == 403
    assert client.get(LIST).status_code == 403


# --- registers ---
@pytest.fixture
def register(county_clerk) -> Register:
    region = factories.make_region("411521")
    return create_register(purpose="ABLE_WILLING", year=2026, region=region, actor=county_clerk)


def test_a_register_from_opening_to_adjustment(clerk):
    poor = factories.make_learner("李建军")
    factories.make_learner("普通户", household=factories.make_household(type_code="ORDINARY"))
    late = factories.make_learner(
        "后来者", household=factories.make_household(type_code="ORDINARY")
    )
    data = {"purpose": "ABLE_WILLING", "year": 2026, "region": "411521"}
    clerk.post(reverse("learners:register_create"), data)
    register = Register.objects.get()
    assert clerk.post(reverse("learners:register_create"), data).status_code == 422
    edition = register.editions.get()
    page = reverse("learners:register_detail", args=[register.pk])
    clerk.post(
        reverse("learners:edition_fill", args=[edition.pk]), {"groups": ["POOR"], "count": 1}
    )
    assert [entry.learner for entry in edition.entries.all()] == [poor]
    clerk.post(reverse("learners:edition_seal", args=[edition.pk]), {"count": 1})
    edition.refresh_from_db()
    assert edition.sha256 in clerk.get(page).content.decode()
    adjust = reverse("learners:entry_adjust", args=[edition.pk])
    facts = {"happened_on": today().isoformat(), "reason": "新识别"}
    response = clerk.post(adjust, facts | {"number": late.clear_id_number()})
    assert response.url == page
    response = clerk.post(f"{adjust}?entry={edition.entries.get(learner=poor).pk}", facts)
    assert response.url == page
    terms = clerk.get(page).context["sum"]
    assert [box["value"] for box in terms["terms"]] == [1, 1, 1]
    assert terms["total"]["value"] == 1
    clerk.post(reverse("learners:edition_open", args=[register.pk]))
    assert [entry.learner for entry in register.editions.get(no=2).entries.all()] == [late]
    assert clerk.get(f"{page}?edition=1").context["edition"].no == 1
    assert clerk.get(f"{page}?edition=9").status_code == 404


def test_what_an_adjustment_page_refuses(clerk, register):
    learner, other = factories.make_learner(), factories.make_learner("邻县人", "411522001001")
    edition = register.editions.get()
    add_entries(edition=edition, subjects=[learner], actor=None)
    seal_edition(edition=edition, sealed_at=timezone.now() - timedelta(days=2), actor=None)
    adjust = reverse("learners:entry_adjust", args=[edition.pk])
    facts = {"happened_on": today().isoformat(), "reason": "新识别"}
    number = other.clear_id_number()
    assert clerk.post(adjust, facts | {"number": number}).status_code == 422
    own = learner.clear_id_number()
    assert clerk.post(adjust, facts | {"number": own}).status_code == 422  # is on it already
    assert clerk.post(adjust, {"number": own}).status_code == 422
    assert clerk.get(f"{adjust}?entry=x").status_code == 404
    assert clerk.get(f"{adjust}?entry={learner.pk}").status_code == 404


def test_an_official_reads_and_does_not_write(signed_in, county_official, register):
    learner = factories.make_learner()
    edition = register.editions.get()
    add_entries(edition=edition, subjects=[learner], actor=None)
    client = signed_in(county_official)
    page = client.get(reverse("learners:register_detail", args=[register.pk]))
    assert not page.context["may_write"]
    assert client.post(reverse("learners:edition_seal", args=[edition.pk])).status_code == 403
    edition.refresh_from_db()
    assert not edition.is_sealed


@pytest.mark.parametrize("count", [3, 30])
def test_queries_of_a_register(count, clerk, register, django_assert_max_num_queries):
    learners = [factories.make_learner() for _ in range(count)]
    edition = register.editions.get()
    add_entries(edition=edition, subjects=learners, actor=None)
    seal_edition(edition=edition, actor=None)
    with django_assert_max_num_queries(18):
        clerk.get(reverse("learners:register_detail", args=[register.pk]))


@pytest.mark.parametrize("count", [3, 30])
def test_queries_of_the_registers(count, clerk, django_assert_max_num_queries):
    for year in range(2000, 2000 + count):
        create_register(
            purpose="CADRES", year=year, region=factories.make_region("411521"), actor=None
        )
    with django_assert_max_num_queries(10):
        clerk.get(reverse("learners:register_list"))


def test_villages_and_cadres_come_from_their_own_sources(clerk, county_clerk):
    region = factories.make_region("411521")
    village = factories.make_region("411521100200")
    village.statuses.create(kind="QUALIFYING", starts_on=date(2018, 1, 1))
    cadre = factories.make_learner("村支书")
    RoleHeld.objects.create(
        learner=cadre, role="VILLAGE_CADRE", region=cadre.home_region, starts_on=date(2020, 1, 1)
    )
    for purpose, subject in (("QUALIFYING_VILLAGES", village), ("CADRES", cadre)):
        register = create_register(purpose=purpose, year=2026, region=region, actor=county_clerk)
        edition = register.editions.get()
        clerk.post(reverse("learners:edition_fill", args=[edition.pk]), {"count": 1})
        entry = edition.entries.get()
        assert (entry.village or entry.learner) == subject
        clerk.post(reverse("learners:edition_seal", args=[edition.pk]), {"count": 1})
        page = clerk.get(reverse("learners:register_detail", args=[register.pk]))
        assert subject.name in page.content.decode()


def test_a_field_worker_opens_a_household_but_not_the_list(signed_in, field_worker):
    household = factories.make_household()
    client = signed_in(field_worker)
    assert client.get(reverse("learners:household_detail", args=[household.pk])).status_code == 200
    assert client.get(LIST).status_code == 403
    assert field_worker.scope.has(Role.FIELD_WORKER)
    assert Learner.objects.count() == 0
