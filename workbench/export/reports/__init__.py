"""Reports made from a store, with all that is needed to make them again."""

from workbench.export.reports.registry import REPORTS, Verification, build_report, verify_report, write_report

__all__ = ["REPORTS", "Verification", "build_report", "verify_report", "write_report"]
