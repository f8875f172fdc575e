from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        from accounts.models import User
        from certificates.actions import note_correction
        from certificates.queries import (
            certificate_table,
            certified_since,
            certified_twice,
            timeline,
        )
        from courses.actions import CONSEQUENCES
        from courses.models import Enrolment
        from learners.queries import LEARNER_TABLES, TIMELINE, merging

        def review(enrolment: Enrolment, actor: User) -> None:
            note_correction(enrolment=enrolment, actor=actor)

        CONSEQUENCES.append(review)
        TIMELINE.append(timeline)
        merging.OBJECTIONS.append(certified_twice)
        merging.DEPENDS.append(certified_since)
        LEARNER_TABLES.append(certificate_table)
