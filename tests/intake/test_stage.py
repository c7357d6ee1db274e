"""Staging: organisations by name and statistical code, joined starts against a plain reference, unread options."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.intake.conftest import csv
from workbench.intake import events, places
from workbench.intake.options import LoadOptions, options_from
from workbench.intake.personal import Hasher
from workbench.intake.typed import Typed
from workbench.intake.variables import Variables
from workbench.intake.workplace import Workplace
from workbench.sources.mapping import Mapping
from workbench.sources.raw import RawFile, RawPart, RawTable


@pytest.mark.parametrize(
    ("organisation", "day", "code"),
    [
        ("Thanh Hóa", "2024-01-01", "H56"),
        ("Tỉnh Thanh Hoá", "2024-01-01", "H56"),
        ("TP. Hồ Chí Minh", "2024-01-01", "H29"),
        ("H27", "2024-01-01", "H27"),
        ("Municipality 3", "2024-01-01", "Municipality 3"),
        ("91", "2024-01-01", "H33"),
        ("91", "2026-01-01", "H01"),
    ],
)
def test_organisations(loaded, ask, organisation: str, day: str, code: str):
    loaded({"log.csv": csv(f"H1,a,{day} 08:00,{organisation}", heading="Mã hồ sơ,Bước,Lúc,Tỉnh")})
    assert ask("select province_code from dossier") == [(code,)]


def test_small_numbers_are_no_statistical_codes(loaded, ask):
    rows = ("H1,a,2024-01-01 08:00,1", "H2,a,2024-01-01 08:00,91")
    loaded({"log.csv": csv(*rows, heading="Mã hồ sơ,Bước,Lúc,Tỉnh")})
    assert ask("select province_code from dossier order by 1") == [("1",), ("91",)]


@pytest.mark.parametrize(
    ("code", "province", "agency"),
    [
        ("000.17.22.H56-210531-0001", "H56", "000.17.22.H56"),
        ("H55.242-250801-0007", "H55", "H55.242"),
        ("G01-250801-0007", "G01", "G01"),
        ("12345", None, None),
    ],
)
def test_what_a_dossier_code_says(code: str, province: str | None, agency: str | None):
    sql = f"select {places.from_dossier_code('x')}, {places.agency_of('x')} from (select ?::varchar as x)"
    assert duckdb.execute(sql, [code]).fetchall() == [(province, agency)]


# starts and completions -----------------------------------------------------------------------------------
START = datetime(2024, 1, 1)


def first_in_first_out(rows: list[tuple[int, bool]]) -> dict[int, int]:
    """Completion to start, by walking along the rows."""
    waiting: list[int] = []
    found = {}
    for place, (_, is_start) in sorted(enumerate(rows), key=lambda item: (item[1][0], item[0])):
        if is_start:
            waiting.append(place)
        elif waiting:
            found[place] = waiting.pop(0)
    return found


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=14))
def test_joined_starts_equal_a_walk_along_the_rows(rows: list[tuple[int, bool]]):
    frame = pd.DataFrame(
        {
            "province_code": "p", "dossier_code": "d", "label": "a",
            "completed_at": [START + timedelta(hours=hour) for hour, _ in rows],
            "transition": ["START" if is_start else "complete" for _, is_start in rows],
            "__source": "s", "__line": range(len(rows)), "__order": range(len(rows)),
            "__reason": pd.Series([None] * len(rows), dtype=object), "__column": pd.Series([None] * len(rows), dtype=object),
        }
    )  # fmt: skip
    with duckdb.connect() as con:
        con.register("frame", frame)
        con.execute("create temp table typed_0 as select * replace (__reason::varchar as __reason) from frame")
        variables = Variables(con)
        place = Workplace(con, LoadOptions(), Hasher(variables, None), variables)
        raw = RawFile(Path("x"), "", 0)
        table = RawTable("xes", {}, (RawPart(Path("x"), "x", raw, len(rows), 1),))
        columns = ("province_code", "dossier_code", "label", "completed_at", "transition")
        typed, merged = events.joined(place, Typed("typed_0", table, Mapping("event", ()), "", columns, 0, True))
        expected = first_in_first_out(rows)
        kinds = {is_start for _, is_start in rows}
        if len(kinds) < 2:
            assert merged == 0
            return
        assert merged == len(expected)
        found = con.execute(
            f"select __order, started_at, completed_at from {typed.relation} where started_at is not null and completed_at is not null"
        ).fetchall()
        assert {order: start for order, start, _ in found} == {
            done: START + timedelta(hours=rows[begun][0]) for done, begun in expected.items()
        }
        assert all(start <= end for _, start, end in found)
        assert con.execute(f"select count(*) from {typed.relation}").fetchall() == [(len(rows) - merged,)]


# options --------------------------------------------------------------------------------------------------
def test_options_are_told_apart():
    options = options_from(
        {
            "province": "H01",
            "procedure": "P",
            "encoding": "vni",
            "date_order": "mdy",
            "time_zone": "keep",
            "label": "@column:Việc",
        }
    )
    assert options == LoadOptions(
        {"province_code": "H01", "procedure_code": "P"}, {"label": "Việc"}, {"encoding": "vni"}, "mdy", True
    )
