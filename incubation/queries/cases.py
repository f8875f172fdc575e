"""Who is due, whom one reaches, and for whom one may open a case."""

from datetime import date, timedelta

from django.contrib.auth import get_user_model
from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery

from accounts.models import Grant, User
from courses.models import Enrolment
from incubation.models import FollowUpPlan, FollowUpTask, FollowUpTaskQuerySet, IncubationCase
from learners.models import Household, Learner
from lms.lib.periods import today, valid_on
from lms.lib.scope import HasScope, Role, Scope, under
from regions.models import Region

#: Who may write what they see; an official only reads.
WRITERS = (Role.CLERK, Role.FIELD_WORKER)
READERS = (Role.CLERK, Role.FIELD_WORKER, Role.OFFICIAL)


# --- Whom one reaches ---------------------------------------------------------------------------
def learner_reach(scope: Scope) -> Q:
    """A field worker reaches the learners of their cases, and who could become one."""
    if not scope.has(Role.FIELD_WORKER):
        return Q(pk__in=[])
    prefixes = scope.prefixes(Role.FIELD_WORKER)
    mine = Q(assignee_id=scope.user_id) | under("home_region__path", prefixes)
    cases = IncubationCase.objects.filter(mine).values("learner_id")
    completed = Enrolment.objects.completed().values("learner_id")
    at_home = under("home_region__path", prefixes) & Q(pk__in=completed)
    return Q(pk__in=cases) | at_home


def may_record(user: HasScope, case: IncubationCase) -> bool:
    """Whether a person who sees the case may also write in it."""
    scope = user.scope
    if scope.covers(case.home_region.path, *WRITERS):
        return True
    return scope.has(Role.FIELD_WORKER) and case.assignee_id == scope.user_id


def candidates(user: User) -> QuerySet[Learner]:
    """Learners for whom `user` may open a case: completed a run (the last one is annotated), home
    in reach, no open case."""
    completed = Enrolment.objects.completed().values("learner_id")
    taken = IncubationCase.objects.filter(closed_on__isnull=True).values("learner_id")
    prefixes = user.scope.prefixes(*WRITERS)
    last = Enrolment.objects.completed().filter(learner=OuterRef("pk")).order_by("-completed_on")
    return (
        Learner.objects.visible_to(user)
        .live()
        .filter(under("home_region__path", prefixes), pk__in=completed)
        .exclude(pk__in=taken)
        .select_related("home_region__parent")
        .annotate(
            completed_on=Subquery(last.values("completed_on")[:1]),
            course_title=Subquery(last.values("run__course__title")[:1]),
        )
        .order_by("-completed_on", "name")
    )


def field_workers(region: Region) -> QuerySet[User]:
    """Active users who hold a field worker's grant over `region` today."""
    above = [*region.ancestor_codes(), region.code]
    grants = Grant.objects.filter(
        Q(region__path__in=above) | Q(region__isnull=True),
        valid_on(today()),
        role=Role.FIELD_WORKER,
    )
    users: QuerySet[User] = get_user_model().objects.filter(
        is_active=True, pk__in=grants.values("user_id")
    )
    return users.order_by("display_name", "username")


def first_completion(learner: Learner) -> date | None:
    found: date | None = learner.enrolments.completed().aggregate(first=Min("completed_on"))[
        "first"
    ]
    return found


def household_of(learner: Learner, day: date) -> Household | None:
    membership = learner.memberships.filter(valid_on(day)).select_related("household").first()
    return membership.household if membership else None


def plan_on(day: date) -> FollowUpPlan | None:
    """The edition of the follow-up plan that holds on `day`."""
    return FollowUpPlan.objects.filter(starts_on__lte=day).order_by("-edition").first()


# --- The worklist -------------------------------------------------------------------------------
GROUPS = ("overdue", "week", "later", "done")


def week_end(day: date) -> date:
    """The Sunday of the week of `day`."""
    return day + timedelta(days=6 - day.weekday())


def in_group(tasks: FollowUpTaskQuerySet, group: str, day: date) -> FollowUpTaskQuerySet:
    """One of GROUPS: every task of an open case, and every task done, is in exactly one."""
    sunday = week_end(day)
    if group == "overdue":
        return tasks.overdue(day)
    if group == "week":
        return tasks.open().filter(due_on__gte=day, due_on__lte=sunday)
    if group == "later":
        return tasks.open().filter(due_on__gt=sunday)
    return tasks.filter(done_at__isnull=False).order_by("-done_at")


def case_rows(user: HasScope) -> QuerySet[IncubationCase]:
    """Cases with `next_due_on`, of the earliest task not done; None when closed or all done."""
    earliest = FollowUpTask.objects.open().filter(case=OuterRef("pk")).order_by("due_on")
    return (
        IncubationCase.objects.visible_to(user)
        .select_related("learner", "home_region__parent", "assignee")
        .annotate(next_due_on=Subquery(earliest.values("due_on")[:1]))
        .order_by(F("next_due_on").asc(nulls_last=True), "-opened_on")
    )


def work_of(user: User, *, whole_region: bool) -> FollowUpTaskQuerySet:
    """Tasks of a field worker: their own and those of nobody, or all that they see."""
    tasks = FollowUpTask.objects.visible_to(user).select_related(
        "case__learner", "case__home_region__parent", "assignee"
    )
    if whole_region:
        return tasks
    return tasks.filter(Q(assignee=user) | Q(assignee__isnull=True))
