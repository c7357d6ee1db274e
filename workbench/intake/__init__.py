"""From files to the store: mapping, typing, quarantine, personal fields, the load and its report."""

from workbench.intake.load import LoadReport, load
from workbench.intake.preview import Preview, preview

__all__ = ["LoadReport", "Preview", "load", "preview"]
