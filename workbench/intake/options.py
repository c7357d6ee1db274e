"""What `--set NAME=VALUE` means: a canonical column's constant, or an option of reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.errors import MappingError
from workbench.sources.mapping import TARGETS
from workbench.sources.reading import OPTIONS as READER_OPTIONS

ALIASES: Mapping[str, str] = {
    "province": "province_code",
    "organisation": "province_code",
    "organization": "province_code",
    "procedure": "procedure_code",
    "agency": "agency_code",
    "variant": "procedure_variant",
    "activity": "label",
    "time": "completed_at",
    "case": "dossier_code",
}
CONSTANTS = (
    "province_code", "procedure_code", "procedure_name", "procedure_variant", "agency_code", "level", "channel",
    "service_level", "applicant_type", "unit", "role",
)  # fmt: skip
FROM_FILE = "@file"
FROM_COLUMN = "@column:"


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """The settings of one load, checked."""

    constants: dict[str, str] = field(default_factory=dict)
    """Canonical column to its value; @file stands for the file's name without its endings."""
    columns: dict[str, str] = field(default_factory=dict)
    """Canonical column to the source's column a person chose."""
    reader: dict[str, str] = field(default_factory=dict)
    date_order: str | None = None
    keep_clock: bool = False
    """Zoned times keep the clock they show instead of being converted to Vietnamese time."""


def options_from(given: Mapping[str, str], date_order: str | None = None) -> LoadOptions:
    """The options of `--set` pairs; an unknown name or value raises MappingError with what is allowed."""
    constants: dict[str, str] = {}
    columns: dict[str, str] = {}
    reader: dict[str, str] = {}
    keep_clock = False
    for name, value in given.items():
        target = ALIASES.get(name, name)
        if name == "date_order":
            date_order = date_order or value
        elif name == "time_zone":
            keep_clock = _choice(name, value, ("convert", "keep")) == "keep"
        elif name in READER_OPTIONS:
            reader[name] = value
        elif value.startswith(FROM_COLUMN) and any(target in targets for targets in TARGETS.values()):
            columns[target] = value.removeprefix(FROM_COLUMN)
        elif target in CONSTANTS:
            constants[target] = value
        else:
            allowed = [*CONSTANTS, "date_order", "time_zone", *READER_OPTIONS]
            raise MappingError(
                f"--set {name}={value}: there is no {name!r} to set.",
                fix=f"Set one of: {', '.join(allowed)}; or a column with NAME={FROM_COLUMN}HEADING.",
                name=name, choices=allowed,
            )  # fmt: skip
    if date_order is not None:
        _choice("date_order", date_order, ("dmy", "mdy"))
    return LoadOptions(constants, columns, reader, date_order, keep_clock)


def _choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise MappingError(f"{name} is {value!r}.", fix=f"Choose one of: {', '.join(allowed)}.", name=name, value=value)
    return value
