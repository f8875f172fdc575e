"""Learners: the archive is the clerk's and the official's, imports are the clerk's alone."""

from datetime import timedelta

from django.utils import timezone

from learners.actions import add_entries, create_register, seal_edition
from learners.actions.imports import receive_roster
from learners.tasks import check_roster
from tests import factories
from tests.access import Place, page
from tests.learners.rosters import AS_OF, make_rows, make_xlsx


def make(place: Place) -> dict[str, dict]:
    household = factories.make_household(place.village)
    learner = factories.make_learner("档案人", place.village, household=household)
    region = factories.make_region(place.county)
    opened = create_register(purpose="CADRES", year=2026, region=region, actor=place.clerk)
    add_entries(edition=opened.editions.get(), subjects=[learner], actor=place.clerk)
    sealed = create_register(purpose="ABLE_WILLING", year=2026, region=region, actor=place.clerk)
    edition = sealed.editions.get()
    add_entries(edition=edition, subjects=[learner], actor=place.clerk)
    yesterday = timezone.now() - timedelta(days=1)
    seal_edition(edition=edition, sealed_at=yesterday, actor=place.clerk)
    found = receive_roster(
        content=make_xlsx([*make_rows(300, 302), [9, "无号", "", "", "丽水街道", "", ""]]),
        file_name="名单.xlsx",
        region=region,
        as_of=AS_OF,
        actor=place.clerk,
    )
    check_roster(roster_import=found, actor=place.clerk)
    return {
        "learner": {"pk": learner.pk},
        "household": {"pk": household.pk},
        "import": {"pk": found.pk},
        "blank": {"kind": "roster"},
        "register": {"pk": sealed.pk},
        "opened": {"pk": opened.editions.get().pk},
        "sealed": {"pk": edition.pk},
        "groups": {"groups": ["POOR"]},
    }


OFFICE = {"clerk": 200, "official": 200, "province": 200}
EXPECTED = {
    "learners:learner_list": page(**OFFICE),
    "learners:learner_find": page(method="post", data={"number": "1"}, **OFFICE),
    "learners:learner_detail": page("learner", **OFFICE),
    "learners:household_detail": page("household", **OFFICE, field_worker=200),
    "learners:import_list": page(clerk=200),
    "learners:import_create": [
        page(clerk=200),
        page(method="post", data={"as_of": "x"}, clerk=422),
    ],
    "learners:import_detail": page("import", clerk=200),
    "learners:import_confirm": page("import", method="post", clerk=302),
    "learners:import_abandon": page("import", method="post", clerk=302),
    "learners:import_blank": page("blank", scoped=False, clerk=200, neighbour=200),
    "learners:import_rows": page("import", clerk=200),
    "learners:import_undo": page("import", method="post", data={"reason": "x"}, clerk=302),
    "learners:import_errors": page("import", clerk=200),
    "learners:register_list": page(**OFFICE),
    "learners:register_create": [
        page(clerk=200),
        page(method="post", data={"year": "x"}, clerk=422),
    ],
    "learners:register_detail": page("register", **OFFICE),
    "learners:edition_open": page("register", method="post", clerk=302, official=403, province=403),
    "learners:edition_seal": page("opened", method="post", clerk=302, official=403, province=403),
    "learners:edition_fill": page("opened", method="post", clerk=302, official=403, province=403),
    "learners:entry_adjust": [
        page("sealed", clerk=200, official=403, province=403),
        page("sealed", method="post", clerk=422, official=403, province=403),
    ],
}
