"""The lists of certificates and of their templates: columns and filters."""

from typing import Any, Final
from uuid import UUID

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import DateInput
from certificates.models import Certificate, CertificateTemplate, Issuer
from certificates.queries import KINDS, Candidate, Sheet, printed_person, weighed
from courses.models import CourseRun, Enrolment
from lms.lib.scope import Role
from lms.lists import FIND, DayColumn, FigureColumn, Filters, ListTable
from lms.templatetags.ui import chip, code


class IssuerFilters(Filters):
    search_fields = ("name", "prefix", "region__name")
    search_label = _("Issuer, letters or region")


NUMERIC: Final = {"th": {"class": "num"}, "td": {"class": "num"}}


def training_years() -> list[tuple[int, int]]:
    years = CourseRun.objects.order_by("-year").values_list("year", flat=True).distinct()
    return [(year, year) for year in years]


class IssuerTable(ListTable):
    caption = _("Issuers")
    empty_icon = "award"
    empty_title = _("Nobody signs certificates here yet")
    empty_text = _("Without an issuer a county cannot issue any. Set up the first one.")

    name = tables.Column(verbose_name=_("Name of the issuer"))
    region = tables.Column(verbose_name=_("Region"), accessor="region__name")
    prefix = tables.Column(verbose_name=_("Letters before the number"))
    issued = FigureColumn(verbose_name=_("Certificates issued"))
    next = tables.Column(
        verbose_name=_("Next"), empty_values=(), orderable=False, exclude_from_export=True
    )

    class Meta(ListTable.Meta):
        model = Issuer
        fields = ("name", "region", "prefix", "issued", "next")
        order_by = "name"

    def render_next(self, record: Issuer) -> SafeString:
        address = reverse("certificates:issuer_rename", args=[record.pk])
        return format_html('<a class="btn" href="{}">{}</a>', address, gettext("Rename"))


STATUS_LOOKS = {
    Certificate.Status.VALID: ("good", "check"),
    Certificate.Status.REPLACED: ("info", "refresh"),
    Certificate.Status.REVOKED: ("bad", "cross"),
}


class CertificateTable(ListTable):
    caption = _("Certificates")
    empty_icon = "award"
    empty_title = _("No certificate has been issued here")
    empty_text = _("Whoever completes a class can be issued one; it stands here from that day.")

    number = tables.Column(
        verbose_name=_("Number"),
        linkify=("certificates:certificate_detail", {"certificate_id": tables.A("pk")}),
        attrs={"td": {"class": "nowrap"}},
    )
    # As printed; found and sorted by the name of now, as the printed one is sealed.
    learner = tables.Column(verbose_name=_("Name"), accessor="enrolment__learner__name")
    masked_id = tables.Column(
        verbose_name=_("ID number"), accessor="enrolment__learner__masked_id", orderable=False
    )
    course = tables.Column(verbose_name=_("Course"), accessor="enrolment__run__course__title")
    run = tables.Column(
        verbose_name=_("Run"),
        accessor="enrolment__run__dated_number",
        order_by=("enrolment__run__year", "enrolment__run__number"),
    )
    issued_on = DayColumn(verbose_name=_("Issued"))
    status = tables.Column(verbose_name=_("Status"))

    def render_status(self, record: Certificate) -> SafeString:
        looks = STATUS_LOOKS[Certificate.Status(record.status)]
        return chip(*looks, record.get_status_display())

    def value_status(self, record: Certificate) -> str:
        return record.get_status_display()

    class Meta(ListTable.Meta):
        model = Certificate
        fields = ("number", "learner", "masked_id", "course", "run", "issued_on", "status")
        order_by = "-number"

    def render_learner(self, record: Certificate) -> SafeString | str:
        printed, by_now = _printed(record)["name"], record.enrolment.learner.name
        if printed == by_now:
            return printed
        now = gettext("Name by now: %(name)s") % {"name": by_now}
        return format_html(
            '<div class="cell">{}<br><span class="cap">{}</span></div>', printed, now
        )

    def value_learner(self, record: Certificate) -> str:
        printed, by_now = _printed(record)["name"], record.enrolment.learner.name
        return printed if printed == by_now else f"{printed}（{by_now}）"

    def render_masked_id(self, record: Certificate) -> str:
        return _printed(record)["masked_id"]

    def value_masked_id(self, record: Certificate) -> str:
        return _printed(record)["masked_id"]


def _printed(certificate: Certificate) -> dict[str, str]:
    """Who stands on the paper, opened once for all the cells of a row."""
    known = certificate.__dict__
    if "printed" not in known:
        known["printed"] = printed_person(certificate)
    found: dict[str, str] = known["printed"]
    return found


class IneligibleTable(ListTable):
    caption = _("Get no certificate")
    empty_icon = "award"
    empty_title = _("Nobody is left without a certificate")
    empty_text = _("Whoever did not complete a class or cannot be issued one stands here.")

    learner = tables.Column(
        verbose_name=_("Name"),
        accessor="learner__name",
        order_by=("learner__initials", "learner__name"),
        linkify=("learners:learner_detail", {"pk": tables.A("learner_id")}),
    )
    masked_id = tables.Column(
        verbose_name=_("ID number"), accessor="learner__masked_id", orderable=False
    )
    home = tables.Column(verbose_name=_("Home"), accessor="home_region__name")
    run = tables.Column(
        verbose_name=_("Run"),
        accessor="run__dated_title",
        order_by=("run__year", "run__number"),
        linkify=("certificates:run_issue", {"run_id": tables.A("run_id")}),
    )
    attended = tables.Column(
        verbose_name=_("Attended"), accessor="pk", orderable=False, attrs=NUMERIC
    )
    why_not = tables.Column(verbose_name=_("Reason"), accessor="pk", orderable=False)

    class Meta(ListTable.Meta):
        model = Enrolment
        fields = ("learner", "masked_id", "home", "run", "attended", "why_not")
        order_by = "-run"

    def __init__(self, *args: Any, sheet: Sheet | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        self.weights: dict[UUID, Candidate] = {}

    def prepare(self, records: list[Enrolment]) -> None:
        rows = Enrolment.objects.filter(pk__in=[record.pk for record in records])
        self.weights = {found.enrolment.pk: found for found in weighed(rows, self.sheet)}

    def _weight(self, record: Enrolment) -> Candidate:
        if record.pk not in self.weights:  # all of them, for Excel
            self.prepare([row.record for row in self.rows])
        return self.weights[record.pk]

    def render_attended(self, record: Enrolment) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', self.value_attended(record))

    def value_attended(self, record: Enrolment) -> str:
        weight = self._weight(record)
        return f"{weight.attended}/{weight.held}"

    def render_why_not(self, record: Enrolment) -> str:
        return str(self._weight(record).why_not)

    value_why_not = render_why_not


class IneligibleFilters(Filters):
    posted_to = FIND
    search_fields = ("learner__name", "learner__initials")
    search_label = _("Name")

    kind = django_filters.ChoiceFilter(label=_("Reason"), choices=KINDS, empty_label=_("All"))
    year = django_filters.ChoiceFilter(
        label=_("Year"), field_name="run__year", choices=training_years, empty_label=_("All")
    )

    class Meta:
        model = Enrolment
        fields = ("kind", "year")


class CertificateFilters(Filters):
    posted_to = FIND
    search_fields = ("number", "enrolment__learner__name", "enrolment__learner__initials")
    search_label = _("Number, name or initials")

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=Certificate.Status.choices, empty_label=_("All")
    )
    since = django_filters.DateFilter(
        label=_("Issued since"), field_name="issued_on", lookup_expr="gte", widget=DateInput
    )
    until = django_filters.DateFilter(
        label=_("Issued until"), field_name="issued_on", lookup_expr="lte", widget=DateInput
    )

    class Meta:
        model = Certificate
        fields = ("status",)


STATE_LOOKS = {
    CertificateTemplate.State.DRAFT: ("info", "pencil"),
    CertificateTemplate.State.IN_USE: ("good", "check"),
    CertificateTemplate.State.WITHDRAWN: ("mute", "minus"),
}


class TemplateTable(ListTable):
    caption = _("Templates")
    empty_icon = "award"
    empty_title = _("No template here")
    empty_text = _("Make an edition with the title, the signatures and the seal of your county.")

    name = tables.Column(verbose_name=_("Name of the template"))
    picture = tables.Column(
        verbose_name=_("Picture"),
        accessor="edition",
        orderable=False,
        exclude_from_export=True,
    )
    edition = tables.Column(verbose_name=_("Edition"))
    region = tables.Column(
        verbose_name=_("Region"), order_by="region__path", empty_values=(), default=""
    )
    title = tables.Column(verbose_name=_("Title"), empty_values=(), orderable=False)
    state = tables.Column(verbose_name=_("State"))
    made_at = DayColumn(verbose_name=_("Made on"))
    next = tables.Column(
        verbose_name=_("Next"), empty_values=(), orderable=False, exclude_from_export=True
    )

    def render_name(self, record: CertificateTemplate) -> SafeString:
        return format_html(
            '{}<span class="cap">{}</span>', record.name, code(record.design_sha256[:12])
        )

    def value_name(self, record: CertificateTemplate) -> str:
        return record.name

    def render_picture(self, record: CertificateTemplate) -> SafeString:
        return format_html(
            '<img class="edition-small" src="{}" alt="" width="420" height="297">',
            reverse("certificates:template_picture", args=[record.pk]),
        )

    def render_region(self, record: CertificateTemplate) -> str:
        return record.region.name if record.region else str(gettext("Built in"))

    def render_title(self, record: CertificateTemplate) -> str:
        return record.drawn().title

    def render_state(self, record: CertificateTemplate) -> SafeString:
        looks = STATE_LOOKS[CertificateTemplate.State(record.state)]
        return chip(*looks, record.get_state_display())

    def value_state(self, record: CertificateTemplate) -> str:
        return record.get_state_display()

    def render_next(self, record: CertificateTemplate) -> SafeString:
        """The proof, and for who may the next step of its life."""
        proof = format_html(
            '<a class="btn" href="{}">{}</a>',
            reverse("certificates:template_proof", args=[record.pk]),
            gettext("Proof"),
        )
        if not self.may_move(record) or record.state == CertificateTemplate.State.WITHDRAWN:
            return format_html('<div class="row">{}</div>', proof)
        is_draft = record.state == CertificateTemplate.State.DRAFT
        return format_html(
            '<div class="row">{}<form method="post" action="{}">'
            '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
            '<button class="btn" type="submit">{}</button></form></div>',
            proof,
            reverse("certificates:template_move", args=[record.pk]),
            get_token(self.request),
            gettext("Put in use") if is_draft else gettext("Withdraw"),
        )

    def may_move(self, template: CertificateTemplate) -> bool:
        region, scope = template.region, self.request.user.scope
        return region is not None and scope.covers(region.path, Role.CLERK)


class TemplateFilters(Filters):
    search_fields = ("name", "region__name")
    search_label = _("Name or region")

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=CertificateTemplate.State.choices, empty_label=_("All")
    )
    whose = django_filters.ChoiceFilter(
        label=_("Region"),
        choices=[("own", _("Made in the regions")), ("built", _("Built in"))],
        empty_label=_("All"),
        method="of_whose",
    )

    def of_whose(
        self, templates: QuerySet[CertificateTemplate], name: str, whose: str
    ) -> QuerySet[CertificateTemplate]:
        return templates.filter(region__isnull=whose == "built")
