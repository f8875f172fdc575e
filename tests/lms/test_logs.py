import json
import logging
import sys

import pytest

from lms.logs import JsonFormatter, set_request_id


def formatted(message, *args, exc_info=None):
    record = logging.LogRecord("lms.test", logging.WARNING, "x.py", 1, message, args, exc_info)
    return json.loads(JsonFormatter().format(record))


def test_one_json_line_with_the_request_in_hand():
    set_request_id("abc123")
    try:
        line = formatted("row %s: %s", 3, "ok")
    finally:
        set_request_id("")
    assert (line["event"], line["level"], line["logger"]) == ("row 3: ok", "WARNING", "lms.test")
    assert line["request_id"] == "abc123"
    assert line["ts"].endswith("+00:00")


@pytest.mark.parametrize(
    "secret", ["41152119850601001X", "411521198506010012", "411521850601001", "13800000617"]
)
def test_numbers_of_people_are_struck_out(secret):
    line = formatted(f"身份证号{secret},电话", exc_info=None)
    assert secret not in line["event"]
    assert "[redacted]" in line["event"]
    try:
        raise ValueError(f"bad value {secret}")
    except ValueError:
        line = formatted("failed", exc_info=sys.exc_info())
    assert secret not in line["error"]
    assert "ValueError" in line["error"]


def test_other_numbers_stay():
    line = formatted("batch 20261122090000 of 12345, certificate 2026-000123")
    assert line["event"] == "batch 20261122090000 of 12345, certificate 2026-000123"
