"""Every setting in one table; CLI help, the settings page and the documentation are made from it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import SettingError


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its default decides its type; `help` is a catalogue key `settings.<name>`."""

    name: str
    default: str | int | float | bool
    choices: tuple[str, ...] = ()
    minimum: float | None = None


SETTINGS: tuple[Setting, ...] = (
    Setting("language", "vi", ("vi", "en")),
    Setting("clock", "portal", ("law", "portal", "pause", "local")),
    Setting("memory_limit", "6GB"),
    Setting("threads", 0, minimum=0),
    Setting("hash_personal", True),
    Setting("too_few_cases", 30, minimum=1),
    Setting("alignment_seconds", 10.0, minimum=0.1),
    Setting("upload_limit_mb", 2048, minimum=1),
    Setting("host", "127.0.0.1"),
    Setting("port", 8050, minimum=1),
    Setting("workers", 1, minimum=1),
    Setting("theme", "light", ("light", "dark")),
    Setting("engine", "duckdb", ("duckdb", "spark")),
    Setting("spark_master", ""),
    Setting("spark_options", ""),
    Setting("spark_work", ""),
    Setting("spark_log", ""),
)
_BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}
Settings = dict[str, str | int | float | bool]


def load_settings(file: Path | None = None, **overrides: Any) -> Settings:
    """The settings in force: defaults, then the TOML file, then WORKBENCH_* variables, then overrides.

    An override of None does not override.
    """
    values: Settings = {setting.name: setting.default for setting in SETTINGS}
    if file is not None and file.exists():
        for name, value in tomllib.loads(file.read_text("utf-8")).items():
            values[name] = check(name, value)
    for name in _BY_NAME:
        if (text := os.environ.get(f"WORKBENCH_{name.upper()}")) is not None:
            values[name] = check(name, text)
    for name, value in overrides.items():
        if value is not None:
            values[name] = check(name, value)
    return values


def check(name: str, value: Any) -> str | int | float | bool:
    """`value` in the type of the setting; an unknown name or a value that is not allowed raises SettingError."""
    setting = _BY_NAME.get(name)
    if setting is None:
        raise SettingError(f"There is no setting {name!r}.", fix=f"Use one of: {', '.join(_BY_NAME)}.", name=name)
    try:
        if isinstance(setting.default, bool):
            typed: Any = value if isinstance(value, bool) else {"true": True, "false": False}[str(value).lower()]
        else:
            typed = type(setting.default)(value)
    except (KeyError, ValueError) as exc:
        raise SettingError(f"{name} is {value!r}.", fix=f"Give a {type(setting.default).__name__}.", name=name) from exc
    if setting.choices and typed not in setting.choices:
        raise SettingError(f"{name} is {value!r}.", fix=f"Choose one of: {', '.join(setting.choices)}.", name=name)
    if setting.minimum is not None and typed < setting.minimum:
        raise SettingError(f"{name} is {value!r}.", fix=f"Give at least {setting.minimum:g}.", name=name)
    return typed  # type: ignore[no-any-return]
