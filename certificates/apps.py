from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        from accounts.models import User
        from certificates.actions import erase_holder, note_correction
        from certificates.queries import (
            certificate_table,
            certified_since,
            certified_twice,
            timeline,
        )
        from certificates.queries.erasing import HOLDER, places
        from courses.actions import CONSEQUENCES
        from courses.models import Enrolment
        from learners.queries import LEARNER_TABLES, TIMELINE, erasing, merging

        def review(enrolment: Enrolment, actor: User) -> None:
            note_correction(enrolment=enrolment, actor=actor)

        def erase(subject: erasing.Subject, actor: User) -> None:
            erase_holder(learner=subject.person, reason=subject.reason, actor=actor)

        CONSEQUENCES.append(review)
        erasing.declare(places())
        erasing.ACTS[HOLDER] = erase
        TIMELINE.append(timeline)
        merging.OBJECTIONS.append(certified_twice)
        merging.DEPENDS.append(certified_since)
        LEARNER_TABLES.append(certificate_table)
        register(check_fonts)


def check_fonts(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """A missing font blocks names in its script; without the cutter of fonts nothing is drawn."""
    from certificates.render import fonts_ready
    from certificates.render.harfbuzz import PACKAGE

    hint = "script/bootstrap installs it."
    found: list[CheckMessage] = []
    for name in fonts_ready():
        if name == PACKAGE:
            says = f"{name} is missing or too old: no certificate can be drawn."
            found.append(Error(says, hint, id="certificates.E001"))
        else:
            says = f"{name} is missing: names in its letters are refused."
            found.append(Warning(says, hint, id="certificates.W001"))
    return found
