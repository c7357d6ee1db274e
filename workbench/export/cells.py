"""Values and headings of result tables as text: durations, shares, codes and dates in one language."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.i18n import Language, catalogue, format_datetime, format_duration, format_number, t

WORKING_DAY_HOURS = 8.0
_CODES = {
    "artefact": "quality.artefact",
    "check": "quality.check",
    "evidence": "quality.evidence",
    "reason": "quarantine",
    "clock": "clock.name",
    "cause": "clock.cause",
    "law": "clock.verdict",
    "portal": "clock.verdict",
    "pause": "clock.verdict",
    "local": "clock.verdict",
    "measure": "mining.measure",
    "move": "export.move",
    "id": "indicators.name",
    "canonical": "app_data.column",
    "why": "sources.reason",
    "unused": "sources.unused",
    "verdict": "export.verdict",
    "candidate": "harmonise.candidate",
    "action": "harmonise.action",
}
"""Columns of codes and where the catalogue has their words."""


def heading(name: str, language: Language) -> str:
    """The heading of a column; its name where the catalogue has none."""
    return catalogue(language).get(f"cli.column.{name}", name)


def cell_text(value: Any, language: Language, name: str = "") -> str:  # noqa: PLR0911 - one return per kind of value
    """One value of the column `name` for people."""
    if (name.endswith("_seconds") or name == "seconds") and isinstance(value, int | float):
        return format_duration(value, language, WORKING_DAY_HOURS if "working" in name else 24.0)
    if isinstance(value, list | tuple):
        return " → ".join(str(item) for item in value)
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):  # noqa: PLR0124
        return "–"
    if isinstance(value, str) and name in _CODES:
        return catalogue(language).get(f"{_CODES[name]}." + value.replace(".", "_"), value)
    if isinstance(value, bool | np.bool_):
        return t(language, "cli.yes" if value else "cli.no")
    if isinstance(value, int):
        return format_number(value, language, 0)
    if isinstance(value, float) and name in ("q_value", "p_value") and value < 0.001:
        return "< " + format_number(0.001, language, 3)
    if isinstance(value, float):
        return format_number(value, language, 0 if value.is_integer() and abs(value) >= 1000 else 3)
    if isinstance(value, pd.Timestamp):
        return format_datetime(value, language)
    return str(value)
