from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses")

    def ready(self) -> None:
        from accounts.models import User
        from courses.actions import erasing as erasing_steps
        from courses.actions import merging as steps
        from courses.actions.erasing import erase_custody, erase_photos
        from courses.models import Enrolment
        from courses.queries import erasing as personal
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
            erasing,
            merging,
        )
        from learners.queries.suspects import CLASSMATES

        def photos(subject: erasing.Subject, actor: User) -> None:
            erase_photos(subject=subject, actor=actor)

        def custody(subject: erasing.Subject, actor: User) -> None:
            erase_custody(subject=subject, actor=actor)

        erasing.declare(personal.places())
        erasing.NAMED_IN.append(personal.named_in)
        erasing.LOCKS.append(erasing_steps.lock_custody)
        erasing.ACTS |= {personal.PICTURES: photos, personal.CUSTODY: custody}
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
