"""One person who lies in every place of the register that erasing empties."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress, EmailConfirmation
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from certificates.actions import issue_certificates
from certificates.models import Certificate, Issuer
from courses.actions import resolve_parked
from courses.models import ClassSession, MarkEvent, ParkedPicture, ParkedRow, SessionEvidence
from courses.queries.codes import personal_qr
from incubation.models import EarningsReport, FollowUpPlan, Shop, SupportGiven, SupportVoid, Visit
from learners.models import (
    FactChange,
    Household,
    HouseholdJoin,
    Learner,
    Membership,
    RegisterAdjustment,
    RegisterEntry,
    Reveal,
    RosterFileHints,
    SuspectedPair,
)
from learners.queries.erasing import PLACES, Fate
from learners.queries.rosters import file_hints
from lms.models import ExportFile, TaskProgress, record_audit
from quotas.models import CheckItem, CheckPlan
from tests import factories
from tests.courses.tablets import Tablet
from tests.learners.merged import merge
from tests.learners.rosters import HEADER, checked, imported, load_places, make_import, make_rows
from tests.quotas.counted import complete, make_edition

NAME, PHONE = "李建军", "13911112222"
DAY = date(2026, 2, 1)
VILLAGE = "411521001003"


def erased_columns(*, photos: bool) -> list[str]:
    """Of what is erased; a file to be removed is a row for as long as the file is there."""
    return [
        column
        for place in PLACES
        if place.fate_with(photos=photos) is Fate.ERASED and place.key != "lms.files"
        for column in place.columns
    ]


def cells(column: str) -> dict[Any, Any]:
    app, model, name = column.split(".")
    rows = apps.get_model(app, model)._base_manager.values_list("pk", name)
    return {key: bytes(v) if isinstance(v, memoryview) else v for key, v in rows}


def everywhere(clerk: User, trainer: User) -> Learner:
    user = User.objects.create(username="xueyuan", display_name=NAME, email="ljj@example.org")
    household = factories.make_household(VILLAGE)
    learner = factories.make_learner(
        NAME, VILLAGE, phone=PHONE, user=user, education="初中", household=household,
    )  # fmt: skip
    learner.initials, learner.native_name, learner.sex = "ljj", "Li Jianjun", "M"
    learner.ethnicity, learner.political_status = "01", "01"
    learner.disability, learner.disability_grade = "61", 2
    learner.set_name(NAME)
    learner.save()
    _account(user)
    _archive(learner, clerk)
    _registers(learner, household)
    _shops(learner, clerk)
    _classes(learner, clerk, trainer)
    _rosters(learner, clerk)
    export = ExportFile(requested_by=clerk, title="学员", columns=[], sha256="0" * 64)
    export.region_path, export.link_sha256 = "4115", "1" * 64
    export.expires_at = timezone.now() + timedelta(hours=1)
    export.file = default_storage.save("exports/1.xlsx", ContentFile(NAME.encode()))
    export.save()
    return Learner.objects.get(pk=learner.pk)


def _account(user: User) -> None:
    address = EmailAddress.objects.create(user=user, email=user.email)
    EmailConfirmation.objects.create(email_address=address, key="k" * 20)
    LogEntry.objects.create(
        user=user, content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk),
        object_repr=NAME, action_flag=CHANGE, change_message=NAME,
    )  # fmt: skip


def _archive(learner: Learner, clerk: User) -> None:
    change = {"name": ["李建钧", NAME]}
    FactChange.objects.create(learner=learner, changes=change, reason=f"{NAME}本人更正")
    line = record_audit("learners.identity_revealed", actor=clerk, target=learner)
    Reveal.objects.create(
        learner=learner, reason="CONTACT", note=f"联系{NAME}", actor=clerk, audit_event=line
    )
    other = factories.make_learner("李建均", VILLAGE, phone="13933334444")
    done = merge(learner, other, clerk)
    type(done).objects.filter(pk=done.pk).update(reason=f"{NAME}两次登记")
    undone = merge(learner, factories.make_learner("李建君", VILLAGE), clerk)
    undone.undone_at, undone.undo_reason, undone.undone_by = timezone.now(), f"不是{NAME}", clerk
    undone.save()
    first, second = sorted([learner, factories.make_learner("李建俊")], key=lambda one: one.pk)
    SuspectedPair.objects.create(
        first=first, second=second, kinds=["PHONE"], kind="PHONE", reason=f"{NAME}？",
        state="NOT_THE_SAME", decided_by=clerk, decided_at=timezone.now(),
    )  # fmt: skip
    source = factories.make_household(VILLAGE)
    Membership.objects.create(
        learner=learner, household=source, starts_on=date(2012, 1, 1), ends_on=date(2012, 2, 1)
    )
    into = factories.make_household(VILLAGE)
    HouseholdJoin.objects.create(source=source, into=into, reason=f"{NAME}同户", actor=clerk)


def _registers(learner: Learner, household: Household) -> None:
    edition = make_edition([], sealed=False)
    words = {"reason": f"{NAME}愿意", "project": f"{NAME}土特产", "drive_way": f"{NAME}带动"}
    entry = RegisterEntry.objects.create(
        edition=edition, learner=learner, region_at_seal=learner.home_region, **words
    )
    edition.sealed_at, edition.sha256 = timezone.now(), "a" * 64
    edition.save()
    RegisterAdjustment.objects.create(
        entry=entry, kind="REMOVE", happened_on=DAY, reason=f"{NAME}外出"
    )


def _shops(learner: Learner, clerk: User) -> None:
    case = learner.cases.create(
        home_region=learner.home_region, opened_on=DAY, plan=FollowUpPlan.objects.first()
    )
    Visit.objects.create(
        case=case, visited_on=DAY, method="DOOR", finding="RUNNING", by=clerk,
        problem=f"{NAME}缺货", next_step=f"找{NAME}",
    )  # fmt: skip
    shop = Shop.objects.create(
        owner=learner, home_region=learner.home_region, opened_on=DAY, platform="TAOBAO",
        name=f"{NAME}土特产", url="https://shop.example.org/lijianjun",
    )  # fmt: skip
    EarningsReport.objects.create(
        shop=shop, month=DAY.replace(day=1), kind="SALES", amount_yuan=100, grade=1,
        proof=default_storage.save("proofs/1.jpg", ContentFile(NAME.encode())), reported_by=clerk,
    )  # fmt: skip
    support = SupportGiven.objects.create(
        household=learner.memberships.filter(ends_on=None).get().household, learner=learner,
        kind="GOODS", given_on=DAY, what=f"{NAME}的电脑", giver="县商务局", recorded_by=clerk,
    )  # fmt: skip
    SupportVoid.objects.create(support=support, reason=f"{NAME}没有收到", voided_by=clerk)


def _classes(learner: Learner, clerk: User, trainer: User) -> None:
    place = complete(learner)
    session = place.run.sessions.get()
    event = MarkEvent.objects.filter(learner=learner).get()
    MarkEvent.objects.create(
        kind="mark", session=session, learner=learner, status="PRESENT", source="override",
        actor=clerk, base=event.event_id, wall_ms=1, t_ms=1, body_sha256="b" * 64,
        reason=f"{NAME}确实来了",
    )  # fmt: skip
    for kind, named in (("photo", "a.jpg"), ("signature", "b.png")):
        SessionEvidence.objects.create(
            session=session, kind=kind, source_sha256=named[0] * 64, sha256=named[0] * 64,
            file=default_storage.save(f"evidence/{named}", ContentFile(NAME.encode())), width=1,
            height=1, added_by=clerk,
        )  # fmt: skip
    factories.make_issuer()
    issue_certificates(
        run=place.run,
        issuer=Issuer.objects.get(prefix="LS"),
        issued_on=date(2026, 3, 4),
        actor=clerk,
    )
    pdf = default_storage.save("certificates/1.pdf", ContentFile(NAME.encode()))
    Certificate.objects.update(pdf=pdf, reason=f"{NAME}写错")
    plan = CheckPlan.objects.create(
        region=learner.home_region, level="SELF", starts_on=DAY, ends_on=DAY, n=1,
        seed_commitment="d" * 64,
    )  # fmt: skip
    CheckItem.objects.create(
        plan=plan, position=1, enrolment=place, inspector=clerk, note=f"{NAME}在家"
    )
    _tablet(learner, session, clerk, trainer)


def _tablet(learner: Learner, session: ClassSession, clerk: User, trainer: User) -> None:
    """Rows sealed to the server that wait, or waited, and a photo in custody."""
    tablet = Tablet(trainer)
    number = learner.clear_id_number()
    nowhere = uuid4()
    tablet.send(
        tablet.walk_in(nowhere, name=NAME, id_number=number),
        tablet.walk_in(nowhere, name="别人", id_number=factories.make_id_number()),
        tablet.row("mark", nowhere, said=f"{NAME} {number}"),
        tablet.walk_in(nowhere, qr=personal_qr(learner.pk)),
    )
    sealed = ParkedRow.objects.order_by("received_at", "pk").last()
    assert sealed is not None
    resolve_parked(parked=sealed, take_in=False, reason=f"{NAME}没有来", actor=clerk)
    ParkedPicture.objects.create(
        device=tablet.device, named_session=session.pk, session=session, kind="photo",
        source_sha256="c" * 64, sha256="c" * 64, size=1, width=1, height=1, code="quarantine",
        file=default_storage.save("custody/c.jpg", ContentFile(NAME.encode())),
    )  # fmt: skip


def _rosters(learner: Learner, clerk: User) -> None:
    """One that was taken in, one that waits with its file, and one of which no row is stored."""
    load_places("411521")
    own = [1, NAME, learner.clear_id_number(), PHONE, "丽水街道", "邵洼社区居民委员会", "脱贫户"]
    taken = imported([own, *make_rows(11, 12)], actor=clerk)
    row = taken.rows.get(learner=learner)
    row.set_trace({"learner": [{"name": "李建钧"}, {"name": NAME}]})
    row.save()
    waiting = checked([own, *make_rows(13, 14)], name=f"{NAME}.xlsx", actor=clerk)
    TaskProgress.objects.create(
        kind="learners.check_roster", key="1", title=f"{NAME}.xlsx", state="DONE",
        args={"roster_import": str(waiting.pk)},
    )  # fmt: skip
    head = [
        *own[:1],
        "李小妹",
        factories.make_id_number(),
        "",
        *own[4:],
        NAME,
        learner.clear_id_number(),
    ]
    checked([head], header=[*HEADER, "户主姓名", "户主身份证号"], actor=clerk)
    unread = make_import([own, *make_rows(15, 16)], actor=clerk)
    RosterFileHints.objects.create(roster_import=unread, hints=file_hints(unread))
