"""Any evening: what tablets wrote is in the log once, and the state is what the log says.

That broken variants do not survive it: tests/courses/test_broken_variants.py.
"""

import pytest

from tests.broken_variants import Tally, any_evening

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_any_evening(db):
    tally = Tally()
    any_evening(tally, examples=12, steps=25)
    assert (tally.begun, tally.failed) == (12, 0)
