"""Texts of the command line, in the language asked for or that of the settings."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import click

from workbench.errors import SettingError, WorkbenchError
from workbench.i18n import Language, error_texts, t
from workbench.settings import load_settings

_ASKED: ContextVar[Language | None] = ContextVar("asked", default=None)


def speak(asked: Language | None) -> None:
    """Speak in the language a command was asked for with --language; None: as the settings say."""
    _ASKED.set(asked)


def language() -> Language:
    """The language a command was asked for, else that of the settings (WORKBENCH_LANGUAGE, else Vietnamese).

    A wrong setting is said by the command that reads the settings, not while its help text is looked up.
    """
    asked = _ASKED.get()
    if asked is not None:
        return asked
    try:
        return "en" if load_settings()["language"] == "en" else "vi"
    except SettingError:
        return "vi"


def help_text(key: str, **facts: Any) -> str:
    """The help text of a command or an option."""
    return t(language(), f"cli.{key}", **facts)


def error_sentence(error: WorkbenchError, spoken: Language) -> str:
    """What is wrong, and on a second line what to do now."""
    message, fix = error_texts(error, spoken)
    return t(spoken, "cli.error", message=message, fix=fix).strip()


def usage_sentence(error: click.ClickException, spoken: Language) -> str:
    """What is wrong with the words of a command, and where its help is."""
    context = getattr(error, "ctx", None)
    command = "workbench" if context is None else context.command_path
    return t(spoken, "cli.error", message=_usage(error, spoken), fix=t(spoken, "cli.usage.help", command=command))


def _usage(error: click.ClickException, spoken: Language) -> str:
    name = _parameter(error)
    if isinstance(error, click.NoSuchOption):
        return t(spoken, "cli.usage.no_option", name=error.option_name)
    if isinstance(error, click.exceptions.NoSuchCommand):
        return t(spoken, "cli.usage.no_command", name=error.command_name)
    if isinstance(error, click.MissingParameter):
        return t(spoken, "cli.usage.missing", name=name)
    if isinstance(error, click.BadParameter):
        return t(spoken, "cli.usage.bad_value", name=name, message=error.message)
    return error.format_message()


def _parameter(error: click.ClickException) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return str(getattr(error, "param_hint", "") or "")
    return parameter.opts[-1] if isinstance(parameter, click.Option) else str(parameter.make_metavar(error.ctx))  # type: ignore[attr-defined]
