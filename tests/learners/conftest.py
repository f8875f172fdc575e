"""What several tests of the archive begin with."""

import pytest

from tests import factories


@pytest.fixture
def two(regions):
    """The record that is kept, and the one that is merged into it: another number, no phone."""
    kept = factories.make_learner("张建国", phone="")
    merged = factories.make_learner("张建囯", "411521100200", phone="13900001111", education="初中")
    return kept, merged
