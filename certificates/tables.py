"""The list of certificates: columns and filters."""

import django_filters
import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, Issuer
from lms.lists import FIND, FigureColumn, Filters, ListTable


class IssuerTable(ListTable):
    caption = _("Issuers")
    empty_icon = "award"
    empty_title = _("Nobody signs certificates here yet")
    empty_text = _("Without an issuer a county cannot issue any. Set up the first one.")

    name = tables.Column(verbose_name=_("Name of the issuer"))
    region = tables.Column(verbose_name=_("Region"), accessor="region__name")
    prefix = tables.Column(verbose_name=_("Letters before the number"))
    issued = FigureColumn(verbose_name=_("Certificates issued"))

    class Meta(ListTable.Meta):
        model = Issuer
        fields = ("name", "region", "prefix", "issued")
        order_by = "name"


class CertificateTable(ListTable):
    number = tables.Column(
        verbose_name=_("Number"),
        linkify=("certificates:certificate_detail", {"certificate_id": tables.A("pk")}),
    )
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
    issued_on = tables.DateColumn(verbose_name=_("Issued"), format="Y-m-d")
    status = tables.Column(verbose_name=_("Status"))

    class Meta(ListTable.Meta):
        model = Certificate
        fields = ("number", "learner", "masked_id", "course", "run", "issued_on", "status")
        order_by = "-number"


class CertificateFilters(Filters):
    posted_to = FIND
    search_fields = ("number", "enrolment__learner__name", "enrolment__learner__initials")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Certificate.Status.choices)

    class Meta:
        model = Certificate
        fields = ("status",)
