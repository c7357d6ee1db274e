"""What OpenCPS says of how work should go: office hours and days off as calendars, designed processes as published ones.

Sources of the forms: WorkTime(day as in java.util.Calendar, 1 = Sunday; hours as "07:00-11:30,13:30-17:00"),
Holiday(holidayDate, holidayType 0 off, 1 make-up day), and the designed net processstep, processaction,
processsequence, serviceprocess(durationUnit 0 day, 1 hour), of OpenCPS v2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import duckdb

from workbench.clock import install_calendars
from workbench.clock.calendar import DAY_OFF, DEFAULT_ID, Calendar, CalendarError, Hours, parse_hours, vietnamese_days
from workbench.clock.calendar_file import CalendarRule, CalendarSet
from workbench.errors import FormatError
from workbench.intake.companions import keep_steps
from workbench.reference import PROCEDURE_CODE_PATTERN
from workbench.sources.headings import fold
from workbench.sources.raw import RawTable
from workbench.store import LogStore

CALENDAR = "opencps"
"""Name of the calendar; of several sites, each with its own hours, `opencps-GROUP`."""
_SUNDAY_FIRST = (1, 2, 3, 4, 5, 6, 0)
"""Place of Monday to Sunday in OpenCPS's days, which begin with Sunday = 1."""
_HOURS_OF_A_DAY = 8.0
Row = dict[str, str | None]


def install_norm(store: LogStore, norm: Mapping[str, Sequence[RawTable]], dossiers: Sequence[RawTable]) -> None:
    """Install the calendars and keep the designed processes found among the tables of a load.

    `dossiers` are the raw dossier tables of the load: they tell which agency a site is, and which procedure a process
    is for. Calendars of the user's own are not replaced. Raises FormatError naming a row that cannot be read.
    """
    tables = {name: [row for table in found for row in _rows(table)] for name, found in norm.items()}
    known = [row for table in dossiers for row in _distinct(table)]
    if tables.get("opencps_worktime"):
        _install(store, _calendars(tables, known, _source(norm, "opencps_worktime")))
    if tables.get("opencps_processstep"):
        _keep(store, tables, known, _source(norm, "opencps_processstep"))


def _source(norm: Mapping[str, Sequence[RawTable]], name: str) -> str:
    return norm[name][0].name


def _rows(table: RawTable) -> list[Row]:
    names = {fold(name): name for name in table.columns}
    chosen = ", ".join(f"trim({_quote(name)}::varchar) as {_quote(key)}" for key, name in names.items())
    return _fetch(f"select {chosen} from read_parquet(?, union_by_name=true)", table)


def _distinct(table: RawTable) -> list[Row]:
    """Which site, agency, process and procedure occur together."""
    with duckdb.connect() as con:
        have = con.execute("select * from read_parquet(?) limit 0", [[str(table.parts[0].parquet)]]).description or []
    names = {fold(str(one[0])): str(one[0]) for one in have}
    wanted = [name for name in ("groupid", "govagencycode", "processno", "servicecode") if name in names]
    if not wanted:
        return []
    chosen = ", ".join(f"trim({_quote(names[key])}::varchar) as {_quote(key)}" for key in wanted)
    return _fetch(f"select distinct {chosen} from read_parquet(?, union_by_name=true)", table)


def _fetch(text: str, table: RawTable) -> list[Row]:
    with duckdb.connect() as con:
        found = con.execute(text, [[str(part.parquet) for part in table.parts]])
        keys = [str(one[0]) for one in found.description or []]
        return [dict(zip(keys, row, strict=True)) for row in found.fetchall()]


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# calendars ------------------------------------------------------------------------------------------------
def _calendars(tables: Mapping[str, list[Row]], known: Sequence[Row], source: str) -> CalendarSet:
    groups = sorted({row.get("groupid") or "" for row in tables["opencps_worktime"]})
    agencies = {str(row["govagencycode"]): row.get("groupid") or "" for row in known if row.get("govagencycode")}
    if len(groups) > 1 and not agencies:
        raise FormatError(
            f"{source} holds the hours of {len(groups)} sites, and nothing says which agency a site is.",
            fix="Load it together with opencps_dossier, with the columns groupId and govAgencyCode.", source=source,
        )  # fmt: skip
    calendars, rules = [], []
    for group in groups:
        name = CALENDAR if len(groups) == 1 else f"{CALENDAR}-{group}"
        hours = [row for row in tables["opencps_worktime"] if (row.get("groupid") or "") == group]
        free = [row for row in tables.get("opencps_holiday", []) if (row.get("groupid") or group) == group]
        calendars.append(_calendar(name, hours, free, source))
        if len(groups) > 1:
            rules += [CalendarRule(name, "*", agency) for agency, its in sorted(agencies.items()) if its == group]
    return CalendarSet(tuple(calendars), (*rules, CalendarRule(calendars[0].calendar_id)))


def _calendar(name: str, hours: Sequence[Row], free: Sequence[Row], source: str) -> Calendar:
    """A weekday without a row is off; the table's own days win over the national ones."""
    by_day: dict[int, Hours] = {}
    for row in hours:
        try:
            spans = [part for part in (row["hours"] or "").split(",") if part.strip()]
            by_day[_place(row["day"])] = parse_hours(spans)
        except (ValueError, CalendarError) as exc:
            raise FormatError(
                f"{source}: day {row['day']!r} with the hours {row['hours']!r} cannot be read.",
                fix="A day is 1 (Sunday) to 7; hours are written 07:00-11:30,13:30-17:00.", source=source,
            ) from exc  # fmt: skip
    week = [by_day.get(place, DAY_OFF) for place in _SUNDAY_FIRST]
    usual = next((one for one in week if one.seconds), DAY_OFF)
    exceptions = vietnamese_days(week)
    for row in free:
        day = _day(row["holidaydate"], source)
        if day is not None:
            exceptions[day] = (
                (week[day.weekday()] if week[day.weekday()].seconds else usual)
                if row["holidaytype"] == "1"
                else DAY_OFF
            )
    return Calendar(name, tuple(week), exceptions)


def _place(day: str | None) -> int:
    """The place of a day in a week that begins with Sunday; ValueError for none of 1 to 7."""
    if day not in {"1", "2", "3", "4", "5", "6", "7"}:
        raise ValueError(day)
    return int(day) - 1


def _day(text: str | None, source: str) -> date | None:
    if not text or text.startswith("0000"):
        return None
    try:
        if re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}.*", text):
            return datetime.strptime(text[:10].strip(), "%d/%m/%Y").date()
        return date.fromisoformat(text[:10])
    except ValueError as exc:
        raise FormatError(
            f"{source}: the day off {text!r} cannot be read.", fix="Write it as 2025-01-29.", source=source
        ) from exc


def _install(store: LogStore, found: CalendarSet) -> None:
    """Install the calendars, unless they are there already or the user has installed others."""
    have = {str(row[0]) for row in store.con.execute("select distinct calendar_id from calendar_rule").fetchall()}
    if any(name != DEFAULT_ID and not name.startswith(CALENDAR) for name in have) or _same(store, found):
        return
    install_calendars(store, found)


def _same(store: LogStore, found: CalendarSet) -> bool:
    kept = dict(
        store.con.execute(
            "select calendar_id, bit_xor(hash(day, am_from, am_to, pm_from, pm_to)) from calendar_day group by 1"
        ).fetchall()
    )
    new: dict[str, Any] = {}
    for calendar in found.calendars:
        frame = calendar.frame()
        with duckdb.connect() as con:
            con.register("frame", frame)
            new[calendar.calendar_id] = con.execute(
                "select bit_xor(hash(day::date, am_from, am_to, pm_from, pm_to)) from frame"
            ).fetchall()[0][0]
    rules = {
        tuple(row)
        for row in store.con.execute("select calendar_id, province_code, agency_code from calendar_rule").fetchall()
    }
    return kept == new and rules == {(rule.calendar_id, rule.province_code, rule.agency_code) for rule in found.rules}


# designed processes ---------------------------------------------------------------------------------------
def _keep(store: LogStore, tables: Mapping[str, list[Row]], known: Sequence[Row], source: str) -> None:
    """Keep every designed process for every procedure whose dossiers follow it."""
    roles = {
        (row["serviceprocessid"], row["sequenceno"]): row.get("sequencerole") or row.get("sequencename")
        for row in tables.get("opencps_processsequence", [])
    }
    services = tables.get("opencps_serviceprocess", [])
    for service in services:
        key, number = service["serviceprocessid"], service["processno"]
        procedures = _procedures(known, number)
        steps = {str(row["stepcode"]): row for row in tables["opencps_processstep"] if row["serviceprocessid"] == key}
        actions = [row for row in tables.get("opencps_processaction", []) if row["serviceprocessid"] == key]
        per_day = 1.0 if (service.get("durationunit") or "0") == "0" else 1 / _HOURS_OF_A_DAY
        path = list(enumerate(main_path(steps, actions), 1))
        place, declared = _province(known, number), _days(service, per_day)
        for procedure in procedures if path else ():
            keep_steps(
                store,
                [
                    (f"{number}-{procedure}", procedure, place, "1", order, name,
                     roles.get((key, step.get("sequenceno"))) if step else None, _days(step, per_day), declared, source)
                    for order, (name, step) in path
                ],
            )  # fmt: skip


def _procedures(known: Sequence[Row], number: str | None) -> list[str]:
    """The national codes of the procedures whose dossiers follow a process."""
    codes = {str(row["servicecode"]) for row in known if row.get("processno") == number and row.get("servicecode")}
    return sorted({found[1] if (found := re.search(PROCEDURE_CODE_PATTERN, code)) else code for code in codes})


def main_path(steps: Mapping[str, Row], actions: Sequence[Row]) -> list[tuple[str, Row | None]]:
    """The longest way through the net that only goes forward: each action's name and the step it is done in.

    Forward is the order of the steps' sequence numbers and codes; ways back (returns, supplements) are left out.
    """
    order = {code: place for place, code in enumerate(sorted(steps, key=lambda code: (_number(steps[code]), code)), 1)}
    ways = sorted(
        (order.get(str(row["prestepcode"] or ""), 0), order[str(row["poststepcode"])], str(row["actionname"]),
         str(row["prestepcode"] or ""))
        for row in actions
        if row.get("actionname") and str(row["poststepcode"]) in order
        and order.get(str(row["prestepcode"] or ""), 0) < order[str(row["poststepcode"])]
    )  # fmt: skip
    longest: dict[int, list[tuple[str, Row | None]]] = {}
    for before, after, name, code in sorted(ways, key=lambda way: (way[1], way[0])):
        so_far = longest.get(before, [])
        if not so_far and before and any(way[1] == before for way in ways):
            continue  # a step that is only reached from itself
        way = [*so_far, (name, steps.get(code))]
        if len(way) > len(longest.get(after, [])):
            longest[after] = way
    return max(longest.values(), key=len, default=[])


def _number(step: Row) -> tuple[float, str]:
    text = step.get("sequenceno") or ""
    return (float(text), text) if re.fullmatch(r"\d+(\.\d+)?", text) else (float("inf"), text)


def _days(row: Row | None, per_day: float) -> float | None:
    try:
        count = float((row or {}).get("durationcount") or 0)
    except ValueError:
        return None
    return count * per_day if count > 0 else None


def _province(known: Sequence[Row], number: str | None) -> str | None:
    """The province all agencies of a process belong to, by the H-code at the end of theirs."""
    codes = {str(row.get("govagencycode") or "") for row in known if row.get("processno") == number}
    ends = {found[1] if (found := re.search(r"(?:^|\.)(H\d\d)$", code)) else None for code in codes}
    return ends.pop() if len(ends) == 1 else None
