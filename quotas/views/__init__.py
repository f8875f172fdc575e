"""Pages of quotas: the board, the explanation, plans, checks, and the files asked for."""

from quotas.views.board import board, board_export
from quotas.views.checks import check_list, check_record, check_table
from quotas.views.explain import explain, explain_export
from quotas.views.plans import plan_detail, plan_list, quota_cascade

__all__ = [
    "board",
    "board_export",
    "check_list",
    "check_record",
    "check_table",
    "explain",
    "explain_export",
    "plan_detail",
    "plan_list",
    "quota_cascade",
]
