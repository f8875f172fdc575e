from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuotasConfig(AppConfig):
    name = "quotas"
    verbose_name = _("Quotas")

    def ready(self) -> None:
        from learners.models import LEARNER_REACH
        from learners.queries import COVERAGE
        from learners.queries.erasing import declare
        from quotas.queries.checks import drawn_for
        from quotas.queries.erasing import places
        from quotas.queries.registers import coverage_of

        if drawn_for not in LEARNER_REACH:
            LEARNER_REACH.append(drawn_for)
        if coverage_of not in COVERAGE:
            COVERAGE.append(coverage_of)
        declare(places())
