"""Units' working hours from a TOML file.

```toml
[calendars.hcm-ward]
weekdays = ["7:30-11:30", "13:00-17:00"]   # Monday to Friday
saturday = ["7:30-11:30"]                  # sunday, monday … friday likewise; a day left out is off
holidays = "vn"                            # national days (default), or "none"
days_off = [2025-03-03]                    # further days off
[calendars.hcm-ward.extra_days]            # days with other hours
2025-12-31 = ["7:30-11:30"]

[[rules]]                                  # which dossiers use which calendar
province = "H29"                           # left out: every province
agency = "H29.12"                          # left out: every agency
calendar = "hcm-ward"
```
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from workbench.clock.calendar import (
    DAY_OFF,
    DEFAULT_ID,
    FIRST_DAY,
    LAST_DAY,
    Calendar,
    CalendarError,
    Hours,
    default_calendar,
    parse_hours,
    vietnamese_days,
)

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KEYS = frozenset((*_WEEKDAYS, "weekdays", "holidays", "days_off", "extra_days", "first_day", "last_day"))
_RULE_KEYS = frozenset(("province", "agency", "calendar"))


@dataclass(frozen=True, slots=True)
class CalendarRule:
    """Which dossiers use a calendar; the most specific rule wins: agency, then province, then all."""

    calendar_id: str
    province_code: str = "*"
    agency_code: str | None = None


@dataclass(frozen=True, slots=True)
class CalendarSet:
    """Calendars and the rules that assign them."""

    calendars: tuple[Calendar, ...]
    rules: tuple[CalendarRule, ...]


def default_set() -> CalendarSet:
    """The default calendar for everybody."""
    return CalendarSet((default_calendar(),), (CalendarRule(DEFAULT_ID),))


def read_calendars(path: str | Path) -> CalendarSet:
    """The calendars of a TOML file; the default calendar stays for dossiers no rule names.

    Raises CalendarError that names the file, the calendar and the value at fault.
    """
    file = Path(path)
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as exc:
        raise CalendarError(f"There is no file {file}.", fix="Name the file with the units' hours.") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise CalendarError(f"{file} is not TOML: {exc}.", fix="Correct that line.", path=str(file)) from exc
    try:
        return parse_calendars(content)
    except CalendarError as exc:
        raise CalendarError(f"{file}: {exc.message}", fix=exc.fix, path=str(file), **exc.facts) from exc


def parse_calendars(content: Mapping[str, Any]) -> CalendarSet:
    """The calendars described by the tables of a TOML file."""
    _known("The file", content, frozenset(("calendars", "rules")))
    calendars = {default_calendar().calendar_id: default_calendar()}
    for name, described in content.get("calendars", {}).items():
        calendars[name] = _calendar(name, described)
    rules = tuple(_rule(raw, calendars) for raw in content.get("rules", []))
    if not any(rule.province_code == "*" and rule.agency_code is None for rule in rules):
        rules = (*rules, CalendarRule(DEFAULT_ID))
    _no_repeats(rules)
    return CalendarSet(tuple(calendars.values()), rules)


def _calendar(name: str, described: Mapping[str, Any]) -> Calendar:
    _known(f"Calendar {name!r}", described, _KEYS)
    week = [_hours(name, described, day) for day in _WEEKDAYS]
    kind = described.get("holidays", "vn")
    if kind not in ("vn", "none"):
        raise CalendarError(f"Calendar {name!r} has holidays = {kind!r}.", fix='Choose "vn" or "none".')
    exceptions = vietnamese_days(week) if kind == "vn" else {}
    for day in described.get("days_off", []):
        exceptions[_day(name, day)] = DAY_OFF
    for day, spans in described.get("extra_days", {}).items():
        exceptions[_day(name, day)] = _spans(name, day, spans)
    first = _day(name, described.get("first_day", FIRST_DAY))
    last = _day(name, described.get("last_day", LAST_DAY))
    return Calendar(name, tuple(week), exceptions, first, last)


def _hours(name: str, described: Mapping[str, Any], day: str) -> Hours:
    shared = described.get("weekdays", []) if day not in ("saturday", "sunday") else []
    return _spans(name, day, described.get(day, shared))


def _spans(name: str, day: str, spans: Any) -> Hours:
    if not isinstance(spans, Sequence) or isinstance(spans, str) or not all(isinstance(span, str) for span in spans):
        raise CalendarError(
            f"Calendar {name!r} has {day} = {spans!r}.", fix='Write a list of spans: ["7:30-11:30", "13:00-17:00"].'
        )
    try:
        return parse_hours(spans)
    except CalendarError as exc:
        raise CalendarError(f"Calendar {name!r}, {day}: {exc.message}", fix=exc.fix, **exc.facts) from exc


def _day(name: str, value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as exc:
        raise CalendarError(f"Calendar {name!r} names the day {value!r}.", fix="Write it as 2025-03-03.") from exc


def _rule(raw: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> CalendarRule:
    _known("A rule", raw, _RULE_KEYS)
    calendar = raw.get("calendar")
    if calendar not in calendars:
        raise CalendarError(
            f"A rule names the calendar {calendar!r}.", fix=f"Describe it, or use one of: {', '.join(calendars)}."
        )
    return CalendarRule(str(calendar), str(raw.get("province", "*")), raw.get("agency"))


def _no_repeats(rules: Sequence[CalendarRule]) -> None:
    seen: set[tuple[str, str | None]] = set()
    for rule in rules:
        place = (rule.province_code, rule.agency_code)
        if place in seen:
            raise CalendarError(
                f"Two rules are for province {place[0]} and agency {place[1] or '*'}.", fix="Keep one of them."
            )
        seen.add(place)


def _known(what: str, table: Any, keys: frozenset[str]) -> None:
    if not isinstance(table, Mapping):
        raise CalendarError(f"{what} is {table!r}.", fix="Write it as a table.")
    unknown = sorted(set(table) - keys)
    if unknown:
        raise CalendarError(f"{what} has the key {unknown[0]!r}.", fix=f"Use: {', '.join(sorted(keys))}.")
