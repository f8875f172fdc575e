"""Registers with their first edition, as the tests need them."""

from learners.actions import add_entries, create_register
from learners.models import Register, RegisterEdition
from tests import factories


def make_register(code="411521", purpose="ABLE_WILLING", **facts) -> Register:
    return create_register(
        purpose=purpose, year=2026, region=factories.make_region(code), actor=None, **facts
    )


def make_edition(
    subjects=(), *, code="411521", purpose="ABLE_WILLING", facts=None, **options
) -> RegisterEdition:
    edition = make_register(code, purpose, **options).editions.get()
    add_entries(edition=edition, subjects=list(subjects), facts=facts, actor=None)
    return edition
