import hashlib
import json

import pandas as pd
import pytest

from tests.simulate.conftest import DOSSIERS, read_log
from workbench.clock.calendar_file import read_calendars
from workbench.columns import DOSSIER, EVENT, PAUSE, PERSONAL
from workbench.errors import Cancelled, SettingError
from workbench.progress import Cancellable
from workbench.reference import DOSSIER_CODE_PATTERN, provinces, successor
from workbench.simulate import Order, make_plan, synthesise
from workbench.simulate.chunk import no_share, write_chunk
from workbench.simulate.crew import CrewFailed, crew


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(scenario, tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        synthesise(scenario, dossiers=1500, seed=seed, out=tmp_path / name)
    a, b, c = (digests(tmp_path / name) for name in "abc")
    assert a == b
    assert all(a[name] != c[name] for name in a if name not in ("calendars.toml",))


@pytest.mark.slow
def test_the_number_of_processes_does_not_matter(scenario, tmp_path):
    plan = make_plan(Order(scenario, 3000, 5, chunk=600))
    assert len(plan.cuts) >= 4
    alone, together = tmp_path / "alone", tmp_path / "together"
    alone.mkdir()
    together.mkdir()
    share = no_share(plan)
    for number in range(len(plan.cuts)):
        share = share.plus(write_chunk(plan, number, alone))
    other = no_share(plan)
    for one in crew(plan, together, 2):
        other = other.plus(one)
    assert digests(alone) == digests(together)
    assert share.rows.tolist() == other.rows.tolist()
    assert (share.effects == other.effects).all()
    log = duckdb_counts(alone)
    assert log[0] == 3000 and log == tuple(share.rows.tolist())


def duckdb_counts(folder):
    import duckdb

    con = duckdb.connect()
    return tuple(
        con.execute(f"select count(*) from '{folder}/{table}-*.parquet'").fetchall()[0][0]
        for table in ("dossiers", "events", "pauses")
    )


def test_counts_and_columns(usual):
    assert usual.one("select count(*) from dossiers") == DOSSIERS == usual.truth["dossiers"]
    assert usual.one("select count(*) from events") == usual.truth["events"]
    assert usual.one("select count(*) from pauses") == usual.truth["pauses"]
    assert 7 <= usual.truth["events"] / DOSSIERS <= 12
    assert usual.one("select count(*) from (select distinct province_code, dossier_code from dossiers)") == DOSSIERS
    keys = {"province_code", "dossier_code"}
    for table, known, more in (
        ("dossiers", DOSSIER, PERSONAL | {"summary"}),
        ("events", EVENT, PERSONAL | keys | {"label"}),
        ("pauses", PAUSE, keys),
    ):
        columns = {row[0] for row in usual.rows(f"describe {table}")}
        given = {name for name, spec in known.items() if spec.given}
        assert columns <= given | more
        assert keys <= columns
    assert "artefact" not in {row[0] for row in usual.rows("describe events")}


def test_every_event_and_pause_has_its_dossier(usual):
    for table in ("events", "pauses"):
        lost = f"select count(*) from {table} anti join dossiers using (province_code, dossier_code)"
        assert usual.one(lost) == 0


def test_provinces_before_and_after_the_merger(usual):
    old = {row[0] for row in usual.rows("select distinct province_code from dossiers where accepted_at < '2025-07-01'")}
    new = {
        row[0] for row in usual.rows("select distinct province_code from dossiers where submitted_at >= '2025-07-01'")
    }
    assert len(old) == 63
    assert new == {successor(province.h_code) for province in provinces()} and len(new) == 34
    levels = "select distinct level from dossiers where submitted_at {} '2025-07-01'"
    assert {row[0] for row in usual.rows(levels.format("<"))} == {"province", "district", "commune"}
    assert {row[0] for row in usual.rows(levels.format(">="))} == {"province", "commune"}


def test_codes_follow_the_rule_and_name_day_and_agency(clean):
    pattern = DOSSIER_CODE_PATTERN.replace("?P<agency>", "").replace("?P<day>", "").replace("?P<sequence>", "")
    assert clean.one("select count(*) from dossiers where not regexp_matches(dossier_code, ?)", pattern) == 0
    assert clean.one("select count(*) from dossiers where dossier_code like '000.%'") > 0
    day = "strftime(coalesce(accepted_at, submitted_at), '%y%m%d')"
    assert clean.one(f"select count(*) from dossiers where split_part(dossier_code, '-', 2) <> {day}") == 0
    assert clean.one("select count(*) from dossiers where not starts_with(agency_code, province_code || '.')") == 0
    new = "select count(*) from dossiers where dossier_code not like '000.%' and not starts_with(dossier_code, agency_code || '-')"
    assert clean.one(new) == 0


def test_statuses_follow_one_another(clean):
    arcs = {
        (row[0], row[1])
        for row in clean.rows(
            "select distinct status, lead(status) over (partition by province_code, dossier_code order by source_order) "
            "from events"
        )
    }
    allowed = {(2, 4), (4, 4), (4, 5), (5, 4), (4, 6), (6, 4), (4, 9), (9, 10), (4, 7), (4, 8), (2, 5), (2, 7), (2, 8)}
    ends = {(status, None) for status in range(2, 11)}
    assert arcs - ends <= allowed
    assert {(4, 5), (5, 4), (4, 6), (6, 4), (9, 10), (3, None), (4, 8)} <= arcs
    disagree = (
        "select count(*) from dossiers d join (select province_code, dossier_code, arg_max(status, source_order) as last "
        "from events group by all) e using (province_code, dossier_code) where d.status <> e.last"
    )
    assert clean.one(disagree) == 0


def test_nobody_works_when_the_office_is_closed(usual):
    calendars = read_calendars(usual.folder / "calendars.toml")
    of = {rule.province_code: rule.calendar_id for rule in calendars.rules}
    by_id = {calendar.calendar_id: calendar for calendar in calendars.calendars}
    frame = usual.con.execute("select province_code, completed_at, started_at from events").df()
    for province, part in frame.groupby("province_code"):
        calendar = by_id[of.get(province, of["*"])]
        for column in ("completed_at", "started_at"):
            outside = [moment for moment in part[column].dropna() if not open_at(calendar, moment)]
            assert not outside, (province, column, outside[:3])


def open_at(calendar, moment):
    hours, second = calendar.hours(moment.date()), moment.hour * 3600 + moment.minute * 60 + moment.second
    return hours.am_from <= second <= hours.am_to or hours.pm_from <= second <= hours.pm_to


def test_online_dossiers_come_at_all_hours_and_grow(usual):
    share = dict(usual.rows("select year(submitted_at), avg((channel = 'online')::int) from dossiers group by 1"))
    assert share[2023] < share[2024] < share[2025] < share[2026]
    assert share[2023] < 0.45 and share[2026] > 0.85
    assert usual.one("select count(*) from dossiers where channel = 'online' and hour(submitted_at) >= 20") > 100
    assert usual.one("select count(*) from dossiers where channel = 'desk' and hour(submitted_at) >= 18") == 0


def test_rates_lie_where_the_sources_put_them(usual):
    facts = usual.con.execute(
        "select procedure_code in ('1.012783', '1.013831', '9.000001') as land, avg((closed_at > due_at)::int) as late, "
        "avg((closed_at::date < due_at::date)::int) as early from dossiers where outcome = 'done' group by 1 order by 1"
    ).df()
    assert 0.002 < facts.late[0] < 0.04
    assert 0.02 < facts.late[1] < 0.12
    early = usual.one("select avg((closed_at::date < due_at::date)::int) from dossiers where outcome = 'done'")
    assert 0.4 < early < 0.7
    gone = usual.one("select avg((outcome = 'returned')::int) from dossiers")
    assert 0.01 < gone < 0.045


def test_pauses_move_the_due_date_by_what_they_last(clean):
    frame = clean.con.execute("select * from pauses where paused_to is not null").df()
    assert (frame.paused_to > frame.paused_from).all()
    assert (frame.due_after > frame.due_before).all()
    assert set(frame.reason) == {"supplement", "financial_duty"}
    last = clean.con.execute(
        "select d.due_at, p.due_after from dossiers d join (select province_code, dossier_code, arg_max(due_after, "
        "paused_from) as due_after from pauses where paused_to is not null group by all) p using (province_code, dossier_code)"
    ).df()
    assert (last.due_at == last.due_after).all()


def test_what_is_open_at_the_end_is_open(usual):
    end = pd.Timestamp("2026-10-31 17:00")
    assert usual.one("select max(completed_at) from events") <= end
    assert usual.one("select count(*) from dossiers where outcome = 'open' and closed_at is not null") == 0
    assert usual.one("select count(*) from dossiers where outcome = 'open'") > 0
    assert usual.one("select max(greatest(submitted_at, accepted_at, closed_at, returned_at)) from dossiers") <= end


def test_everything_is_labelled_synthetic(usual):
    import pyarrow.parquet as pq

    assert usual.truth["synthetic"] is True
    for table in ("dossiers", "events", "pauses"):
        assert pq.read_schema(usual.folder / f"{table}.parquet").metadata[b"synthetic"] == b"true"
    assert usual.one("select count(*) from dossiers where applicant not like '% mẫu %'") == 0
    assert (
        usual.one("select count(*) from dossiers where applicant_id not like '999%' and applicant_id <> '000000001'")
        == 0
    )
    assert usual.one("select count(distinct officer) from events where officer not like '%mẫu%'") <= 2
    assert json.loads((usual.folder / "internal_processes.json").read_text("utf-8"))["synthetic"] is True


def test_an_earlier_log_is_replaced_and_other_files_are_not(scenario, tmp_path):
    synthesise(scenario, dossiers=900, seed=1, out=tmp_path)
    report = synthesise(scenario, dossiers=300, seed=2, out=tmp_path)
    assert read_log(tmp_path).one("select count(*) from dossiers") == 300 == report.dossiers
    assert report.files == len(list(tmp_path.iterdir()))
    other = tmp_path / "other"
    other.mkdir()
    (other / "dossiers.parquet").write_bytes(b"mine")
    with pytest.raises(SettingError, match="not a synthetic log"):
        synthesise(scenario, dossiers=300, seed=2, out=other)
    assert (other / "dossiers.parquet").read_bytes() == b"mine"


def test_cancel_leaves_nothing_behind(scenario, tmp_path):
    progress = Cancellable()
    progress.cancel()
    with pytest.raises(Cancelled):
        synthesise(scenario, dossiers=300, seed=1, out=tmp_path, progress=progress)
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_ends_early_is_said(scenario, tmp_path, monkeypatch):
    plan = make_plan(Order(scenario, 900, 1, chunk=300))
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(CrewFailed, match="code 1"):
        list(crew(plan, tmp_path, 2))


@pytest.mark.parametrize("wrong", [{"dossiers": 0}, {"seed": -1}, {"noise": -0.1}, {"artefacts": float("inf")}])
def test_wrong_orders_are_refused(scenario, tmp_path, wrong):
    with pytest.raises(SettingError):
        synthesise(scenario, **{"dossiers": 10, "seed": 1, "out": tmp_path, **wrong})


def test_one_dossier_is_a_log(scenario, tmp_path):
    assert synthesise(scenario, dossiers=1, seed=1, out=tmp_path).dossiers == 1
    assert read_log(tmp_path).one("select count(*) from dossiers") == 1


def test_memory_does_not_grow_with_the_log(scenario, tmp_path):
    import tracemalloc

    peaks = []
    for dossiers in (4_000, 40_000):
        plan = make_plan(Order(scenario, dossiers, 1, chunk=2_000))
        tracemalloc.start()
        write_chunk(plan, 1, tmp_path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
