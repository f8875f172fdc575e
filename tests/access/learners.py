"""Learners: the archive is the clerk's and the official's, imports are the clerk's alone."""

from datetime import timedelta

from django.utils import timezone

from learners.actions import add_entries, create_register, seal_edition
from learners.actions.erasing import erase_learner
from learners.actions.facts import hold_role
from learners.actions.households import join_households
from learners.actions.imports import receive_roster
from learners.actions.merging import merge_learners
from learners.actions.privacy import give_consent
from learners.actions.suspects import suspect_pair, tell_apart
from learners.tasks import check_roster
from lms.lib.periods import today
from tests import factories
from tests.access import Page, Place, page
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
    villages = create_register(
        purpose="QUALIFYING_VILLAGES", year=2026, region=region, actor=place.clerk
    )
    yesterday = timezone.now() - timedelta(days=1)
    seal_edition(edition=edition, sealed_at=yesterday, actor=place.clerk)
    found = receive_roster(
        content=make_xlsx(
            [
                *make_rows(300, 302),
                *make_rows(303, 303, village="无此村"),
                [9, "无号", "", "", "丽水街道", "", ""],
            ]
        ),
        file_name="名单.xlsx",
        region=region,
        as_of=AS_OF,
        actor=place.clerk,
    )
    check_roster(roster_import=found, actor=place.clerk)
    pair, decided, merge, walk_in = _duplicates(place)
    held = hold_role(
        learner=learner,
        role="RETURNEE",
        region=learner.home_region,
        starts_on=AS_OF,
        ends_on=None,
        actor=place.clerk,
    )
    (consent,) = give_consent(
        learner=learner,
        purposes=["ARCHIVE"],
        given_on=AS_OF,
        means="PAPER",
        text_edition="1",
        actor=place.clerk,
    )
    made_up = factories.make_household(place.village)
    made_up.inferred = True
    made_up.save(update_fields=["inferred"])
    joined = factories.make_household(place.village)
    joined.inferred = True
    joined.save(update_fields=["inferred"])
    join_households(source=joined, into=household, relation="8", reason="同户", actor=place.clerk)
    gone = factories.make_learner("已删人", place.village)
    erase_learner(learner=gone, reason="ASKED", actor=place.administrator)
    return {
        "erased": {"pk": gone.pk},
        "pair": {"pk": pair.pk},
        "decided": {"pk": decided.pk},
        "merge": {"pk": merge.pk},
        "walk_in": {"pk": walk_in.pk},
        "two": {"one": walk_in.pk, "other": learner.pk},
        "made_up": {"pk": made_up.pk},
        "joined": {"pk": joined.pk},
        "joining": {"into": str(household.pk), "relation": "2", "reason": "同户"},
        "held": {"pk": learner.pk, "held": held.pk},
        "consent": {"pk": learner.pk, "consent": consent.pk},
        "withdrawal": {"withdrawn_on": today().isoformat()},
        "consenting": {
            "purposes": ["FOLLOW_UP"],
            "given_on": today().isoformat(),
            "means": "SMS",
            "text_edition": "1",
        },
        "ending": {"ends_on": today().isoformat()},
        "role": {
            "role": "VILLAGE_CADRE",
            "region": place.village,
            "starts_on": today().isoformat(),
        },
        "correction": {"name": "档案人", "education": "初中", "reason": "本人出示毕业证"},
        "moving": {
            "number": made_up.number,
            "relation": "2",
            "starts_on": today().isoformat(),
            "reason": "分户",
        },
        "learner": {"pk": learner.pk},
        "household": {"pk": household.pk},
        "import": {"pk": found.pk},
        "blank": {"kind": "roster"},
        "register": {"pk": sealed.pk},
        "opened": {"pk": opened.editions.get().pk},
        "sealed": {"pk": edition.pk},
        "groups": {"groups": ["POOR"]},
        "entry": {"pk": opened.editions.get().entries.get().pk},
        "villages": {"pk": villages.editions.get().pk},
    }


def _duplicates(place: Place):
    """An open pair, one told apart, a merge in force, and a walk-in to identify."""
    people = [factories.make_learner("重复人", place.village) for _ in range(6)]
    pairs = [
        suspect_pair(one=one, other=other, actor=place.clerk)
        for one, other in zip(people[::2], people[1::2], strict=True)
    ]
    tell_apart(pair=pairs[1], reason="两人", actor=place.clerk)
    merge = merge_learners(kept=people[4], merged=people[5], reason="同一人", actor=place.clerk)
    return (
        pairs[0],
        pairs[1],
        merge,
        factories.make_learner("来人", place.village, provisional=True),
    )


def written(target: str, data: str, **others: int) -> list[Page]:
    """A form of the clerk's on something that officials may read."""
    refused = {"official": 403, "province": 403} | others
    return [
        page(target, clerk=200, **refused),
        page(target, method="post", data=data, clerk=302, **refused),
    ]


OFFICE = {"clerk": 200, "official": 200, "province": 200}
EXPECTED = {
    "learners:learner_list": page(**OFFICE),
    "learners:learner_find": page(method="post", data={"q": "4" * 18}, **OFFICE),
    "learners:learner_export": [
        page(**OFFICE),
        page(method="post", clerk=302, official=302, province=302),
    ],
    "learners:learner_detail": page("learner", **OFFICE),
    "learners:learner_identify": [
        page("walk_in", clerk=200, official=403, trainer=403, province=403),
        page("walk_in", method="post", data={"name": "某"}, clerk=200, official=403, trainer=403),
    ],
    "learners:duplicate_list": page(clerk=200),
    "learners:duplicate_create": page(method="post", data="two", clerk=302, neighbour=404),
    "learners:duplicate_detail": page("pair", clerk=200, official=403, trainer=403, province=403),
    "learners:duplicate_merge": page(
        "pair",
        method="post",
        data={"keep": "first", "reason": "同一人"},
        clerk=302,
        official=403,
        trainer=403,
        province=403,
    ),
    "learners:duplicate_apart": page(
        "pair", method="post", data={"reason": "两人"}, clerk=302, official=403, trainer=403
    ),
    "learners:duplicate_again": page(
        "decided", method="post", clerk=302, official=403, trainer=403
    ),
    "learners:merge_undo": page(
        "merge", method="post", data={"reason": "误合并"}, clerk=302, official=403, trainer=403
    ),
    # Seeing numbers starts with the password: everybody is sent there first.
    "learners:learner_reveal": [
        page("learner", clerk=302, official=302, province=302),
        page("learner", method="post", clerk=302, official=302, province=302),
    ],
    "learners:learner_sheet": page("learner", **OFFICE),
    # Who reads the archive may not erase; who erases is sent to the password first.
    "learners:learner_erase": [
        page("learner", administrator=302, clerk=403, official=403, province=403, trainer=404),
        page("learner", method="post", administrator=302, clerk=403, official=403, province=403),
        page("erased", administrator=200, clerk=403, official=403, province=403),
    ],
    "learners:erasure_list": [
        page(administrator=200),
        page(query="export=xlsx", administrator=200),
    ],
    "learners:erasure_find": page(method="post", data={"number": "4" * 18}, administrator=422),
    "learners:learner_update": written("learner", "correction"),
    "learners:role_add": written("learner", "role"),
    "learners:role_end": written("held", "ending"),
    "learners:household_change": written("learner", "moving"),
    "learners:consent_give": written("learner", "consenting"),
    "learners:consent_withdraw": written("consent", "withdrawal"),
    "learners:household_detail": page("household", **OFFICE, field_worker=200),
    "learners:household_sheet": page("household", **OFFICE, field_worker=200),
    "learners:household_join": written("made_up", "joining", field_worker=403),
    "learners:household_join_undo": page(
        "joined", method="post", clerk=302, official=403, province=403, field_worker=403
    ),
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
    "learners:import_columns": [
        page("import", clerk=200),
        page("import", method="post", data={"s0-first": "x"}, clerk=422),
    ],
    "learners:import_places": [
        page("import", clerk=200),
        page("import", method="post", clerk=422),
    ],
    "learners:import_forget": page("import", method="post", clerk=302),
    "learners:register_list": page(**OFFICE),
    "learners:register_create": [
        page(clerk=200),
        page(method="post", data={"year": "x"}, clerk=422),
    ],
    "learners:register_detail": page("register", **OFFICE),
    "learners:edition_open": page("register", method="post", clerk=302, official=403, province=403),
    "learners:edition_compose": [
        page("register", clerk=200, official=403, province=403),
        page("register", method="post", clerk=422, official=403, province=403),
    ],
    "learners:edition_seal": [
        page("opened", clerk=200, official=403, province=403),
        page("opened", method="post", clerk=302, official=403, province=403),
    ],
    "learners:edition_propose": page("opened", clerk=200, official=403, province=403),
    "learners:edition_bridge": page("sealed", **OFFICE),
    "learners:edition_verify": page("sealed", **OFFICE),
    "learners:edition_print": page("sealed", **OFFICE),
    "learners:entry_add": [
        page("opened", clerk=200, official=403, province=403),
        page("opened", method="post", clerk=422, official=403, province=403),
    ],
    "learners:entry_update": [
        page("entry", clerk=200, official=403, province=403),
        page("entry", method="post", clerk=302, official=403, province=403),
    ],
    "learners:entry_remove": page("entry", method="post", clerk=302, official=403, province=403),
    "learners:village_import": [
        page("villages", clerk=200, official=403, province=403),
        page("villages", method="post", clerk=422, official=403, province=403),
    ],
    "learners:village_confirm": page(
        "villages", method="post", clerk=302, official=403, province=403
    ),
    "learners:edition_fill": page("opened", method="post", clerk=302, official=403, province=403),
    "learners:entry_adjust": [
        page("sealed", clerk=200, official=403, province=403),
        page("sealed", method="post", clerk=422, official=403, province=403),
    ],
}
