from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses")

    def ready(self) -> None:
        from courses.actions import merging as steps
        from courses.queries.merging import classmates, marked_since, register_rules
        from courses.queries.reach import learners_of_runs, timeline_rows, trained
        from learners.models import LEARNER_REACH
        from learners.queries import TIMELINE, TRAINED, merging
        from learners.queries.suspects import CLASSMATES

        LEARNER_REACH.append(learners_of_runs)
        TIMELINE.append(timeline_rows)
        TRAINED.append(trained)
        CLASSMATES.append(classmates)
        register_rules()
        merging.LOCKS.append(steps.lock_classes)
        merging.FOLLOW.append(steps.follow_merge)
        merging.DEPENDS.append(marked_since)
