"""Texts, numbers and dates in Vietnamese (default) and English.

A catalogue is the folder of one language: one TOML a room, dotted keys, `{named}` facts.
Text is chosen at the edge (app, cli, export, charts); the rooms below pass codes and facts.
"""

from workbench.i18n.catalogue import LANGUAGES, Language, catalogue, t
from workbench.i18n.error_texts import error_texts
from workbench.i18n.format import (
    collation_key,
    format_date,
    format_datetime,
    format_duration,
    format_number,
    format_percent,
)

__all__ = [
    "LANGUAGES",
    "Language",
    "catalogue",
    "collation_key",
    "error_texts",
    "format_date",
    "format_datetime",
    "format_duration",
    "format_number",
    "format_percent",
    "t",
]
