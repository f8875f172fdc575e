"""The entries of an edition as pages list them: whom, filtered by what is said of them."""

from uuid import UUID

from django.db.models import Q, QuerySet

from learners.models import Household, Learner, Membership, Register, RegisterEdition, RegisterEntry
from learners.queries.registers import Subject
from learners.queries.search import find_by_number, search_learners, trained
from lms.lib.periods import today, valid_on
from lms.lib.scope import HasScope
from regions.models import Region

Entries = QuerySet[RegisterEntry]


def with_subjects(rows: Entries) -> Entries:
    """With all that a row of a list shows of its subject, in the same query."""
    return rows.select_related(
        "learner", "household__head", "village__parent", "region_at_seal__parent"
    )


def search_entries(rows: Entries, text: str) -> Entries:
    """By name, pinyin initials or last four; by household number; by the village's name."""
    people = search_learners(Learner.objects.all(), text)
    found = Q(learner__in=people) | Q(household__head__in=people)
    found |= Q(household__number__icontains=text) | Q(village__name__icontains=text)
    return rows.filter(found)


def entries_in(rows: Entries, place: Region) -> Entries:
    return rows.filter(region_at_seal__in=Region.objects.within(place))


def entries_by_training(rows: Entries, *, done: bool) -> Entries:
    """Whether the person, or anybody of the household, is trained."""
    condition = trained()
    if condition is None:
        return rows
    people = Learner.objects.filter(condition)
    homes = Membership.objects.filter(valid_on(today()), learner__in=people)
    is_done = Q(learner__in=people) | Q(household__in=homes.values("household"))
    return rows.filter(is_done) if done else rows.exclude(is_done)


def subject_on(entry: RegisterEntry) -> Subject:
    subject = entry.learner or entry.household or entry.village
    assert subject is not None  # noqa: S101 - held by a constraint of the table
    return subject


def find_subject(user: HasScope, register: Register, text: str) -> Subject | None:
    """Whom a whole ID number, a household number or a village code names in the region."""
    if register.subject == Register.Subject.VILLAGE:
        villages = Region.objects.current().within(register.region)
        return villages.filter(code=text, level=Region.Level.VILLAGE).first()
    if register.subject == Register.Subject.HOUSEHOLD:
        inside = Region.objects.within(register.region)
        rows = Household.objects.visible_to(user).filter(region__in=inside)
        return rows.filter(number=text.strip()).first()
    found = find_by_number(user, text).within(register.region).filter(provisional=False)
    people = list(found[:2])
    return people[0] if len(people) == 1 else None  # one telephone may be several people's


def people_to_add(user: HasScope, edition: RegisterEdition, text: str) -> QuerySet[Learner]:
    """People of the register's region whom `text` may mean and who are not on the edition."""
    people = Learner.objects.visible_to(user).live().filter(provisional=False)
    here = people.within(edition.register.region)
    rows = search_learners(here, text).exclude(entries__edition=edition)
    return rows.select_related("home_region__parent").order_by("home_region__path", "name", "pk")


def chosen_people(user: HasScope, edition: RegisterEdition, keys: list[UUID]) -> list[Learner]:
    people = Learner.objects.visible_to(user).live().filter(provisional=False, pk__in=keys)
    return list(people.within(edition.register.region).select_related("home_region"))


def composable(register: Register) -> QuerySet[RegisterEdition]:
    """Of each register of the kind below the region the last sealed edition."""
    inside = Region.objects.within(register.region).exclude(pk=register.region_id)
    rows = RegisterEdition.objects.filter(
        register__region__in=inside,
        register__purpose=register.purpose,
        register__subject=register.subject,
        register__year=register.year,
        sealed_at__isnull=False,
    )
    last = dict(rows.order_by("no").values_list("register", "pk"))
    found = rows.filter(pk__in=last.values()).select_related("register__region")
    return found.order_by("register__region__path")
