"""The tablets of trainers: list, enrolling by a code shown once, lost and handed in."""

import base64
import uuid
from datetime import datetime, timedelta
from typing import Any

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods
from django_tables2 import Column

from accounts.models import Device, User
from accounts.queries import current_region, signed_in_user
from courses import actions
from courses.actions import CourseError
from courses.forms import LostForm
from courses.models import AttendanceStatus, MarkEvent
from courses.queries.tablet_list import (
    heard_within,
    last_batches,
    marks_brought,
    parked_counts,
    parked_pictures,
    parked_rows,
    tablet_rows,
)
from courses.queries.tablets import enrol_text
from courses.queries.worklist import MARKS_WAITING, unseen_since
from lms.lib import crypto
from lms.lib.qr import qr_code
from lms.lib.scope import Role, under
from lms.lists import DayColumn, FigureColumn, Filters, ListTable, list_page
from lms.templatetags.ui import chip

STATUS_LOOKS = {
    Device.Status.ACTIVE: ("good", "check"),
    Device.Status.LOST: ("bad", "alert"),
    Device.Status.RETIRED: ("mute", "minus"),
}
#: Where the session keeps the code that is being shown, encrypted: its owner may reload the page.
CODE_KEY = "enrol_code"
#: A clock beyond the year 2099 says nothing.
LATEST_MS = 4_102_444_800_000


# --- list -----------------------------------------------------------------------------------------
class TabletTable(ListTable):
    caption = gettext_lazy("Tablets")
    empty_icon = "tablet"
    empty_title = gettext_lazy("No tablets yet")
    empty_text = gettext_lazy(
        "A trainer enrols a tablet by a code that holds for 15 minutes. Attendance works without "
        "tablets too, on the roll call page."
    )

    label = Column(verbose_name=gettext_lazy("Tablet"))
    trainer = Column(verbose_name=gettext_lazy("Trainer"), accessor="enrolled_by__display_name")
    region = Column(
        verbose_name=gettext_lazy("Region"), accessor="region__name", order_by="region__path"
    )
    status = Column(verbose_name=gettext_lazy("State"))
    last_seen_at = DayColumn(verbose_name=gettext_lazy("Last heard of"), moment=True)
    reported_pending = FigureColumn(verbose_name=gettext_lazy("Waiting on it (marks)"))
    parked = FigureColumn(
        verbose_name=gettext_lazy("In custody (rows)"), empty_values=(), orderable=False
    )
    app_version = Column(verbose_name=gettext_lazy("App"))

    def prepare(self, records: list[Device]) -> None:
        self.parked_counts = parked_counts(records)

    def render_label(self, record: Device) -> SafeString:
        href = reverse("courses:tablet_detail", args=[record.pk])
        return format_html('<a href="{}">{}</a>', href, record.label)

    def value_label(self, record: Device) -> str:
        return record.label

    def render_status(self, record: Device) -> SafeString:
        shown = chip(*STATUS_LOOKS[Device.Status(record.status)], record.get_status_display())
        if is_unseen(record):
            return format_html("{} {}", shown, chip("warn", "clock", _("Not seen")))
        return shown

    def value_status(self, record: Device) -> str:
        return record.get_status_display()

    def render_parked(self, record: Device) -> str:
        return str(self.parked_counts.get(record.pk, 0))

    def value_parked(self, record: Device) -> int:
        if not hasattr(self, "parked_counts"):
            self.prepare([record])
        return self.parked_counts.get(record.pk, 0)


def is_unseen(device: Device) -> bool:
    heard = device.last_seen_at or device.enrolled_at
    return device.status == Device.Status.ACTIVE and heard < unseen_since()


class TabletFilters(Filters):
    search_label = gettext_lazy("Tablet or trainer")

    status = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=Device.Status)
    seen = django_filters.ChoiceFilter(
        label=gettext_lazy("Last heard of"),
        choices=[
            ("day", gettext_lazy("within a day")),
            ("week", gettext_lazy("within a week")),
            ("longer", gettext_lazy("longer ago")),
            ("never", gettext_lazy("never")),
        ],
        method="by_seen",
    )
    waiting = django_filters.ChoiceFilter(
        label=gettext_lazy("Marks waiting"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        method="by_waiting",
    )

    def search(self, queryset: QuerySet[Device], name: str, value: str) -> QuerySet[Device]:
        found = Q(label__icontains=value) | Q(enrolled_by__display_name__icontains=value)
        return queryset.filter(found)

    def by_seen(self, queryset: QuerySet[Device], name: str, value: str) -> QuerySet[Device]:
        return heard_within(queryset, value)

    def by_waiting(self, queryset: QuerySet[Device], name: str, value: str) -> QuerySet[Device]:
        return queryset.filter(MARKS_WAITING if value == "yes" else ~MARKS_WAITING)


@require_GET
def tablet_list(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    if not user.scope.has(Role.TRAINER, *RESPONSIBLE):
        raise PermissionDenied
    rows = tablet_rows(user)
    # An administrator of the whole country sees all of them until a region is chosen.
    if user.scope.has(Role.CLERK) or (user.scope.has(*RESPONSIBLE) and "region" in request.GET):
        region = current_region(request, *RESPONSIBLE)
        rows = rows.filter(under("region__path", [region.path]) | Q(enrolled_by=user))
    return list_page(
        request,
        "courses/tablet_list.html",
        table=TabletTable,
        rows=rows.order_by("-last_seen_at", "label", "pk"),
        filters=TabletFilters,
        export_name=_("Tablets"),
        context={
            "may_enrol": user.scope.has(Role.TRAINER),
            "may_import": user.scope.has(*RESPONSIBLE),
        },
    )


# --- who may --------------------------------------------------------------------------------------
#: Besides the trainer whose tablet it is.
RESPONSIBLE = (Role.CLERK, Role.ADMINISTRATOR)


def seen_tablet(request: HttpRequest, pk: uuid.UUID) -> tuple[User, Device]:
    user = signed_in_user(request)
    rows = Device.objects.visible_to(user).select_related("enrolled_by", "region")
    return user, get_object_or_404(rows, pk=pk)


def may_decide(user: User, device: Device) -> bool:
    """About rows in custody: never the trainer, whose rows they are."""
    return user.scope.covers(device.region.path, *RESPONSIBLE)


# --- one tablet -----------------------------------------------------------------------------------
@require_GET
def tablet_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, device = seen_tablet(request, pk)
    context = {
        "device": device,
        "look": (*STATUS_LOOKS[Device.Status(device.status)], device.get_status_display()),
        "is_unseen": is_unseen(device),
        "brought": marks_brought(device),
        "gap": max(device.reported_last_seq - device.contig_seq, 0),
        "batches": last_batches(device),
        "parked": parked_rows(device).waiting().count(),
        "decided": list(parked_rows(device).filter(resolved_at__isnull=False)[:20]),
        "pictures": parked_pictures(device).waiting().count(),
        "decided_pictures": list(parked_pictures(device).filter(resolved_at__isnull=False)[:20]),
        "is_active": device.status == Device.Status.ACTIVE,
        "may_decide": may_decide(user, device),
    }
    return render(request, "courses/tablet_detail.html", context)


@require_http_methods(["GET", "POST"])
def tablet_lose(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Says what will happen, asks why, and shuts the tablet out."""
    user, device = seen_tablet(request, pk)
    form = LostForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.mark_device_lost(device=device, reason=form.cleaned_data["reason"], actor=user)
        messages.success(request, _("Reported lost. It gets no data any more."))
        return redirect("courses:tablet_detail", pk=pk)
    return render(request, "courses/tablet_lose.html", {"device": device, "form": form})


@require_http_methods(["GET", "POST"])
def tablet_retire(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user, device = seen_tablet(request, pk)
    if request.method == "POST":
        actions.retire_device(device=device, actor=user)
        messages.success(request, _("The tablet is out of use."))
        return redirect("courses:tablet_detail", pk=pk)
    return render(request, "courses/tablet_retire.html", {"device": device})


# --- what rows say -------------------------------------------------------------------------------
def said_by(raw: Any) -> dict[str, Any]:
    """What of a raw row may be shown: its kind, mark and time; whom it names stays an id."""
    raw = raw if isinstance(raw, dict) else {}
    t_ms = raw.get("t_ms")
    at = None
    if isinstance(t_ms, int) and 0 < t_ms < LATEST_MS:
        at = datetime.fromtimestamp(t_ms / 1000, timezone.get_current_timezone())
    return {"kind": str(raw.get("kind", "")), "status": str(raw.get("status") or ""), "at": at}


def said_words(said: dict[str, Any]) -> str:
    """Mark: Present. What no tablet of ours says stays "another row"."""
    if said["kind"] not in MarkEvent.Kind.values:
        return _("A row of another kind")
    words = str(MarkEvent.Kind(said["kind"]).label)
    if said["status"] in AttendanceStatus.values:
        words += _(": %(mark)s") % {"mark": AttendanceStatus(said["status"]).label}
    return words


# --- enrolling ------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def tablet_enrol(request: HttpRequest) -> HttpResponse:
    """A code for a tablet of one's own. The page reloads itself while the code holds."""
    user = signed_in_user(request)
    if not user.scope.has(Role.TRAINER):
        raise PermissionDenied
    if request.method == "POST":
        return _issue(request, user)
    shown = request.session.get(CODE_KEY, {})
    text, expires_at = _shown_code(shown, user)
    context: dict[str, Any] = {"text": "", "enrolled": _enrolled_since(user, shown)}
    left = expires_at - timezone.now()
    if text and not context["enrolled"] and left > timedelta(0):
        origin = request.build_absolute_uri("/")
        context |= {
            "text": text,
            "qr": qr_code(enrol_text(text, origin=origin)),
            "address": f"{origin}attendance/",
            "minutes": int(left.total_seconds() // 60) + 1,
            "expires_at": expires_at,
        }
    elif text:
        request.session.pop(CODE_KEY, None)
        context["is_over"] = not context["enrolled"]
    return render(request, "courses/tablet_enrol.html", context)


def _issue(request: HttpRequest, user: User) -> HttpResponse:
    try:
        issued = actions.issue_enrol_code(actor=user)
    except CourseError as error:
        messages.error(request, str(error.message))
        return redirect("courses:tablet_list")
    hidden = crypto.encrypt(issued.text, where=_where(user))
    request.session[CODE_KEY] = {
        "text": base64.b64encode(hidden).decode(),
        "expires_at": issued.code.expires_at.isoformat(),
        "issued_at": issued.code.issued_at.isoformat(),
    }
    return redirect("courses:tablet_enrol")


def _where(user: User) -> str:
    return f"courses.enrol_code:{user.pk}"


def _shown_code(shown: dict[str, str], user: User) -> tuple[str, datetime]:
    if not shown:
        return "", timezone.now()
    hidden = base64.b64decode(shown["text"])
    text = crypto.decrypt(hidden, where=_where(user))
    return text, datetime.fromisoformat(shown["expires_at"])


def _enrolled_since(user: User, shown: dict[str, str]) -> Device | None:
    """The tablet that came in by the code being shown."""
    if not shown:
        return None
    since = datetime.fromisoformat(shown["issued_at"])
    rows = Device.objects.visible_to(user).filter(enrolled_by=user, enrolled_at__gte=since)
    return rows.order_by("enrolled_at").first()
