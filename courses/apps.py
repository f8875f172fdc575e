from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses")

    def ready(self) -> None:
        from courses.queries.reach import learners_of_runs, timeline_rows, trained
        from learners.models import LEARNER_REACH
        from learners.queries import TIMELINE, TRAINED

        LEARNER_REACH.append(learners_of_runs)
        TIMELINE.append(timeline_rows)
        TRAINED.append(trained)
