from io import BytesIO

import pytest
from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.test import RequestFactory

from lms.logs import current_request_id, set_request_id
from lms.middleware import CleanInputMiddleware
from lms.models import record_audit

#: NUL, a lone surrogate, and what invalid UTF-8 is turned into.
UNSTORABLE = ["\x00", "a\x00b", chr(0xD800), chr(0xFFFD)]


def sent(key, value):
    parameters = QueryDict(mutable=True)
    parameters[key] = value
    return parameters


@pytest.mark.parametrize("text", UNSTORABLE)
@pytest.mark.parametrize("where", ["get", "post", "key", "address"])
def test_what_no_database_stores_is_refused(text, where):
    request, address = RequestFactory().post("/"), {}
    if where == "address":
        address = {"code": text}
    elif where == "post":
        request.POST = sent("name", text)
    else:
        request.GET = sent("q", text) if where == "get" else sent(text, "1")
    middleware = CleanInputMiddleware(lambda request: None)
    with pytest.raises(BadRequest):
        middleware.process_view(request, None, (), address)


def test_names_in_any_script_pass():
    request = RequestFactory().post("/?q=%F0%AC%AD%9A", {"name": "阿依夏木·吾布力 ئايشەم 𬭚"})
    middleware = CleanInputMiddleware(lambda request: None)
    assert middleware.process_view(request, None, (), {"pk": 1}) is None


def test_invalid_utf8_in_an_address_is_a_bad_request(client, db):
    assert client.get("/livez?q=%ff%fe").status_code == 400
    assert client.get("/livez?q=%00").status_code == 400


def test_every_answer_has_an_id_of_its_own(client, db):
    ids = {client.get("/livez")["X-Request-ID"] for _ in range(2)}
    assert len(ids) == 2


def test_the_audit_line_carries_the_id_of_the_request(db):
    set_request_id("abc123")
    try:
        assert record_audit("lms.tried", actor=None).request_id == "abc123"
    finally:
        set_request_id("")
    assert current_request_id() == ""


def test_signed_in_pages_stay_out_of_caches(client, signed_in, county_clerk):
    assert "no-store" not in client.get("/static/none").get("Cache-Control", "")
    response = signed_in(county_clerk).get("/accounts/password/change/")
    assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))


@pytest.mark.parametrize("megabytes", [23, 2048])
def test_a_body_over_every_limit_is_refused_unread(client, db, megabytes):
    """Whoever is not signed in must not be able to fill the disk with what is then thrown away."""

    class Unread(BytesIO):
        def read(self, *size):
            raise AssertionError("the body was read")

    length = str(megabytes * 1024 * 1024)
    kind = "multipart/form-data; boundary=x"
    for address in ("/accounts/login/", "/learners/imports/new/"):
        sent_to = {"CONTENT_LENGTH": length, "CONTENT_TYPE": kind, "wsgi.input": Unread()}
        assert client.post(address, **sent_to).status_code == 413
