"""Official figures from the log: indicators of QĐ 766, report tables, watch lists.

All are recomputed ("tính lại"); the national portal's own score is the official one.
"""

from workbench.indicators.compute import LABEL, Indicators, compute_indicators
from workbench.indicators.period_changes import PeriodChanges, period_changes
from workbench.indicators.periods import Period, cut
from workbench.indicators.points import ACTIONS, CheapestPoints, cheapest_points
from workbench.indicators.portal_scores import PortalScores, parse_portal_scores, read_portal_scores
from workbench.indicators.reconcile import Reconciliation, reconcile
from workbench.indicators.report_table import ReportTable, check_identities, report_table
from workbench.indicators.scoring import points_of
from workbench.indicators.units import province_units
from workbench.indicators.watch import WatchList, watch_list

__all__ = [
    "ACTIONS",
    "LABEL",
    "CheapestPoints",
    "Indicators",
    "Period",
    "PeriodChanges",
    "PortalScores",
    "Reconciliation",
    "ReportTable",
    "WatchList",
    "cheapest_points",
    "check_identities",
    "compute_indicators",
    "cut",
    "parse_portal_scores",
    "period_changes",
    "points_of",
    "province_units",
    "read_portal_scores",
    "reconcile",
    "report_table",
    "watch_list",
]
