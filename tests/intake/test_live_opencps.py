"""OpenCPS from a live MariaDB: the log, the designed process, the calendar, newer rows only, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from tests.databases import PASSWORD, Server
from tests.intake.conftest import EVENTS, NOW
from workbench.cli.main import run
from workbench.errors import ConnectionFailed
from workbench.intake import LoadReport, load, preview
from workbench.mining.internal_process import internal_processes
from workbench.reference import opencps_schema
from workbench.sources.database import PASSWORD_VARIABLE
from workbench.store import LogStore
from workbench.store.loading import retract

TYPES = {
    "LONG": "bigint",
    "INTEGER": "int",
    "DATE": "datetime",
    "BOOLEAN": "tinyint(1)",
    "DOUBLE": "double",
    "TEXT": "longtext",
    "STRING": "longtext",
}
USED = ("opencps_dossier", "opencps_dossieraction", "opencps_serviceprocess", "opencps_processstep",
        "opencps_processaction", "opencps_processsequence")  # fmt: skip
CODES = ("000.17.22.H56-210531-0001", "000.17.22.H56-210531-0002")
CALENDAR = """
create table opencps_worktime (workTimeId bigint, groupId bigint, day int, hours varchar(255));
create table opencps_holiday (holidayId bigint, groupId bigint, holidayDate datetime, holidayType int);
insert into opencps_worktime values (1, 7, 2, '07:30-11:30,13:30-17:30'), (2, 7, 3, '07:30-11:30,13:30-17:30'),
  (3, 7, 4, '07:30-11:30,13:30-17:30'), (4, 7, 5, '07:30-11:30,13:30-17:30'), (5, 7, 6, '07:30-11:30,13:30-17:30');
insert into opencps_holiday values (1, 7, '2021-06-03 00:00:00', 0), (2, 7, '2021-06-05 00:00:00', 1);
"""
PROCESS = """
insert into opencps_serviceprocess (serviceProcessId, processNo, durationCount, durationUnit) values (5, 'QT01', 40, 1);
insert into opencps_processsequence (serviceProcessId, sequenceNo, sequenceName, sequenceRole) values
  (5, '10', 'Một cửa', 'Bộ phận Một cửa'), (5, '20', 'Thẩm định', 'Phòng chuyên môn');
insert into opencps_processstep (serviceProcessId, processStepId, stepCode, stepName, sequenceNo, durationCount) values
  (5, 1, '100', 'Chờ tiếp nhận', '10', 4), (5, 2, '200', 'Chờ thẩm định', '20', 24), (5, 3, '300', 'Chờ ký', '20', 8),
  (5, 4, '400', 'Đã xong', '30', 0);
insert into opencps_processaction (serviceProcessId, processActionId, preStepCode, postStepCode, actionCode, actionName)
  values (5, 1, '100', '200', '1100', 'Tiếp nhận'), (5, 2, '200', '300', '1200', 'Thẩm định'),
  (5, 3, '300', '200', '1250', 'Trả lại'), (5, 4, '300', '400', '1300', 'Ký duyệt'), (5, 5, '100', '400', '1900', 'Từ chối');
"""
DOSSIERS = "insert into opencps_dossier (dossierId, groupId, modifiedDate, dossierNo, processNo, serviceCode, serviceName, govAgencyCode, applicantName, applicantIdNo, password_, submitDate, receiveDate, dueDate, releaseDate, finishDate, dossierStatus) values "
ACTIONS = "insert into opencps_dossieraction (dossierActionId, dossierId, modifiedDate, createDate, actionCode, actionName, stepName, actionUser, dueDate, state_, payload) values "


def dossier(
    number: int,
    modified: str,
    *,
    due: str = "'2021-06-07 17:00:00'",
    finished: str = "null",
    status: str = "processing",
) -> str:
    code = CODES[number - 1]
    return (
        f"({number}, 7, '{modified}', '{code}', 'QT01', '1.012783', 'Cấp đổi', '000.17.22.H56', 'Nguyễn Văn A', '079123456789', "
        f"'bí mật', '2021-05-30 10:00:00', '2021-05-31 08:00:00', {due}, {finished}, {finished}, '{status}')"
    )


def action(number: int, of: int, name: str, at: str, modified: str, state: int = 1) -> str:
    return f"({number}, {of}, '{modified}', '{at}', '1{number}00', '{name}', 'Bước', 'Trần B', '0000-00-00 00:00:00', {state}, '{{}}')"


@pytest.fixture(scope="module")
def server(mariadb_server: Server) -> Server:
    """Users: one that may read everything of `opencps`, one that may not read the actions."""
    mariadb_server.run(
        f"create database opencps; create database other; create user reader@'%' identified by '{PASSWORD}'; "
        "create user half@'%' identified by 'half'; grant select on opencps.* to reader@'%'; "
        "grant select on other.* to reader@'%'; grant insert on opencps.* to half@'%'"
    )
    tables = "".join(
        f"create table {name} ("
        + ", ".join(
            f"`{column}` {TYPES.get(kind, kind).replace('VARCHAR', 'varchar') if kind in TYPES else 'text'}"
            for column, kind in opencps_schema()[name].items()
        )
        + ");"
        for name in USED
    )
    mariadb_server.run(f"{tables} {CALENDAR} {PROCESS}", "opencps")
    return mariadb_server


@pytest.fixture
def live(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The tables of OpenCPS with two dossiers; the password is in the environment."""
    rows = DOSSIERS + dossier(1, "2021-06-04 16:00:00", finished="'2021-06-04 16:00:00'", status="done") + ", "
    rows += dossier(2, "2021-06-02 09:00:00", due="'0000-00-00 00:00:00'") + "; "
    rows += ACTIONS + ", ".join((
        action(1, 1, "Tiếp nhận", "2021-05-31 08:00:00", "2021-05-31 08:00:00"),
        action(2, 1, "Thẩm định", "2021-06-01 08:00:00", "2021-06-01 08:00:00"),
        action(3, 1, "Ký duyệt", "2021-06-04 16:00:00", "2021-06-04 16:00:00"),
        action(4, 2, "Tiếp nhận", "2021-06-02 09:00:00", "2021-06-02 09:00:00"),
        action(5, 2, "Thẩm định", "2021-06-02 10:00:00", "2021-06-02 10:00:00", state=2),
        action(6, 2, "Thẩm định", "0000-00-00 00:00:00", "2021-06-02 11:00:00"),
    )) + ";"  # fmt: skip
    server.run("".join(f"truncate {name}; " for name in USED[:2]) + rows, "opencps")
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    yield server


@pytest.fixture
def read(live: Server, target: LogStore) -> Callable[..., LoadReport]:
    """Loads the live database; the counts of every report add up."""

    def run_load(**options: object) -> LoadReport:
        report = load(target, [live.address("opencps")], now=NOW, **options)
        assert report.rows_in == report.rows_loaded + report.rows_quarantined + report.rows_duplicate
        return report

    return run_load


def test_actions_dossiers_calendar_and_process_come_together(read, ask, target):
    report = read()
    assert ask(EVENTS) == [
        (CODES[0], "Tiếp nhận", datetime(2021, 5, 31, 8)),
        (CODES[0], "Thẩm định", datetime(2021, 6, 1, 8)),
        (CODES[0], "Ký duyệt", datetime(2021, 6, 4, 16)),
        (CODES[1], "Tiếp nhận", datetime(2021, 6, 2, 9)),
    ]
    assert (report.rows_in, report.reasons) == (8, {"rolled_back": 1, "missing_time": 1})
    assert ask("select province_code, procedure_code, due_at, calendar_id, status from dossier order by dossier_code") == [
        ("H56", "1.012783", datetime(2021, 6, 7, 17), "opencps", 10), ("H56", "1.012783", None, "opencps", 4)
    ]  # fmt: skip
    assert ask("select distinct step_due_at from event") == [(None,)]
    # 3/6 is off and Saturday 5/6 made up for, by the table of the system
    hours = dict(
        ask(
            "select day::varchar, am_to - am_from + pm_to - pm_from from calendar_day where day between '2021-06-02' and '2021-06-06'"
        )
    )
    assert hours == {"2021-06-02": 28800, "2021-06-03": 0, "2021-06-04": 28800, "2021-06-05": 28800, "2021-06-06": 0}
    (kept,) = internal_processes(target, procedure="1.012783")
    assert [(step.name, step.unit, step.days) for step in kept.steps] == [
        ("Tiếp nhận", "Bộ phận Một cửa", 0.5), ("Thẩm định", "Phòng chuyên môn", 3.0), ("Ký duyệt", "Phòng chuyên môn", 1.0)
    ]  # fmt: skip
    assert (kept.declared_days, kept.province) == (5.0, "H56")


def test_the_next_load_reads_what_is_newer_and_corrects(read, ask, live):
    read()
    live.run(
        "update opencps_dossier set modifiedDate = '2021-06-08 10:00:00', finishDate = '2021-06-08 10:00:00', "
        "releaseDate = '2021-06-08 10:00:00', dossierStatus = 'done' where dossierId = 2; "
        + ACTIONS + action(7, 2, "Ký duyệt", "2021-06-08 09:00:00", "2021-06-08 09:00:00"), "opencps",
    )  # fmt: skip
    report = read()
    # dossier 1 stands at the old mark; dossier 2 is new with all its actions, and what is known of them is a repeat
    assert report.rows_loaded < report.rows_in < 10
    assert ("Ký duyệt",) in ask(
        "select label from event join activity using (activity_id) join dossier using (dossier_key) where dossier_code = ?",
        CODES[1],
    )
    assert ask("select closed_at, status from dossier where dossier_code = ?", CODES[1]) == [
        (datetime(2021, 6, 8, 10), 10)
    ]
    assert ask("select count(*) from event") == [(5,)]
    again = read()
    assert (again.rows_in, again.rows_loaded) == (again.rows_duplicate + again.rows_quarantined, 0)
    assert ask("select count(*) from event") == [(5,)]


def test_a_load_taken_back_is_read_again(read, ask, live, target):
    read()
    early, late = "2021-06-08 07:00:00", "2021-06-08 09:00:00"
    live.run(ACTIONS + action(7, 2, "Trả kết quả", early, early) + ", " + action(9, 2, "Lưu", late, late), "opencps")
    second = read()
    live.run(ACTIONS + action(8, 2, "Ký duyệt", "2021-06-09 09:00:00", "2021-06-09 09:00:00"), "opencps")
    read()
    retract(target, second.load_id)
    assert ask("select count(*) from event join activity using (activity_id) where label = 'Trả kết quả'") == [(0,)]
    read()
    assert ask("select count(*) from event join activity using (activity_id) where label = 'Trả kết quả'") == [(1,)]


def test_incremental_loads_equal_one_load(read, ask, live, target, tmp_path):
    read()
    live.run(ACTIONS + action(7, 2, "Ký duyệt", "2021-06-08 09:00:00", "2021-06-08 09:00:00"), "opencps")
    read()
    with LogStore(tmp_path / "whole.duckdb") as whole:
        load(whole, [live.address("opencps")], now=NOW)
        assert whole.con.execute(EVENTS).fetchall() == ask(EVENTS)


def test_full_reads_everything_again(read):
    first = read()
    again = read(full=True)
    assert (again.rows_in, again.rows_loaded) == (first.rows_in, 0)


def test_the_password_is_nowhere(read, target, live, tmp_path, capfd, monkeypatch):
    read()
    target.con.execute("checkpoint")
    stored = "\n".join(
        str(row)
        for name in ("load", "load_file", "quarantine", "meta")
        for row in target.con.execute(f"select * from {name}").fetchall()
    )
    assert PASSWORD not in stored and "reader" not in stored
    assert f"mysql://127.0.0.1:{live.port}/opencps/opencps_dossier" in stored
    assert PASSWORD.encode() not in (tmp_path / "s.duckdb").read_bytes()
    monkeypatch.setenv(PASSWORD_VARIABLE, "wrong-secret")
    assert run(["load", live.address("opencps"), "--store", str(tmp_path / "t.duckdb"), "--quiet"]) == 3
    said = "".join(capfd.readouterr())
    assert "wrong-secret" not in said and "reader" in said


def test_a_password_file_serves_too(live, target, tmp_path, monkeypatch):
    monkeypatch.delenv(PASSWORD_VARIABLE)
    secret = tmp_path / "pgpass"
    secret.write_text("*:*:opencps:reader:" + PASSWORD.replace(":", "\\:") + "\n", "utf-8")
    secret.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(secret))
    assert load(target, [live.address("opencps")], now=NOW).load_id == 1
    secret.chmod(0o644)
    with pytest.raises(ConnectionFailed, match="no password"):
        load(target, [live.address("opencps")], now=NOW)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"port": 1}, r"No database answers at 127\.0\.0\.1:1"),
        ({"user": "nobody"}, r"refuses the user 'nobody'"),
        ({"database": "nowhere"}, r"no database 'nowhere'"),
        ({"database": "other"}, r"neither the tables of OpenCPS nor a hand-over log"),
        ({"tables": ["opencps_dosier"]}, r"no table 'opencps_dosier'.*Nearest: opencps_dossier"),
        ({"watermark": "modifedDate"}, r"no column 'modifedDate'.*Nearest: modifiedDate"),
        ({"watermark": "dossierNo"}, r"type text, which does not grow.*modifiedDate"),
        ({"user": "half"}, r"may not read opencps_dossier.*GRANT SELECT"),
    ],
)
def test_what_is_wrong_is_named(live, target, change, said, monkeypatch):
    if change.get("user") == "half":
        monkeypatch.setenv(PASSWORD_VARIABLE, "half")
    address = live.address(change.pop("database", "opencps"), user=change.pop("user", "reader"))
    if "port" in change:
        address = address.replace(f":{live.port}/", f":{change.pop('port')}/")
    with pytest.raises(ConnectionFailed, match=said) as caught:
        load(target, [address], now=NOW, **change)
    assert PASSWORD not in str(caught.value.to_dict())
    assert target.scalar("select count(*) from load") == 0


def test_the_session_only_reads(live):
    from workbench.sources.database import parse_address
    from workbench.sources.mariadb import open_mariadb

    live.run("grant all on opencps.* to reader@'%'")
    try:
        with open_mariadb(parse_address(live.address("opencps"))) as door, pytest.raises(Exception, match="READ ONLY"):
            door.ask("delete from opencps_dossier")
    finally:
        live.run("revoke all on opencps.* from reader@'%'; grant select on opencps.* to reader@'%'")


def test_a_look_before_the_load(live):
    seen = preview([live.address("opencps")])
    assert {table.mapping.role for table in seen.tables} == {"event", "dossier"}
    assert "Nguyễn Văn A" not in json.dumps(seen.to_dict(), ensure_ascii=False, default=str)
