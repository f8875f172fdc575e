"""The list of certificates: columns and filters."""

import django_filters
import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate
from lms.lists import FIND, Filters, ListTable


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
