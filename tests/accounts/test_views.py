"""Where people land, and what an administrator does on the pages."""

import re
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.models import Grant, User
from accounts.tables import ACTION_WORDS
from courses.models import AttendanceStatus, CourseRun, SessionCheck, SessionEvidence
from lms.lib.periods import today
from lms.lib.scope import Role
from lms.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
NEW = {"username": "wang.li", "display_name": "王丽", "role": "CLERK", "region": "411521"}


@pytest.fixture
def desk(signed_in, administrator):
    return signed_in(administrator)


def at(name: str, user: User, *more) -> str:
    return reverse(f"accounts:{name}", args=[user.pk, *more])


# --- Home ---------------------------------------------------------------------------------------
def test_an_administrator_lands_on_the_users(desk):
    assert desk.get("/").url == reverse("accounts:user_list")


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.TRAINEE])
def test_home_leads_on_or_says_that_there_is_nothing_yet(signed_in, regions, role):
    response = signed_in(factories.make_user("", (role, "411521"))).get("/")
    assert response.status_code in {200, 302}
    if response.status_code == 200:
        assert response.context["has_role"] is True


def test_the_first_role_decides(signed_in, regions):
    user = factories.make_user("", (Role.OFFICIAL, "411521"), (Role.ADMINISTRATOR, "411521"))
    assert signed_in(user).get("/").url == reverse("accounts:user_list")


def test_without_a_role_home_says_so(signed_in, regions):
    user = factories.make_user("")
    Grant.objects.create(
        user=user,
        role=Role.ADMINISTRATOR,
        region=regions["41"],
        starts_on=date(2020, 1, 1),
        ends_on=today() - timedelta(days=1),
    )
    response = signed_in(user).get("/")
    assert response.status_code == 200
    assert response.context["has_role"] is False


# --- Users --------------------------------------------------------------------------------------
def test_a_user_is_added_with_the_password_shown_once(desk):
    response = desk.post(reverse("accounts:user_create"), NEW | {"starts_on": today()})
    password = response.context["password"]
    user = User.objects.get(username="wang.li")
    assert user.check_password(password)
    assert password in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert password not in desk.get(at("user_detail", user)).content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"region": "411522"},
        {"region": "41"},
        {"region": ""},
        {"region": "光山县"},
        {"region": "没有这个地方"},
        {"role": "TRAINEE"},
        {"role": "KING"},
        {"username": "ADMINISTRATOR"},
        {"username": "a b"},
        {"username": "ab"},
        {"username": "=cmd|1"},
        {"username": "41152119850601001X"},
        {"starts_on": "2026-02-30"},
        {"ends_on": "2000-01-01"},
        {"ends_on": "1999-01-01", "starts_on": "1998-01-01"},
        {"display_name": ""},
        {"display_name": "名" * 81},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(desk, changes):
    before = AuditEvent.objects.count()
    data = NEW | {"starts_on": today().isoformat()} | changes
    response = desk.post(reverse("accounts:user_create"), data)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not User.objects.filter(display_name=data["display_name"]).exists()
    assert AuditEvent.objects.count() == before


def test_nothing_more_than_the_form_is_taken(desk, regions):
    extra = {
        "is_staff": "on",
        "is_superuser": "on",
        "is_active": "",
        "password": "chosen-by-me-123",
        "id": "0" * 32,
        "user_permissions": "1",
        "groups": "1",
        "grants": "1",
        "region_id": str(regions["65"].pk),
    }
    desk.post(reverse("accounts:user_create"), NEW | extra | {"starts_on": today()})
    user = User.objects.get(username="wang.li")
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)
    assert not user.check_password("chosen-by-me-123")
    assert [grant.region.code for grant in user.grants.all()] == ["411521"]


def test_markup_in_a_name_is_shown_as_text(desk):
    name = "<script>alert(1)</script>{{7*7}}"
    desk.post(reverse("accounts:user_create"), NEW | {"display_name": name, "starts_on": today()})
    page = desk.get(reverse("accounts:user_list")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page


def test_a_region_is_found_by_its_name(desk, county_clerk):
    data = {"role": "TRAINER", "region": " 周党镇 ", "starts_on": today()}
    desk.post(at("grant_create", county_clerk), data)
    assert county_clerk.grants.get(role="TRAINER").region.code == "411521100"


def test_a_name_that_several_have_is_asked_back(desk, county_clerk):
    for code in ("411521001777", "411521100777"):
        factories.make_region(code, "同名村")
    data = {"role": "TRAINER", "region": "同名村", "starts_on": today()}
    response = desk.post(at("grant_create", county_clerk), data)
    (error,) = response.context["form"].errors["region"]
    assert "411521001777" in error
    assert "411521100777" in error
    assert not county_clerk.grants.filter(role="TRAINER").exists()


def test_only_a_country_administrator_grants_the_country(signed_in, desk, county_clerk, regions):
    data = {"role": "OFFICIAL", "region": "", "starts_on": today()}
    assert desk.post(at("grant_create", county_clerk), data).context["form"].errors["region"]
    signed_in(factories.make_user("root", (Role.ADMINISTRATOR, "")))
    assert desk.post(at("grant_create", county_clerk), data).status_code == 302
    assert county_clerk.grants.get(role="OFFICIAL").region is None


def test_a_role_ends_at_once(desk, signed_in, county_clerk):
    grant = county_clerk.grants.get()
    response = desk.post(at("grant_end", county_clerk, grant.pk))
    assert response.url == at("user_detail", county_clerk)
    assert not User.objects.get(pk=county_clerk.pk).scope.roles


@pytest.mark.parametrize("last_day", ["2001-01-01", "nonsense", "2026-13-01"])
def test_a_bad_last_day_changes_nothing(desk, county_clerk, last_day):
    grant = county_clerk.grants.get()
    response = desk.post(
        at("grant_end", county_clerk, grant.pk), {"last_day": last_day}, follow=True
    )
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    grant.refresh_from_db()
    assert grant.ends_on is None


def test_a_grant_elsewhere_is_neither_shown_nor_ended(desk, regions):
    user = factories.make_user("", (Role.CLERK, "411521"), (Role.CLERK, "411522"))
    response = desk.get(at("user_detail", user))
    assert response.context["hidden_count"] == 1
    assert regions["411522"].name not in response.content.decode()
    elsewhere = user.grants.get(region=regions["411522"])
    assert desk.post(at("grant_end", user, elsewhere.pk)).status_code == 403
    for name in ("user_password", "user_deactivate", "user_reactivate"):
        assert desk.post(at(name, user)).status_code == 403
    assert user.check_password("long-enough-password")
    assert desk.get(reverse("accounts:user_list")).content.decode().count("光山县") == 0


def test_a_grant_of_another_user_is_not_found_under_this_one(desk, county_clerk, trainer):
    grant = trainer.grants.get()
    assert desk.post(at("grant_end", county_clerk, grant.pk)).status_code == 404


def test_a_deactivated_user_is_out_with_the_next_request(client, administrator, county_clerk):
    client.force_login(county_clerk)
    assert client.get(reverse("accounts:my_account")).status_code == 200
    other = type(client)()
    other.force_login(administrator)
    other.post(at("user_deactivate", county_clerk))
    response = client.get(reverse("accounts:my_account"))
    assert (response.status_code, response.url[:16]) == (302, "/accounts/login/")
    other.post(at("user_reactivate", county_clerk))
    assert client.get(reverse("accounts:my_account")).status_code == 302


def test_a_new_password_ends_the_sessions(client, administrator, county_clerk):
    client.force_login(county_clerk)
    other = type(client)()
    other.force_login(administrator)
    other.post(at("user_password", county_clerk))
    assert client.get(reverse("accounts:my_account")).status_code == 302


def test_posting_needs_the_token(administrator, county_clerk):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)
    assert client.post(at("user_deactivate", county_clerk)).status_code == 403
    assert User.objects.get(pk=county_clerk.pk).is_active


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_writes_are_posted(desk, county_clerk, method):
    for name in ("grant_create", "user_password", "user_deactivate", "user_reactivate"):
        assert getattr(desk, method)(at(name, county_clerk)).status_code == 405


@pytest.mark.parametrize("pk", ["x", "1", "00000000-0000-0000-0000-00000000000g"])
def test_an_address_that_is_none_is_not_found(desk, pk):
    assert desk.get(f"/staff/{pk}/").status_code == 404


# --- Lists --------------------------------------------------------------------------------------
def test_the_list_of_users_filters(desk, county_clerk, trainer, neighbour_clerk):
    def names(**query) -> set[str]:
        response = desk.get(reverse("accounts:user_list"), query)
        return {row.record.username for row in response.context["table"].rows}

    assert names() == {"administrator", "county_clerk", "trainer"}
    assert names(role="CLERK") == {"county_clerk"}
    assert names(q="train") == {"trainer"}
    User.objects.filter(pk=trainer.pk).update(is_active=False)
    assert names(state="False") == {"trainer"}
    assert names(region="411521001") == set()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"page": "-1"}, 404),
        ({"page": "1e9"}, 404),
        ({"page": "abc"}, 404),
        ({"sort": "password"}, 404),
        ({"region__user__password": "x"}, 400),
        ({"region": "411522"}, 404),
        ({"export": "exe"}, 404),
        ({"q": "\x00"}, 400),
    ],
)
@pytest.mark.parametrize("name", ["user_list", "audit_list"])
def test_lists_refuse_what_they_do_not_know(desk, name, query, status):
    if name == "audit_list" and "region" in query:
        status = 200
    assert desk.get(reverse(f"accounts:{name}"), query).status_code == status


@pytest.mark.parametrize("name", ["user_list", "audit_list"])
def test_lists_ask_the_database_as_often_for_30_as_for_3(desk, name, django_assert_max_num_queries):
    counts = []
    for more in (2, 27):
        for _n in range(more):
            factories.make_user("", (Role.CLERK, "411521"), (Role.TRAINER, "411521001"))
            AuditEvent.objects.create(action="accounts.test", region_path="411521")
        with django_assert_max_num_queries(12) as asked:
            desk.get(reverse(f"accounts:{name}"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_trail_shows_the_regions_of_its_reader(desk, administrator, county_clerk):
    for path in ("411521001", "411522", "41", ""):
        AuditEvent.objects.create(actor=county_clerk, action=f"t.{path}", region_path=path)

    def actions(**query) -> list[str]:
        response = desk.get(reverse("accounts:audit_list"), query)
        return [row.record.action for row in response.context["table"].rows]

    assert actions() == ["t.411521001", "accounts.signed_in"]
    assert actions(person="clerk") == ["t.411521001"]
    assert actions(q="signed") == ["accounts.signed_in"]
    tomorrow = (today() + timedelta(days=1)).isoformat()
    assert actions(since=tomorrow) == []
    assert actions(until=today().isoformat()) == ["t.411521001", "accounts.signed_in"]


def test_the_trail_says_in_words_what_was_done(desk, administrator):
    for action in ("accounts.grant_added", "somewhere.something_new"):
        AuditEvent.objects.create(actor=administrator, action=action, region_path="411521")
    page = desk.get(reverse("accounts:audit_list")).content.decode()
    assert "somewhere.something_new" in page
    assert ">accounts.grant_added<" not in page
    found = desk.get(reverse("accounts:audit_list"), {"action": "accounts.grant_added"})
    assert [row.record.action for row in found.context["table"].rows] == ["accounts.grant_added"]


def test_the_trail_shows_words_and_short_facts(desk, regions):
    trainee = User.objects.create(username="xueyuan7")
    learners = [str(uuid.uuid4()) for _ in range(3)]
    run = str(uuid.uuid4())
    AuditEvent.objects.create(
        actor=trainee,
        action="courses.learners_enrolled",
        target_type="courses.courserun",
        target_id=run,
        region_path="411521",
        detail={"learners": learners, "as_of": "2026-02-01", "role": "CLERK", "known_user": True},
    )
    row = desk.get(reverse("accounts:audit_list")).context["table"].rows[0]
    kind = str(CourseRun._meta.verbose_name)
    assert row.get_cell("target_id").startswith(f"{kind} ")
    assert f">…{run[-8:]}<" in row.get_cell("target_id")
    assert "xueyuan7" in row.get_cell("actor")
    assert row.get_cell("actor") != "xueyuan7", "says that it is a trainee's"
    detail = row.get_cell("detail")
    assert "2026-02-01" in detail
    assert str(Role.CLERK.label) in detail
    assert "3" in detail
    assert not any(text in detail for text in (*learners, "[", "True", "CLERK"))
    kept = row.get_cell_value("detail")
    assert all(learner in kept for learner in learners)


def test_a_code_means_what_the_field_of_its_record_says(desk, administrator):
    for target, reason in (("courses.parkedpicture", "stolen"), ("courses.sessioncheck", "")):
        AuditEvent.objects.create(
            actor=administrator,
            action="courses.picture_parked",
            target_type=target,
            region_path="411521",
            detail={"kind": "photo", "reason": reason},
        )
    shown = [
        row.get_cell("detail")
        for row in desk.get(reverse("accounts:audit_list")).context["table"].rows
    ]
    checked, parked = shown[:2]
    assert str(SessionEvidence.Kind.PHOTO.label) in parked
    assert str(SessionCheck.Kind.PHOTO.label) in checked
    assert not any(re.search("photo|stolen", line) for line in shown[:2])


def test_what_a_machine_wrote_is_shown_in_part_and_kept_whole(desk, administrator):
    statement = '{"day":"2026-11-22","format":"lms-day-1","root":"' + "5f" * 32 + '"}'
    words = "Called off because the hall was flooded."
    AuditEvent.objects.create(
        actor=administrator,
        action="certificates.day_signed",
        region_path="411521",
        detail={"statement": statement, "reason": words},
    )
    row = desk.get(reverse("accounts:audit_list")).context["table"].rows[0]
    assert statement not in row.get_cell("detail")
    assert statement[:20] in row.get_cell("detail")
    assert words in row.get_cell("detail")
    assert statement in row.get_cell_value("detail")


ROOT = Path(__file__).resolve().parent.parent.parent
RECORDED = re.compile(r'audit(?:_role)?\(\s*"([a-z]+\.[a-z_]+)"')


def test_every_action_has_words():
    apps = ("accounts", "learners", "courses", "certificates", "incubation", "quotas", "lms")
    sources = [path for app in apps for path in (ROOT / app).rglob("*.py")]
    recorded = {name for path in sources for name in RECORDED.findall(path.read_text())}
    assert len(recorded) > 50
    assert recorded <= set(ACTION_WORDS)


def test_codes_of_the_trail_are_said_as_their_fields_say_them(desk, administrator):
    AuditEvent.objects.create(
        actor=administrator,
        action="courses.mark_corrected",
        region_path="411521",
        detail={"old": "LEAVE", "new": "PRESENT", "kind": "learners.import_roster", "book": True},
    )
    detail = desk.get(reverse("accounts:audit_list")).context["table"].rows[0].get_cell("detail")
    assert str(AttendanceStatus.LEAVE.label) in detail
    assert str(ACTION_WORDS["learners.import_roster"]) in detail
    assert not re.search("LEAVE|PRESENT|import_roster|book", detail)
