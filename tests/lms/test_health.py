import pytest
from django.db import OperationalError
from django.utils import timezone

from lms import health
from lms.models import WorkerBeat

pytestmark = pytest.mark.django_db


def test_a_live_process_says_so_without_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/livez").json() == {"live": True}


def test_ready_when_everything_is_there(client):
    WorkerBeat.objects.create(name="w")
    response = client.get("/readyz")
    assert response.status_code == 200, response.content
    assert set(response.json()) == {"database", "migrations", "worker", "fonts"}


def test_not_ready_without_a_recent_sign_of_life_of_a_worker(client, settings):
    silent = timezone.timedelta(seconds=settings.TASK_HEARTBEAT_SECONDS + 1)
    WorkerBeat.objects.create(name="w", at=timezone.now() - silent)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert {name for name, there in response.json().items() if not there} == {"worker"}


def test_not_ready_without_the_fonts(client, monkeypatch):
    WorkerBeat.objects.create(name="w")
    monkeypatch.setattr(health, "installed_fonts", lambda: frozenset({"DejaVu Sans"}))
    assert client.get("/readyz").json()["fonts"] is False


def test_not_ready_while_a_migration_is_missing(client, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *args: ["0002_new"])
    assert client.get("/readyz").json()["migrations"] is False


def test_a_failing_check_is_a_false_and_its_words_stay_inside(client, monkeypatch):
    def fail():
        raise OperationalError("password of lms@db refused")

    monkeypatch.setitem(health.CHECKS, "database", fail)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, False)
    assert b"password" not in response.content
