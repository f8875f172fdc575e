"""A batch of marks that goes straight to its route is answered as the usual way answers it."""

import json

import pytest
from django.db import OperationalError
from django.test import override_settings

from courses.models import MarkEvent
from lms import api
from tests import factories
from tests.courses.tablets import API, Tablet, new_id

pytestmark = pytest.mark.django_db
TYPE = "application/json"


@pytest.fixture
def pad(trainer) -> Tablet:
    return Tablet(trainer)


@pytest.fixture
def short(monkeypatch) -> list[str]:
    """The requests that went the short way."""
    taken: list[str] = []
    own = api._push

    def push(request):
        taken.append(request.path)
        return own(request)

    monkeypatch.setattr(api, "_push", push)
    return taken


def both_ways(pad: Tablet, content, kind: str = TYPE, **headers: str):
    """With anything behind the address a request goes the usual way."""
    said = content if isinstance(content, (str, bytes)) else json.dumps(content)
    sent = {"Authorization": f"Bearer {pad.token}"} | headers
    return [
        pad.client.post(f"{API}/push{query}", said, kind, headers=sent)
        for query in ("", "?usual=1")
    ]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"events": [None, 7, "x", {}]}, 200),
        ({"batch_id": "no uuid"}, 400),
        ({"last_seq": -1}, 400),
        ({"last_seq": "1"}, 400),
        ({"events": {}}, 400),
        ({"app_version": "1" * 41}, 400),
        ({"device": str(new_id())}, 409),
        ({"events": [{}] * 51}, 413),
        ({"events": ["x" * 70_000]}, 413),
    ],
)
def test_bodies(pad, short, change, status):
    found = both_ways(pad, pad.body() | change)
    assert [answer.status_code for answer in found] == [status] * 2
    one, other = (answer.json() for answer in found)
    for answer in (one, other):
        answer.pop("server_time", None)
    assert one == other
    assert {answer["Content-Type"] for answer in found} == {f"{TYPE}; charset=utf-8"}
    assert short == [f"{API}/push"]


@pytest.mark.parametrize(
    "content", ["", "null", "[]", "7", '"x"', "{", '{"batch_id": NaN}', b"\xff"]
)
def test_what_is_no_body(pad, short, content):
    one, other = both_ways(pad, content)
    assert (one.status_code, one.json()) == (other.status_code, other.json())
    assert one.status_code == 400
    assert len(short) == 1


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic eDp5"])
def test_nobody_without_a_token(pad, short, header):
    one, other = both_ways(pad, pad.body(), Authorization=header)
    assert (one.status_code, one.json()) == (other.status_code, other.json())
    assert one.status_code == 401
    assert len(short) == 1


def test_a_form_is_no_batch(pad, short):
    kind = "application/x-www-form-urlencoded"
    assert [answer.status_code for answer in both_ways(pad, "a=1", kind)] == [400, 400]


def test_other_methods_go_the_usual_way(pad, short):
    assert pad.client.get(f"{API}/push", headers=pad.headers()).status_code == 405
    assert short == []


def test_a_made_up_host_is_refused(pad):
    answer = pad.post("push", pad.body(), Host="evil.example")
    assert answer.status_code == 400


@override_settings(SECURE_SSL_REDIRECT=True)
def test_only_over_tls_where_that_is_asked_for(pad, short):
    assert pad.push().status_code == 301
    assert short == []


def test_what_stands_before_it_holds_for_it(pad, short):
    answer = pad.push()
    assert len(answer["X-Request-ID"]) == 12
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("default-src 'self'")
    assert answer["Content-Length"] == str(len(answer.content))
    assert len(short) == 1


def test_a_busy_database_means_later(pad, monkeypatch):
    def locked(**_fields):
        raise OperationalError("database is locked")

    monkeypatch.setattr("courses.api.push_events", locked)
    found = both_ways(pad, pad.body())
    assert [(one.status_code, one["Retry-After"]) for one in found] == [(503, "5")] * 2
    assert found[0].json() == found[1].json()


def test_marks_arrive_by_either(pad, trainer, short):
    session = factories.make_session(factories.make_run(), user=trainer)
    who = factories.make_enrolment(session.run).learner
    found = both_ways(pad, pad.body(pad.mark(session, who)))
    assert [one.json()["results"][0]["result"] for one in found] == ["accepted", "duplicate"]
    assert MarkEvent.objects.count() == 1
    assert len(short) == 1


@pytest.mark.parametrize(
    ("usual", "odd", "status"),
    [
        ('"seq": 1', '"seq": 7, "seq": 1', 200),
        ('"kind": "mark"', r'"kind": "\u006dark"', 200),
        ('"skew_ms": 0', '"skew_ms": -0', 200),
        ('"app_version": "1.0.0"', r'"app_version": "\ud800"', 400),
        ('"skew_ms": 0', '"skew_ms": NaN', 400),
        ('"skew_ms": 0', '"skew_ms": 0,', 400),
        ("{", "\ufeff{", 200),
    ],
)
def test_odd_spellings_are_read_alike(pad, trainer, short, usual, odd, status):
    """Of one who came by the one way the other way knows that the same was said."""
    session = factories.make_session(factories.make_run(), user=trainer)
    who = factories.make_enrolment(session.run).learner
    content = json.dumps(pad.body(pad.mark(session, who)))
    assert usual in content
    found = both_ways(pad, content.replace(usual, odd, 1))
    assert [one.status_code for one in found] == [status] * 2
    if status == 200:
        assert [one.json()["results"][0]["result"] for one in found] == ["accepted", "duplicate"]
