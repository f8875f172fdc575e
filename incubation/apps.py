from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncubationConfig(AppConfig):
    name = "incubation"
    verbose_name = _("Incubation")

    def ready(self) -> None:
        """Tells learners whom field workers reach."""
        from incubation.queries import learner_reach
        from learners.models import LEARNER_REACH

        LEARNER_REACH.append(learner_reach)
