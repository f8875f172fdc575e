"""What pages, actions and figures read of incubation."""

from incubation.queries.cases import (
    GROUPS,
    READERS,
    WRITERS,
    candidates,
    case_rows,
    field_workers,
    first_completion,
    household_of,
    in_group,
    learner_reach,
    may_record,
    plan_on,
    week_end,
    work_of,
)
from incubation.queries.earnings import (
    MonthSales,
    SalesChart,
    best_grade_reports,
    earnings_of,
    monthly_sales,
    sales_chart,
    shop_rows,
)
from incubation.queries.timeline import learner_panel, timeline_rows

__all__ = [
    "GROUPS",
    "READERS",
    "WRITERS",
    "MonthSales",
    "SalesChart",
    "best_grade_reports",
    "candidates",
    "case_rows",
    "earnings_of",
    "field_workers",
    "first_completion",
    "household_of",
    "in_group",
    "learner_panel",
    "learner_reach",
    "may_record",
    "monthly_sales",
    "plan_on",
    "sales_chart",
    "shop_rows",
    "timeline_rows",
    "week_end",
    "work_of",
]
