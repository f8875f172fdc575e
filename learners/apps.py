from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LearnersConfig(AppConfig):
    name = "learners"
    verbose_name = _("Learners")

    def ready(self) -> None:
        from learners.actions import erasing as _acts  # noqa: F401 - fills erasing.ACTS
        from learners.queries import TIMELINE, erasing
        from learners.queries.merge_rules import register_rules
        from learners.queries.personal_places import own_places
        from learners.queries.side_by_side import merge_rows

        register_rules()
        erasing.declare(own_places())
        TIMELINE.append(merge_rows)
