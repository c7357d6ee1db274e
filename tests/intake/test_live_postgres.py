"""A hand-over log and tables of any form from a live PostgreSQL: streamed, newer rows only, odd values, what goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from tests.databases import PASSWORD, Server
from tests.intake.conftest import EVENTS, NOW
from workbench.cli.main import run
from workbench.errors import Cancelled, ConnectionFailed, MappingError
from workbench.intake import LoadReport, load, preview
from workbench.progress import Cancellable
from workbench.sources.database import PASSWORD_VARIABLE, parse_address
from workbench.sources.doors import BATCH
from workbench.sources.postgres import open_postgres
from workbench.store import LogStore

SCHEMA = """
create schema "Business";
create table "Business"."HoSos" ("MaHoSo" text, "MaTTHC" text, "NgayTiepNhan" timestamptz, "NgayHenTra" text, "NgayTra" date,
  "TrangThaiHoSoId" smallint, "ChuHoSo" text, "AnhChup" bytea);
create table "Business"."QuaTrinhXuLyHoSos" ("MaHoSo" text, "ThoiGian" timestamp, "ThaoTac" text, "TrangThai" int,
  "NodeQuyTrinh" text, "NguoiGui" text, "NguoiNhan" text, "NgayHetHanBuocXuLy" timestamp, "NoiDung" text);
create table odd (id bigint, ma_ho_so text, buoc text, luc_ms bigint, so_hoa boolean, han text, changed_at timestamptz, doc jsonb);
create table hidden (ma_ho_so text, buoc text, luc timestamp);
create role reader login password '%s'; create role other login password 'other';
grant usage on schema "Business" to reader; grant select on all tables in schema "Business" to reader;
grant select on odd to reader;
"""
A, B = "000.00.01.H29-240304-0001", "000.00.01.H29-240304-0002"


@pytest.fixture(scope="module")
def server(postgres_server: Server) -> Server:
    """The tables, and a user that may read some of them."""
    postgres_server.run("create database office")
    postgres_server.run(SCHEMA % PASSWORD, "office")
    return postgres_server


@pytest.fixture
def live(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Two dossiers, five hand-overs; the password is in the environment."""
    server.run(
        f"""truncate "Business"."HoSos", "Business"."QuaTrinhXuLyHoSos", odd;
        insert into "Business"."HoSos" values
          ('{A}', '1.004222', '2024-03-04 01:00:00+00', '18/03/2024 17:00', '2024-03-08', 10, 'Nguyễn Văn A', '\\x00'),
          ('{B}', '1.004222', '2024-03-04 02:00:00+00', '', null, 4, 'Trần Thị B', null);
        insert into "Business"."QuaTrinhXuLyHoSos" values
          ('{A}', '2024-03-04 08:00', 'Tiếp nhận', 2, 'N1', 'Lê C', 'Phạm D', '2024-03-04 17:00', 'Chuyển'),
          ('{A}', '2024-03-05 09:00', 'Thẩm định', 4, 'N2', 'Phạm D', 'Lê C', null, null),
          ('{A}', '2024-03-08 10:00', 'Trả kết quả', 10, 'N3', 'Lê C', null, null, null),
          ('{B}', '2024-03-04 09:00', 'Tiếp nhận', 2, 'N1', 'Lê C', 'Phạm D', null, null),
          ('{B}', null, 'Thẩm định', 4, 'N2', 'Phạm D', null, null, null);""",
        "office",
    )
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    yield server


@pytest.fixture
def read(live: Server, target: LogStore) -> Callable[..., LoadReport]:
    """Loads the live database; the counts of every report add up."""

    def run_load(**options: object) -> LoadReport:
        report = load(target, [live.address("office")], now=NOW, **options)
        assert report.rows_in == report.rows_loaded + report.rows_quarantined + report.rows_duplicate
        return report

    return run_load


def test_a_hand_over_log_needs_no_names(read, ask):
    report = read()
    assert ask(EVENTS) == [
        (A, "Tiếp nhận", datetime(2024, 3, 4, 8)), (A, "Thẩm định", datetime(2024, 3, 5, 9)),
        (A, "Trả kết quả", datetime(2024, 3, 8, 10)), (B, "Tiếp nhận", datetime(2024, 3, 4, 9)),
    ]  # fmt: skip
    assert (report.rows_in, report.reasons) == (7, {"missing_time": 1})
    # a zoned time is Vietnamese time, a date in text is read, an empty one is none
    assert ask("select accepted_at, due_at, closed_at is not null or returned_at is not null from dossier order by dossier_code") == [
        (datetime(2024, 3, 4, 8), datetime(2024, 3, 18, 17), True), (datetime(2024, 3, 4, 9), None, False)
    ]  # fmt: skip
    assert ask("select count(distinct officer_key) from event") == [(2,)]


def test_newer_hand_overs_bring_their_dossiers(read, ask, live):
    read()
    live.run(
        f"""insert into "Business"."QuaTrinhXuLyHoSos" values ('{B}', '2024-03-12 09:00', 'Trả kết quả', 10, 'N3', 'Lê C', null, null, null)""",
        "office",
    )
    report = read()
    log = ask("select rows_in from load_file where path like '%QuaTrinhXuLyHoSos' order by load_id")
    assert log == [(5,), (3,)]  # the one at the mark, the one without a time, the new one
    assert report.events == 1
    assert (B, "Trả kết quả", datetime(2024, 3, 12, 9)) in ask(EVENTS)


def test_any_table_with_a_saved_mapping(live, target, ask, tmp_path, capfd):
    live.run(
        f"""insert into odd values (1, '{A}', 'Tiếp nhận', 1709514000000, true, '2024-03-11', '2024-03-04 08:00+07', '{{}}'),
        (2, '{A}', 'Trả kết quả', 1709859600000, false, 'sớm', '2024-03-08 08:00+07', null),
        (3, '{B}', 'Tiếp nhận', null, null, null, '2024-03-04 08:00+07', null)""",
        "office",
    )
    profile = tmp_path / "odd.toml"
    profile.write_text(
        '[constants]\nprocedure = "1.004222"\n[[table]]\nrole = "event"\nextra = []\n[table.columns]\n'
        'dossier_code = "ma_ho_so"\nlabel = "buoc"\ncompleted_at = "luc_ms"\nstep_due_at = "han"\n'
    )
    words = [
        "--store",
        str(tmp_path / "s.duckdb"),
        "--profile",
        str(profile),
        "--table",
        "odd",
        "--watermark",
        "id",
        "--json",
        "--quiet",
    ]
    target.close()
    assert run(["load", live.address("office"), *words]) == 0
    with LogStore(tmp_path / "s.duckdb") as store:
        assert store.con.execute(EVENTS).fetchall() == [(A, "Tiếp nhận", datetime(2024, 3, 4, 8))]
        assert store.con.execute("select reason, column_name, value from quarantine order by 1").fetchall() == [
            ("missing_time", "luc_ms", None), ("unreadable_time", "han", "sớm")
        ]  # fmt: skip
    live.run(f"insert into odd values (4, '{A}', 'Lưu', 1709946000000, null, null, null, null)", "office")
    capfd.readouterr()
    assert run(["load", live.address("office"), *words]) == 0
    assert '"rows_in": 2' in capfd.readouterr().out  # the row at the mark and the new one


def test_a_mapping_that_does_not_fit_names_the_columns(live, target, tmp_path):
    live.run(f"insert into odd values (1, '{A}', 'Tiếp nhận', 1709514000000, true, null, null, null)", "office")
    profile = tmp_path / "p.toml"
    profile.write_text('[[table]]\nrole = "event"\n[table.columns]\ndossier_code = "ma"\n')
    with pytest.raises(MappingError, match="luc_ms"):
        load(target, [live.address("office")], tables=["odd"], profile=profile, now=NOW)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"port": 1}, r"No database answers at 127\.0\.0\.1:1: .*Connection refused"),
        ({"host": "no-such-host.invalid"}, r"No database answers at no-such-host\.invalid"),
        ({"user": "nobody"}, r"refuses the user 'nobody'"),
        ({"secret": "wrong-secret"}, r"refuses the user 'reader' with the password given"),
        ({"database": "nowhere"}, r"no database 'nowhere'"),
        ({"database": "postgres"}, r"neither the tables of OpenCPS nor a hand-over log"),
        ({"tables": ["HoSo"]}, r"no table 'HoSo'\. Nearest: Business\.HoSos"),
        ({"tables": ["hidden"]}, r"may not read public\.hidden.*GRANT SELECT ON public\.hidden TO reader"),
        ({"tables": ["odd"], "watermark": "change_at"}, r"no column 'change_at'\. Nearest: changed_at"),
        ({"tables": ["odd"], "watermark": "doc"}, r"type jsonb, which does not grow.*changed_at"),
    ],
)
def test_what_is_wrong_is_named(live, target, change, said, monkeypatch):
    secret = change.pop("secret", PASSWORD)
    monkeypatch.setenv(PASSWORD_VARIABLE, secret)
    address = live.address(change.pop("database", "office"), user=change.pop("user", "reader"))
    address = address.replace("127.0.0.1", change.pop("host", "127.0.0.1"))
    if "port" in change:
        address = address.replace(f":{live.port}/", f":{change.pop('port')}/")
    with pytest.raises(ConnectionFailed) as caught:
        load(target, [address], now=NOW, **change)
    assert caught.match(said)
    assert secret not in str(caught.value.to_dict()) and caught.value.fix
    assert target.scalar("select count(*) from load") == 0


def test_a_password_in_the_address_is_not_repeated(live, tmp_path, capfd, monkeypatch):
    monkeypatch.delenv(PASSWORD_VARIABLE)
    words = ["--store", str(tmp_path / "t.duckdb"), "--quiet"]
    assert run(["load", live.address("office", password="wrong-secret"), *words]) == 3
    assert "wrong-secret" not in "".join(capfd.readouterr())


def test_the_session_only_reads_one_snapshot(live):
    live.run("grant insert on odd to reader", "office")
    with open_postgres(parse_address(live.address("office"))) as door:
        before = [
            row
            for batch in door.stream('select count(*)::text as n from "Business"."HoSos"')
            for row in batch.to_pylist()
        ]
        live.run("""insert into "Business"."HoSos" ("MaHoSo") values ('later')""", "office")
        after = [
            row
            for batch in door.stream('select count(*)::text as n from "Business"."HoSos"')
            for row in batch.to_pylist()
        ]
        assert before == after == [{"n": "2"}]
        with pytest.raises(ConnectionFailed, match="read-only"):
            list(door.stream("insert into odd (id) values (1)"))


def test_many_rows_stream_in_batches_and_can_be_stopped(live, target):
    rows = 3 * BATCH
    live.run(
        f"insert into odd select g, '000.00.01.H29-240304-' || lpad((g / 3)::text, 7, '0'), 'b' || g % 3, "
        f"1709514000000 + g * 60000::bigint, null::boolean, null::text, now() - interval '1 day', null::jsonb from generate_series(1, {rows}) g",
        "office",
    )
    seen: list[tuple[str, float]] = []
    running = set(threading.enumerate())
    stop = Cancellable(lambda stage, done, total: seen.append((stage, done)))

    def watch(stage: str, done: float, total: float) -> None:
        if stage == "read" and done >= 2 * BATCH:
            stop.cancel()
        stop(stage, done, total)

    constants = {"procedure": "1.004222", "completed_at": "@column:luc_ms"}
    with pytest.raises(Cancelled):
        load(target, [live.address("office")], tables=["odd"], constants=constants, now=NOW, progress=watch)
    assert [done for stage, done in seen if stage == "read"] == [0, BATCH]
    assert target.scalar("select count(*) from load") == 0
    assert "workbench" not in live.run("select application_name from pg_stat_activity where state = 'active'", "office")
    assert not [one for one in threading.enumerate() if one not in running]


def test_a_look_before_the_load(live):
    seen = preview([live.address("office")], rows=1)
    assert sorted(table.mapping.role for table in seen.tables) == ["dossier", "event"]
    assert all(len(table.sample) == 1 for table in seen.tables)
