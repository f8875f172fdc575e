from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LearnersConfig(AppConfig):
    name = "learners"
    verbose_name = _("Learners")

    def ready(self) -> None:
        from learners.queries import TIMELINE
        from learners.queries.merge_rules import register_rules
        from learners.queries.side_by_side import merge_rows

        register_rules()
        TIMELINE.append(merge_rows)
