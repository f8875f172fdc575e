"""Rows and pictures in custody: looked at by whoever decides, and by nobody else."""

import uuid
from collections.abc import Callable
from typing import Any

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods
from django_tables2 import Column

from accounts.models import Device, User
from courses import actions
from courses.actions import CourseError
from courses.forms import NAMELESS, CustodyForm, ParkedForm, PictureForm, session_title
from courses.models import ParkedPicture, ParkedRow, SessionEvidence
from courses.queries.tablet_list import (
    parked_pictures,
    parked_rows,
    people_meant,
    people_named,
    sessions_meant,
)
from courses.views.tablets import may_decide, said_by, said_words, seen_tablet
from courses.views.work_items import count_again, parked_reasons
from lms.lists import DayColumn, Filters, ListTable, list_page
from lms.templatetags import ui

#: The form that decides; the ticks stand in the table, outside it.
DECISION = "decide"


class CustodyTable(ListTable):
    """What both lists say of each; who may decide ticks in the first column."""

    empty_icon = "check"
    ticked = ""
    is_ticked = False

    session = Column(
        verbose_name=gettext_lazy("Session"),
        accessor="session__run__title",
        order_by="session__starts_at",
    )
    happened = Column(verbose_name=gettext_lazy("What happened"), accessor="code", orderable=False)
    received_at = DayColumn(verbose_name=gettext_lazy("Received"), moment=True)

    def __init__(
        self,
        *args: Any,
        user: User,
        may_decide: bool = False,
        form: CustodyForm | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.user, self.may_decide, self.reasons = user, may_decide, parked_reasons()
        if not may_decide and "look" in self.columns.names():
            self.columns.hide("look")
        data: Any = form.data if form is not None and form.is_bound else None
        self.given: list[str] | None = data.getlist(self.ticked) if data is not None else None

    def tick(self, record: Any, words: str) -> SafeString | str:
        if not self.may_decide:
            return words
        is_on = self.is_ticked if self.given is None else str(record.pk) in self.given
        return format_html(
            '<label class="check"><input type="checkbox" name="{}" value="{}" form="{}"{}>'
            "<span>{}</span></label>",
            *(self.ticked, record.pk, DECISION, SafeString(" checked") if is_on else "", words),
        )

    def render_session(self, record: Any) -> SafeString:
        session = record.session
        return format_html(
            '<div class="cell">{} <span class="cap">{} · {}</span></div>',
            session.run.title,
            ui.moment(session.starts_at),
            session.instructor.name,
        )

    def value_session(self, record: Any) -> str:
        return f"{session_title(record.session)} · {record.session.instructor.name}"

    def render_happened(self, record: Any) -> str:
        return self.reasons[ParkedRow.Code(record.code)][0]


class RowTable(CustodyTable):
    caption = gettext_lazy("Kept as the tablet sent them, until somebody decides")
    empty_title = gettext_lazy("No row is waiting")
    empty_text = gettext_lazy(
        "Rows that cannot become marks by themselves are kept here until somebody decides."
    )
    ticked, is_ticked = "row", True

    said = Column(
        verbose_name=gettext_lazy("What was said"), accessor="raw", orderable=False, empty_values=()
    )
    advice = Column(verbose_name=gettext_lazy("What to do"), accessor="code", orderable=False)

    class Meta(ListTable.Meta):
        sequence = ("said", "session", "happened", "advice", "received_at")

    def prepare(self, records: list[ParkedRow]) -> None:
        self.names = people_named(records, self.user)

    def render_said(self, record: ParkedRow) -> SafeString:
        said = said_by(record.raw)
        name = self.names.get(record.pk, "")
        words = f"{name} · {said_words(said)}" if name else said_words(said)
        ticked = self.tick(record, words)
        return format_html('{}<span class="cap">{}</span>', ticked, ui.moment(said["at"]))

    def value_said(self, record: ParkedRow) -> str:
        said = said_by(record.raw)
        return f"{said_words(said)} {said['at']:%Y-%m-%d %H:%M}" if said["at"] else said_words(said)

    def render_advice(self, record: ParkedRow) -> str:
        return self.reasons[ParkedRow.Code(record.code)][1]


class PictureTable(CustodyTable):
    caption = gettext_lazy("Not evidence until somebody decides")
    empty_title = gettext_lazy("No picture is waiting")
    empty_text = gettext_lazy(
        "Photos and signatures of tablets reported lost, and of classes of others, are kept here "
        "until somebody decides."
    )
    ticked = "picture"

    kind = Column(verbose_name=gettext_lazy("Picture"))
    look = Column(
        verbose_name=gettext_lazy("Look at it"),
        accessor="pk",
        orderable=False,
        exclude_from_export=True,
        attrs={"th": {"class": ""}, "td": {"class": "act"}},
    )

    class Meta(ListTable.Meta):
        sequence = ("kind", "session", "happened", "received_at", "look")

    def render_kind(self, record: ParkedPicture) -> SafeString | str:
        return self.tick(record, record.get_kind_display())

    def value_kind(self, record: ParkedPicture) -> str:
        return record.get_kind_display()

    def render_look(self, record: ParkedPicture) -> SafeString:
        href = reverse("courses:picture_file", args=[record.device_id, record.pk])
        return format_html('<a class="btn btn-text" href="{}">{}</a>', href, _("Look at it"))


class CustodyFilters(Filters):
    search_fields = ("session__run__course__title", "session__instructor__name")
    search_label = gettext_lazy("Class or trainer")


class RowFilters(CustodyFilters):
    code = django_filters.ChoiceFilter(
        label=gettext_lazy("What happened"), choices=ParkedRow.Code.choices
    )


class PictureFilters(CustodyFilters):
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Picture"), choices=SessionEvidence.Kind.choices
    )
    code = django_filters.ChoiceFilter(
        label=gettext_lazy("What happened"), choices=ParkedPicture.Code.choices
    )


# --- pages ----------------------------------------------------------------------------------------
def _decider(request: HttpRequest, pk: uuid.UUID) -> tuple[User, Device]:
    """Who looks, and at which tablet; whoever answers must be more than its trainer."""
    user, device = seen_tablet(request, pk)
    if request.method == "POST" and not may_decide(user, device):
        raise PermissionDenied
    return user, device


@require_http_methods(["GET", "POST"])
def parked_list(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The rows of one tablet that wait, and one decision about those ticked."""
    user, device = _decider(request, pk)
    waiting = parked_rows(device).waiting()
    form = ParkedForm(
        request.POST if request.method == "POST" else None,
        waiting=waiting,
        sessions=sessions_meant(device, waiting),
        people=people_meant(waiting, NAMELESS),
    )
    if request.method == "POST" and form.is_valid():
        said = form.decision()
        done = _decide(
            request,
            form,
            lambda row, **meant: actions.resolve_parked(parked=row, actor=user, **said, **meant),
        )
        taken, aside = _("%(n)d rows taken in."), _("%(n)d rows set aside; they are kept.")
        _tell(request, taken if form.takes_in else aside, done)
        return _onwards("courses:parked_list", device, parked_rows(device).waiting())
    return list_page(
        request,
        "courses/parked_list.html",
        table=RowTable,
        rows=waiting.order_by("received_at"),
        filters=RowFilters,
        export_name=_("Rows in custody"),
        **_shown(user, device, form, _("Rows in custody")),
    )


@require_http_methods(["GET", "POST"])
def picture_list(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The pictures of one tablet that wait, and one decision about those ticked."""
    user, device = _decider(request, pk)
    waiting = parked_pictures(device).waiting()
    form = PictureForm(
        request.POST if request.method == "POST" else None,
        waiting=waiting,
        sessions=sessions_meant(device, waiting),
    )
    if request.method == "POST" and form.is_valid():
        said = form.decision()
        done = _decide(
            request,
            form,
            lambda one, **meant: actions.resolve_picture(picture=one, actor=user, **said, **meant),
        )
        taken = _("%(n)d pictures taken in as evidence.")
        aside = _("%(n)d pictures set aside and erased.")
        _tell(request, taken if form.takes_in else aside, done)
        return _onwards("courses:picture_list", device, parked_pictures(device).waiting())
    return list_page(
        request,
        "courses/picture_list.html",
        table=PictureTable,
        rows=waiting.order_by("received_at"),
        filters=PictureFilters,
        export_name=_("Pictures in custody"),
        **_shown(user, device, form, _("Pictures in custody")),
    )


def _shown(user: User, device: Device, form: CustodyForm, title: str) -> dict[str, Any]:
    options = {"may_decide": may_decide(user, device), "form": form}
    return {
        "context": {"device": device, "title": title, **options},
        "table_options": {"user": user, **options},
    }


def _decide(request: HttpRequest, form: CustodyForm, act: Callable[..., object]) -> int:
    """Each by itself: one that cannot be taken in does not keep the others waiting."""
    done, refused = 0, []
    for one in form.chosen():
        try:
            act(one, **form.meant_by(one))
            done += 1
        except CourseError as error:
            refused.append(str(error.message))
    for message in dict.fromkeys(refused):
        messages.error(request, message)
    count_again(request)
    return done


def _tell(request: HttpRequest, words: str, done: int) -> None:
    if done:
        messages.success(request, words % {"n": done})


def _onwards(name: str, device: Device, waiting: QuerySet[Any]) -> HttpResponse:
    """To what still waits, or back to the tablet."""
    name = name if waiting.exists() else "courses:tablet_detail"
    return redirect(name, pk=device.pk)


@require_GET
def picture_file(request: HttpRequest, pk: uuid.UUID, picture: uuid.UUID) -> HttpResponseBase:
    """Faces are on it: only who decides looks, and that is written down."""
    user, device = seen_tablet(request, pk)
    if not may_decide(user, device):
        raise PermissionDenied
    rows = ParkedPicture.objects.visible_to(user).waiting().filter(device=device)
    found = get_object_or_404(rows.select_related("device__region"), pk=picture)
    if not found.file.storage.exists(str(found.file.name)):
        raise Http404
    actions.show_picture(picture=found, actor=user)
    kind = "image/png" if str(found.file.name).endswith(".png") else "image/jpeg"
    return FileResponse(found.file.open("rb"), content_type=kind)
