"""Calendars in a store: the day table W(t) is read from, and which dossiers use which calendar."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbench.clock.calendar import Calendar, CalendarError
from workbench.clock.calendar_file import CalendarRule, CalendarSet, default_set
from workbench.errors import StoreError
from workbench.store import LogStore
from workbench.store.loading import rebuild


def install_calendars(
    store: LogStore,
    calendars: Sequence[Calendar] | CalendarSet | None = None,
    rules: Sequence[CalendarRule] | None = None,
    *,
    prepare: bool = True,
) -> CalendarSet:
    """Replace the store's calendars and rules, and prepare it again when it holds dossiers.

    Without calendars the default one is installed for everybody. Rules: agency before province before "*"; a
    rule may only name one of the calendars. With `prepare` False the derived columns are left as they are until
    the next load. Returns what is now installed.
    """
    chosen = _chosen(calendars, rules)
    if store.read_only:
        raise StoreError(f"{store.path} is open for reading only.", fix="Open it for writing to change calendars.")
    con = store.con
    con.execute("begin")
    try:
        con.execute("delete from calendar_day")
        con.execute("delete from calendar_rule")
        for calendar in chosen.calendars:
            con.register("new_calendar_day", calendar.frame())
            con.execute("insert into calendar_day by name select * from new_calendar_day")
            con.unregister("new_calendar_day")
        con.executemany(
            "insert into calendar_rule (province_code, agency_code, calendar_id) values (?, ?, ?)",
            [[rule.province_code, rule.agency_code, rule.calendar_id] for rule in chosen.rules],
        )
        if prepare and store.scalar("select exists (select 1 from dossier)"):
            rebuild(store)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return chosen


def ensure_calendars(store: LogStore) -> bool:
    """Install the default calendar when the store has none; whether it had to. Nothing is prepared again."""
    if store.scalar("select exists (select 1 from calendar_day)"):
        return False
    install_calendars(store, prepare=False)
    return True


def installed_calendars(store: LogStore) -> pd.DataFrame:
    """The store's calendars: calendar_id, first_day, last_day, working_days, working_seconds, rules, dossiers."""
    return store.sql(
        "select c.*, coalesce(r.rules, 0) as rules, coalesce(d.dossiers, 0) as dossiers from ("
        "  select calendar_id, min(day) as first_day, max(day) as last_day,"
        "    count(*) filter (am_to - am_from + pm_to - pm_from > 0) as working_days,"
        "    sum(am_to - am_from + pm_to - pm_from)::bigint as working_seconds"
        "  from calendar_day group by 1) c "
        "left join (select calendar_id, count(*) as rules from calendar_rule group by 1) r using (calendar_id) "
        "left join (select calendar_id, count(*) as dossiers from dossier group by 1) d using (calendar_id) order by 1"
    )


def _chosen(calendars: Sequence[Calendar] | CalendarSet | None, rules: Sequence[CalendarRule] | None) -> CalendarSet:
    if calendars is None:
        given = default_set()
    elif isinstance(calendars, CalendarSet):
        given = calendars
    else:
        given = CalendarSet(tuple(calendars), ())
    if rules is not None:
        given = CalendarSet(given.calendars, tuple(rules))
    names = [calendar.calendar_id for calendar in given.calendars]
    if len(set(names)) != len(names):
        raise CalendarError(f"Two calendars are called {max(names, key=names.count)!r}.", fix="Rename one of them.")
    if not given.rules and len(names) == 1:
        return CalendarSet(given.calendars, (CalendarRule(names[0]),))
    for rule in given.rules:
        if rule.calendar_id not in names:
            raise CalendarError(
                f"A rule names the calendar {rule.calendar_id!r}.", fix=f"Use one of: {', '.join(names)}."
            )
    if not any(rule.province_code == "*" and rule.agency_code is None for rule in given.rules):
        raise CalendarError("No rule says which calendar the other dossiers use.", fix='Add a rule for province "*".')
    return given
