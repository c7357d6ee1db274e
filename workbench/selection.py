"""Which dossiers a question is about: a value that can be written down, pasted and reused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from workbench.errors import SelectionError

_LISTS = (
    "provinces",
    "provinces_2025",
    "agencies",
    "levels",
    "units",
    "channels",
    "service_levels",
    "applicant_types",
    "variants_of_procedure",
    "outcomes",
    "steps",
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Dossiers chosen by what they are; an empty field chooses all.

    `start` and `end` bound the day a dossier was received, both inclusive.
    `units` keeps dossiers with at least one event in one of the units; `steps` keeps dossiers with at
    least one of the steps. `closed` True keeps dossiers with an end of processing, False the others.
    """

    procedure: str | None = None
    provinces: tuple[str, ...] = ()
    provinces_2025: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    service_levels: tuple[str, ...] = ()
    applicant_types: tuple[str, ...] = ()
    variants_of_procedure: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    closed: bool | None = None

    def with_(self, **changes: Any) -> Self:
        """This selection with some fields replaced."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Only the fields that choose something; dates as ISO text, lists as lists."""
        out: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value in (None, ()):
                continue
            if isinstance(value, date):
                out[field.name] = value.isoformat()
            else:
                out[field.name] = list(value) if isinstance(value, tuple) else value
        return out

    def to_query(self) -> str:
        """The selection as the query part of a URL, lists as repeated keys."""
        pairs: list[tuple[str, str]] = []
        for key, value in self.to_dict().items():
            if isinstance(value, list):
                pairs += [(key, item) for item in value]
            else:
                pairs.append((key, str(value).lower() if isinstance(value, bool) else str(value)))
        return urlencode(pairs)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """The selection written by `to_dict`; an unknown key or a bad date raises SelectionError."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(facts) - known)
        if unknown:
            raise SelectionError(
                f"A selection has no field {unknown[0]!r}.",
                fix=f"Use one of: {', '.join(sorted(known))}.",
                field=unknown[0],
            )
        out: dict[str, Any] = {}
        for key, value in facts.items():
            out[key] = _value(key, value)
        return cls(**out)

    @classmethod
    def from_query(cls, query: str) -> Self:
        """The selection written by `to_query`; keys that are not selection fields are left alone."""
        known = {field.name for field in fields(cls)}
        facts: dict[str, Any] = {}
        for key, value in parse_qsl(query.lstrip("?")):
            if key in _LISTS:
                facts.setdefault(key, []).append(value)
            elif key in known:
                facts[key] = value
        return cls.from_dict(facts)

    def key(self) -> str:
        """A stable text for caches: equal selections have equal keys."""
        return json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False)


def _value(key: str, value: Any) -> Any:
    if key in _LISTS:
        items = [value] if isinstance(value, str) else list(value)
        return tuple(str(item) for item in items)
    if key in ("start", "end"):
        return _day(key, value)
    if key == "closed":
        return value if isinstance(value, bool) or value is None else str(value).lower() in ("true", "1")
    return None if value is None else str(value)


def _day(key: str, value: Any) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as exc:
        raise SelectionError(
            f"{key} is {value!r}, which is not a day.", fix="Write it as 2025-07-01.", field=key, value=value
        ) from exc
