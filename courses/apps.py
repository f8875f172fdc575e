from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses")

    def ready(self) -> None:
        from courses.actions import merging as steps
        from courses.models import Enrolment
        from courses.queries import merging as rules
        from courses.queries import reach
        from learners.models import LEARNER_REACH
        from learners.queries import (
            HOUSEHOLD_LINKS,
            HOUSEHOLD_TABLES,
            LEARNER_TABLES,
            PANELS,
            TIMELINE,
            TRAINED,
            HouseholdLink,
            merging,
        )
        from learners.queries.suspects import CLASSMATES

        LEARNER_REACH.append(reach.learners_of_runs)
        TIMELINE.append(reach.timeline_rows)
        TRAINED.append(reach.trained)
        PANELS.append(reach.training_panel)
        LEARNER_TABLES.append(reach.class_table)
        HOUSEHOLD_TABLES.append(reach.household_class_table)
        HOUSEHOLD_LINKS.append(HouseholdLink(Enrolment))
        CLASSMATES.append(rules.classmates)
        rules.register_rules()
        merging.LOCKS.append(steps.lock_classes)
        merging.FOLLOW.append(steps.follow_merge)
        merging.DEPENDS.append(rules.marked_since)
