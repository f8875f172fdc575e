from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncubationConfig(AppConfig):
    name = "incubation"
    verbose_name = _("Incubation")

    def ready(self) -> None:
        """Tells learners whom field workers reach, and what a learner's timeline gains."""
        from incubation.queries import learner_panel, learner_reach, timeline_rows
        from incubation.queries.merging import register_rules
        from learners.models import LEARNER_REACH
        from learners.queries import PANELS, TIMELINE

        LEARNER_REACH.append(learner_reach)
        TIMELINE.append(timeline_rows)
        PANELS.append(learner_panel)
        register_rules()
