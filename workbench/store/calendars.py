"""Which calendar and which province of 2025 a dossier belongs to, as SQL joins."""

from __future__ import annotations

import duckdb

from workbench.reference import provinces


def calendar_join(dossier: str, name: str) -> str:
    """A join that adds `name`.calendar_id to rows with province_code and agency_code.

    Of the rules the one for the agency in this province wins, then for the agency anywhere, then for the
    province, then for everybody.
    """
    one = "select {keys}, min(calendar_id) as calendar_id from calendar_rule where {where} group by all"
    both = one.format(
        keys="province_code, agency_code", where="coalesce(province_code, '*') <> '*' and agency_code is not null"
    )
    agency = one.format(keys="agency_code", where="coalesce(province_code, '*') = '*' and agency_code is not null")
    province = one.format(keys="province_code", where="coalesce(province_code, '*') <> '*' and agency_code is null")
    anyone = "select min(calendar_id) as calendar_id from calendar_rule where coalesce(province_code, '*') = '*' and agency_code is null"
    d = dossier
    return (
        f"left join ({both}) {name}1 on {name}1.province_code = {d}.province_code "
        f"and {name}1.agency_code = {d}.agency_code "
        f"left join ({agency}) {name}2 on {name}2.agency_code = {d}.agency_code "
        f"left join ({province}) {name}3 on {name}3.province_code = {d}.province_code "
        f"cross join ({anyone}) {name}4 cross join lateral (select coalesce({name}1.calendar_id, {name}2.calendar_id, "
        f"{name}3.calendar_id, {name}4.calendar_id) as calendar_id) {name}"
    )


def write_successors(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary table `successor`: province as filed, province since 1/7/2025."""
    con.execute("create or replace temp table successor (province_code varchar, province_2025 varchar)")
    con.executemany("insert into successor values (?, ?)", [[item.h_code, item.successor] for item in provinces()])
