"""Numbers in clear: who, how often, after what, and what is left behind."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse
from django.utils import timezone

from learners.actions.privacy import PrivacyError, reveal_identity
from learners.models import Learner, Reveal
from lms.lib import crypto
from lms.lib.scope import Role
from lms.models import AuditEvent, record_audit
from tests import factories
from tests.courses.test_concurrency import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
REASON = {"reason": "CONTACT", "note": "电话回访十月的经营情况"}
PASSWORD = "long-enough-password"


@pytest.fixture
def learner() -> Learner:
    return factories.make_learner("李建军")


def address(learner: Learner) -> str:
    return reverse("learners:learner_reveal", args=[learner.pk])


def confirm(client) -> None:
    """Enter the password, as the page asks for."""
    response = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert response.status_code == 302


def reveal(learner: Learner, actor, **facts):
    facts = {"reason": "CONTACT", "note": "电话回访", "form": "SCREEN"} | facts
    return reveal_identity(learner=learner, **facts, actor=actor)


# --- the journey ---
def test_the_password_comes_first_then_the_reason_then_the_numbers_once(
    signed_in, county_clerk, learner
):
    client = signed_in(county_clerk)
    asked = client.get(address(learner))
    assert (
        asked.url
        == f"{reverse('account_reauthenticate')}?next={address(learner).replace('/', '%2F')}"
    )
    back = client.post(asked.url, {"password": PASSWORD, "next": address(learner)})
    assert back.url == address(learner)
    page = client.get(address(learner))
    assert learner.clear_id_number() not in page.content.decode()
    shown = client.post(address(learner), REASON)
    text = shown.content.decode()
    for number in (learner.clear_id_number(), "13800000617", "1985-06-01"):
        assert number in text
    assert "no-store" in shown["Cache-Control"]
    found = Reveal.objects.get()
    assert (found.learner, found.actor, found.note) == (learner, county_clerk, REASON["note"])
    assert found.audit_event.action == "learners.identity_revealed"
    assert REASON["note"] not in str(found.audit_event.detail)
    for again in (address(learner), reverse("learners:learner_detail", args=[learner.pk])):
        assert learner.clear_id_number() not in client.get(again).content.decode()


def test_a_posted_reason_is_not_kept_while_the_password_is_asked(signed_in, county_clerk, learner):
    client = signed_in(county_clerk)
    response = client.post(address(learner), REASON)
    assert response.status_code == 302
    assert not Reveal.objects.exists()
    assert REASON["note"] not in str(dict(client.session))


def test_a_password_older_than_fifteen_minutes_is_asked_again(
    signed_in, county_clerk, learner, monkeypatch
):
    client = signed_in(county_clerk)
    confirm(client)
    assert client.get(address(learner)).status_code == 200
    later = timezone.now().timestamp() + 15 * 60 + 1
    monkeypatch.setattr("allauth.account.internal.flows.reauthentication.time.time", lambda: later)
    assert client.get(address(learner)).status_code == 302
    assert client.post(address(learner), REASON).status_code == 302
    assert not Reveal.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""},
        {"reason": "CURIOSITY"},
        {"note": ""},
        {"note": "   "},
        {"note": "打 13800000617 问一下"},
    ],
)
def test_without_a_proper_reason_nothing_is_shown(signed_in, county_clerk, learner, wrong):
    client = signed_in(county_clerk)
    confirm(client)
    response = client.post(address(learner), REASON | wrong)
    assert response.status_code == 422
    assert learner.clear_id_number() not in response.content.decode()
    assert not Reveal.objects.exists()


# --- roles ---
@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.CLERK, 200),
        (Role.OFFICIAL, 200),
        (Role.FIELD_WORKER, 404),  # a case makes the person theirs, see below
        (Role.INSPECTOR, 404),
        (Role.TRAINER, 404),
        (Role.ADMINISTRATOR, 404),
    ],
)
def test_who_may_see_the_numbers_of_their_region(signed_in, learner, role, status):
    client = signed_in(factories.make_user("somebody", (role, "411521")))
    confirm(client)
    assert client.post(address(learner), REASON).status_code == status


def test_a_trainer_reaches_the_person_and_not_the_numbers(signed_in, trainer, learner):
    run = factories.make_run()
    factories.make_session(run, user=trainer)
    factories.make_enrolment(run, learner)
    client = signed_in(trainer)
    confirm(client)
    page = client.get(reverse("learners:learner_detail", args=[learner.pk]))
    assert page.status_code == 200
    assert not page.context["may_reveal"]
    assert client.post(address(learner), REASON).status_code == 403


def test_the_county_of_the_class_does_not_see_the_numbers_of_guests(
    signed_in, neighbour_clerk, learner
):
    run = factories.make_run("411522")
    factories.make_enrolment(run, learner)
    client = signed_in(neighbour_clerk)
    confirm(client)
    assert client.get(reverse("learners:learner_detail", args=[learner.pk])).status_code == 200
    assert client.post(address(learner), REASON).status_code == 403


# --- order, limit, constraints ---
def test_the_audit_line_stands_before_anything_is_decrypted(county_clerk, learner, monkeypatch):
    seen = []
    decrypt = crypto.decrypt

    def watching(*args, **kwargs):
        seen.append(Reveal.objects.filter(audit_event__isnull=False).count())
        return decrypt(*args, **kwargs)

    monkeypatch.setattr("lms.lib.crypto.decrypt", watching)
    reveal(learner, county_clerk)
    assert seen
    assert set(seen) == {1}


def test_nothing_is_decrypted_when_the_audit_line_fails(county_clerk, learner, monkeypatch):
    def failing(*args, **kwargs):
        raise RuntimeError("the trail is full")

    def never(*args, **kwargs):
        raise AssertionError("decrypted without an audit line")

    monkeypatch.setattr("learners.actions.privacy.record_audit", failing)
    monkeypatch.setattr("lms.lib.crypto.decrypt", never)
    with pytest.raises(RuntimeError):
        reveal(learner, county_clerk)
    assert not Reveal.objects.exists()


def test_nothing_is_decrypted_when_the_reveal_itself_is_refused(county_clerk, learner, monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError("decrypted without a stored reason")

    monkeypatch.setattr("lms.lib.crypto.decrypt", never)
    with pytest.raises(IntegrityError), transaction.atomic():
        reveal(learner, county_clerk, note="  ")
    assert not AuditEvent.objects.filter(action="learners.identity_revealed").exists()


def test_thirty_a_day_each(county_clerk, county_official, learner, settings):
    settings.REVEALS_A_DAY = 2
    reveal(learner, county_clerk)
    reveal(learner, county_clerk)
    with pytest.raises(PrivacyError, match="REVEAL_LIMIT"):
        reveal(learner, county_clerk)
    reveal(learner, county_official)
    assert Reveal.objects.count() == 3


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"],
    reason="SQLite has one writer at a time",
)
def test_the_limit_holds_for_many_tabs_at_once(county_clerk, learner, settings):
    """Twelve threads for the last three: three get the numbers, nine the reason why not."""
    settings.REVEALS_A_DAY = 5
    reveal(learner, county_clerk)
    reveal(learner, county_clerk)
    results = at_once(*[lambda: reveal(learner, county_clerk)] * 12)
    refused = [result for result in results if isinstance(result, PrivacyError)]
    shown = [result for result in results if not isinstance(result, Exception)]
    assert (len(shown), len(refused)) == (3, 9)
    assert {error.code for error in refused} == {"REVEAL_LIMIT"}
    assert (
        Reveal.objects.count()
        == AuditEvent.objects.filter(action="learners.identity_revealed").count()
        == 5
    )


def test_yesterday_does_not_count_today(county_clerk, learner, settings):
    settings.REVEALS_A_DAY = 1
    event = record_audit("learners.identity_revealed", actor=county_clerk, target=learner)
    Reveal.objects.create(
        learner=learner, reason="CONTACT", note="回访", form="SCREEN", actor=county_clerk,
        audit_event=event, revealed_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    reveal(learner, county_clerk)
    with pytest.raises(PrivacyError):
        reveal(learner, county_clerk)


def test_the_limit_is_said_on_the_page(signed_in, county_clerk, learner, settings):
    settings.REVEALS_A_DAY = 0
    client = signed_in(county_clerk)
    confirm(client)
    response = client.post(address(learner), REASON)
    assert response.status_code == 422
    assert learner.clear_id_number() not in response.content.decode()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "missing", [{"note": " "}, {"reason": "x"}, {"actor": None}, {"revealed_at": None}]
)
def test_the_database_refuses_a_reveal_without_reason_actor_or_time(county_clerk, learner, missing):
    event = record_audit("learners.identity_revealed", actor=county_clerk, target=learner)
    facts = {
        "reason": "CONTACT", "note": "回访", "form": "SCREEN", "actor": county_clerk,
        "revealed_at": timezone.now(),
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Reveal.objects.create(learner=learner, audit_event=event, **facts | missing)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "change",
    ["UPDATE learners_reveal SET note = 'x'", "DELETE FROM learners_reveal"],
)
def test_a_reveal_stays(county_clerk, learner, change):
    reveal(learner, county_clerk)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
