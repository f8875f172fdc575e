"""Amounts as people write them."""

from decimal import Decimal

import pytest

from incubation.forms import parse_amount


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1200", "1200"),
        ("1,200", "1200"),
        ("1,200.50", "1200.50"),
        ("1.2万", "12000"),
        ("1.23456万", "12345.6"),
        ("0", "0"),
        ("0.5万", "5000"),
        ("１，２００", "1200"),
        ("￥1200元", "1200"),
        ("¥ 1 200", "1200"),
        ("3 万元", "30000"),
        ("-5", "-5"),
        ("10,000万", "100000000"),
    ],
)
def test_what_is_understood(typed, amount):
    assert parse_amount(typed) == Decimal(amount)


NO_AMOUNTS = """
1,2 / 1,2万 / 12,00 / ,200 / 1.2.3 / 一千二 / 12k / 1e12 / NaN / inf / 万 / 1.234 / 1万2 / 0x10
/ =1+1 / 1..2 / --5
"""


@pytest.mark.parametrize("typed", ["", *[text.strip() for text in NO_AMOUNTS.split("/")]])
def test_what_is_asked_back(typed):
    assert parse_amount(typed) is None


def test_a_huge_amount_is_left_to_the_limit():
    assert parse_amount("9" * 28) > 10**27
