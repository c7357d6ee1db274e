"""Times as text: the forms a column uses, the order of day and month, zones; and the SQL that reads them.

The whole column decides how it is read. Zoned times are converted to Asia/Ho_Chi_Minh, naive ones taken as local.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from workbench.errors import MappingError
from workbench.intake.values import literal
from workbench.sources.sniff import TIME_SHAPES
from workbench.store.schema import quote

ZONE = "Asia/Ho_Chi_Minh"
_OFFSET = r":\d{2}([.,]\d+)? ?(Z|z|[+-]\d{2}(:?\d{2})?)$"
_CLOCKS = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M:%S %p", "%I:%M %p")
FIRST, LAST = "timestamp '1950-01-01'", "timestamp '2101-01-01'"
"""A time outside these is a slip of the source."""
NONE_BEFORE = "timestamp '1901-01-01'"
"""What .NET and SQL Server write for "none" lies before this."""
_MOSTLY = 0.99


@dataclass(frozen=True, slots=True)
class TimeFacts:
    """What a whole column of times in text holds."""

    filled: int
    zoned: int
    slashed: int
    first_over_12: int
    second_over_12: int


@dataclass(frozen=True, slots=True)
class TimePlan:
    """How the times of one table are read."""

    day_first: bool
    decided_by: str
    """column, table, given, default: what the order of day and month rests on; `none` when it does not matter."""
    keep_clock: bool
    """Zoned times keep the clock they show instead of being converted."""


def time_facts(con: duckdb.DuckDBPyConnection, source: str, columns: Sequence[str]) -> dict[str, TimeFacts]:
    """Facts of text columns, over all rows of `source`."""
    if not columns:
        return {}
    parts = []
    for name in columns:
        text = f"trim({quote(name)})"
        slash = f"regexp_matches({text}, {literal(TIME_SHAPES['slash'])})"
        after = f"regexp_matches({text}, {literal(TIME_SHAPES['slash_after'])})"
        day = f"case when {slash} then {text} when {after} then regexp_extract({text}, '[^ ,-]*$') end"
        parts += [
            f"count(nullif({text}, ''))",
            f"count(*) filter (regexp_matches({text}, {literal(_OFFSET)}))",
            f"count(*) filter (least({_part(day, 1)}, {_part(day, 2)}) <= 12 and greatest({_part(day, 1)}, {_part(day, 2)}) <= 31)",
            f"count(*) filter ({_part(day, 1)} between 13 and 31 and {_part(day, 2)} <= 12)",
            f"count(*) filter ({_part(day, 2)} between 13 and 31 and {_part(day, 1)} <= 12)",
        ]
    row = con.execute(f"select {', '.join(parts)} from {source}").fetchall()[0]
    return {name: TimeFacts(*(int(n) for n in row[5 * i : 5 * i + 5])) for i, name in enumerate(columns)}


def _part(day: str, place: int) -> str:
    return f"try_cast(regexp_extract({day}, '^(\\d+)[/.-](\\d+)', {place}) as integer)"


def plan(
    name: str, facts: Mapping[str, TimeFacts], *, date_order: str | None, keep_clock: bool, source: str
) -> TimePlan:
    """How column `name` is read.

    Raises MappingError when it stays open whether the day or the month comes first: neither this column nor its
    neighbours hold a number over 12, or they contradict each other.
    """
    if date_order is not None:
        return TimePlan(date_order == "dmy", "given", keep_clock)
    own = facts[name]
    if not own.slashed:
        return TimePlan(True, "none", keep_clock)
    for decided_by, among in (("column", [own]), ("table", list(facts.values()))):
        first, second = sum(f.first_over_12 for f in among), sum(f.second_over_12 for f in among)
        if first + second and max(first, second) >= _MOSTLY * (first + second):
            return TimePlan(first > second, decided_by, keep_clock)
        if first + second:
            raise MappingError(
                f"{source}: column {name!r} writes dates in both orders: {first:,} can only be day/month/year, "
                f"{second:,} only month/day/year.",
                fix="Export them in one form, or say which one counts: --set date_order=dmy (the others are refused).",
                column=name, day_first=first, month_first=second,
            )  # fmt: skip
    raise MappingError(
        f"{source}: the dates in column {name!r} can be read as day/month or as month/day: no part is over 12.",
        fix="Say which it is: --set date_order=dmy (day first, as in Vietnam) or --set date_order=mdy.",
        column=name,
    )


def without_zeros(text: str) -> str:
    """SQL of a text that is null where MySQL wrote a date of zeros for none."""
    return f"case when starts_with({text}, '0000-00-00') then null else {text} end"


def parse(text: str, plan: TimePlan) -> str:
    """SQL that reads a cleaned text as a time; null when it is none."""
    zoned = f"regexp_matches({text}, {literal(_OFFSET)})"
    comma = f"replace({text}, ',', '.')"
    if plan.keep_clock:
        moment = f"try_cast(regexp_replace({comma}, ' ?(Z|z|[+-]\\d{{2}}(:?\\d{{2}})?)$', '') as timestamp)"
    else:
        moment = f"timezone('{ZONE}', try_cast({comma} as timestamptz))"
    iso = f"regexp_matches({text}, '^\\d{{4}}[-/]\\d{{1,2}}[-/]\\d{{1,2}}')"
    digits = f"regexp_matches({text}, '^\\d+$')"
    serial = f"regexp_matches({text}, {literal(TIME_SHAPES['serial'])})"
    days = f"try_cast({comma} as double)"
    milliseconds = f"regexp_matches({text}, {literal(TIME_SHAPES['milliseconds'])})"
    instant = f"timezone('{ZONE}', to_timestamp(try_cast({text} as bigint) / 1000.0))"
    return (
        f"case when {zoned} then {moment} "
        f"when {iso} then try_cast(replace({comma}, '/', '-') as timestamp) "
        f"when {serial} then timestamp '1899-12-30' + to_microseconds(round({days} * 86400)::bigint * 1000000) "
        f"when {milliseconds} then {instant} "
        f"when {digits} then try_strptime({text}, ['%Y%m%d%H%M%S', '%Y%m%d']) "
        f"else try_strptime({_slashed(text)}, {_formats(plan.day_first)}) end"
    )


def _slashed(text: str) -> str:
    """`31-12-2024 05:10 CH` and `17:10 31.12.2024` as `31/12/2024 05:10 PM` and `31/12/2024 17:10`."""
    front = f"regexp_replace({text}, '^(\\d{{1,2}}:\\d{{2}}(?::\\d{{2}})?)[ ,-]+(.*)$', '\\2 \\1')"
    dated = f"regexp_replace({front}, '^(\\d{{1,2}})[/.-](\\d{{1,2}})[/.-](\\d{{4}})[ ,T]*', '\\1/\\2/\\3 ')"
    return f"trim(regexp_replace(regexp_replace({dated}, ' ?(?i:sa|am)$', ' AM'), ' ?(?i:ch|pm)$', ' PM'))"


def _formats(day_first: bool) -> str:
    day = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    return "[" + ", ".join(literal(form) for form in (*(f"{day} {clock}" for clock in _CLOCKS), day)) + "]"
