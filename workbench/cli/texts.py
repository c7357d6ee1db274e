"""Texts of the command line, in the language of the settings."""

from __future__ import annotations

from typing import Any

from workbench.i18n import Language, t
from workbench.settings import load_settings


def language() -> Language:
    """The language the settings ask for (WORKBENCH_LANGUAGE, else Vietnamese)."""
    return "en" if load_settings()["language"] == "en" else "vi"


def help_text(key: str, **facts: Any) -> str:
    """The help text of a command or an option."""
    return t(language(), f"cli.{key}", **facts)
