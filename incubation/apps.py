from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncubationConfig(AppConfig):
    name = "incubation"
    verbose_name = _("Incubation")

    def ready(self) -> None:
        """Tells learners whom field workers reach, and what a learner's timeline gains."""
        from incubation import queries
        from incubation.models import Baseline, EarningsReport, Shop, SupportGiven
        from incubation.queries.erasing import places
        from incubation.queries.merging import register_rules
        from learners.models import LEARNER_REACH
        from learners.queries import (
            HOUSEHOLD_LINKS,
            HOUSEHOLD_PANELS,
            HOUSEHOLD_TABLES,
            LEARNER_TABLES,
            PANELS,
            TIMELINE,
            HouseholdLink,
        )
        from learners.queries.erasing import declare

        register_rules()
        declare(places())
        LEARNER_REACH.append(queries.learner_reach)
        TIMELINE.append(queries.timeline_rows)
        PANELS.extend([queries.learner_panel, queries.sales_panel])
        LEARNER_TABLES.extend([queries.subsidy_table, queries.visit_table, queries.shop_table])
        HOUSEHOLD_PANELS.extend([queries.income_panel, queries.support_panel])
        HOUSEHOLD_TABLES.extend([queries.support_table, queries.income_table])
        HOUSEHOLD_LINKS.extend(
            [
                HouseholdLink(Shop),
                HouseholdLink(EarningsReport),
                HouseholdLink(SupportGiven),
                HouseholdLink(Baseline, once_per=("month",)),
            ]
        )
