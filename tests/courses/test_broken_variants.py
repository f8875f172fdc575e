"""The tests of merging and custody have teeth: no broken variant survives them.

`python -m tests.broken_variants` shows the same as a table, on PostgreSQL.
"""

import os

import pytest
from django.conf import settings

from tests.broken_variants import ALONE, AT_ONCE, SOUND, Check, Variant, try_out

pytestmark = pytest.mark.postgres
ON_POSTGRESQL = "postgresql" in settings.DATABASES["default"]["ENGINE"]
transactional = pytest.mark.django_db(transaction=True, serialized_rollback=True)
one_writer = pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite has one writer at a time")


def pairs(variants: list[Variant]) -> list:
    return [
        pytest.param(variant, check, id=f"{variant.breaks.__name__}-{check.__name__}")
        for variant in variants
        for check in variant.checks
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("variant", "check"), pairs(ALONE))
def test_a_broken_variant_is_noticed(variant: Variant, check: Check) -> None:
    assert try_out(variant, check).tally.failed


@one_writer
@transactional
@pytest.mark.parametrize(("variant", "check"), pairs(AT_ONCE))
def test_a_missing_lock_is_noticed(variant: Variant, check: Check) -> None:
    assert try_out(variant, check).tally.failed


if "LMS_ALSO_SOUND" in os.environ:
    # The suite has these as tests of their own; the table shows them beside the broken ones.
    @pytest.mark.django_db
    @pytest.mark.parametrize(("variant", "check"), pairs(SOUND[:1]))
    def test_nothing_is_noticed_where_nothing_is_broken(variant: Variant, check: Check) -> None:
        assert not try_out(variant, check).tally.failed

    @one_writer
    @transactional
    @pytest.mark.parametrize(("variant", "check"), pairs(SOUND[1:]))
    def test_nor_of_two_tablets_at_once(variant: Variant, check: Check) -> None:
        assert not try_out(variant, check).tally.failed
