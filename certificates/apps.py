from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        from certificates.actions import note_correction
        from certificates.queries import timeline
        from courses.actions import CONSEQUENCES
        from learners.queries import TIMELINE

        CONSEQUENCES.append(note_correction)
        TIMELINE.append(timeline)
