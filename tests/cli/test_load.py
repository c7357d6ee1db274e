"""`workbench load`, `loads`, `retract`: good and bad input, end to end."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import shared_log
from workbench.cli.main import run
from workbench.store import open_store


def test_counts_hold_and_a_second_load_changes_nothing(invoke, simple_csv, tmp_path):
    store = tmp_path / "s.duckdb"
    first = invoke("load", simple_csv, "--store", store, "--json").json
    assert (first["rows_in"], first["rows_loaded"], first["rows_quarantined"], first["rows_duplicate"]) == (5, 5, 0, 0)
    assert (first["dossiers"], first["events"]) == (2, 5)
    second = invoke("load", simple_csv, "--store", store)
    assert second.code == 0
    assert second.out == ""
    assert len(invoke("loads", "--store", store, "--json").json["loads"]) == 1


def test_a_load_keeps_the_clock_verdicts(invoke, small):
    from workbench.cli.options import open_for_reading

    with open_for_reading(small) as store:
        assert store.scalar("select count(*) from clock_verdict") == store.scalar("select count(*) from dossier")


def test_dry_run_shows_the_mapping_and_makes_no_store(invoke, simple_csv, tmp_path):
    store = tmp_path / "s.duckdb"
    done = invoke("load", simple_csv, "--store", store, "--dry-run")
    assert done.code == 0
    assert "ma_ho_so" in str(done.json)
    assert not store.exists()


def test_retract_takes_a_load_back(invoke, simple_csv, tmp_path):
    store = tmp_path / "s.duckdb"
    invoke("load", simple_csv, "--store", store)
    assert invoke("retract", 1, "--store", store, "--json").code == 0
    ledger = invoke("loads", "--store", store, "--json").json["loads"]
    assert [row["status"] for row in ledger] == ["retracted"]
    assert invoke("mine", "dfg", "--store", store, "--json").json["edges"] == []
    assert invoke("retract", 99, "--store", store).code == 4


def _truncated(path):
    whole = gzip.compress(b"ma_ho_so,buoc,thoi_diem_xu_ly\n" + b"A,x,2024-01-02 08:00\n" * 5000)
    path.write_bytes(whole[: len(whole) // 2])


BAD = {
    "notalog.csv": b"hello world",
    "empty.csv": b"",
    "nodata.csv": b"ma_ho_so,buoc,thoi_diem_xu_ly\n",
    "nocolumn.csv": b"ma_ho_so,buoc\nA,x\n",
    "picture.pdf": b"%PDF-1.7 x",
    "bomb.xes": b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "a"><!ENTITY b "&a;&a;">]><log><trace>'
    b'<string key="concept:name" value="&b;"/></trace></log>',
    "cut.json": b'[{"MaHoSo": "A"',
    "notzip.xlsx": b"PK nothing",
    "damaged.parquet": b"PAR1xxxx",
}


@pytest.mark.parametrize("name", [*BAD, "truncated.csv.gz", "absent.csv"])
def test_bad_files_are_refused_and_nothing_is_changed(invoke, own, tmp_path, name):
    before = invoke("loads", "--store", own, "--json").json
    bad = tmp_path / name
    if name in BAD:
        bad.write_bytes(BAD[name])
    elif name == "truncated.csv.gz":
        _truncated(bad)
    done = invoke("load", bad, "--store", own)
    assert done.code == 3
    assert name in done.err
    assert len(done.err.strip().splitlines()) >= 2, "an error has a fix"
    assert done.err.startswith("Lỗi: ")
    assert done.out == ""
    assert invoke("loads", "--store", own, "--json").json == before


def test_ambiguous_dates_are_asked_about(invoke, tmp_path):
    path = tmp_path / "ambiguous.csv"
    path.write_text("ma_ho_so,buoc,thoi_diem_xu_ly\nA,x,01/02/2024 08:00\nA,y,02/03/2024 09:00\n", "utf-8")
    store = tmp_path / "s.duckdb"
    constants = ("--set", "province=H01", "--set", "procedure=1.000001")
    done = invoke("load", path, "--store", store, *constants)
    assert (done.code, "date_order" in done.err) == (3, True)
    again = invoke("load", path, "--store", store, *constants, "--set", "date_order=dmy", "--json")
    assert again.code == 0


def test_refused_rows_are_kept_with_reason_and_line(invoke, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(
        "ma_ho_so,buoc,thoi_diem_xu_ly\nA,x,2024-01-02 08:00\nA,y,chiều thứ hai\n,z,2024-01-02 09:00\n", "utf-8"
    )
    store = tmp_path / "s.duckdb"
    report = invoke("load", path, "--store", store, "--set", "province=H01", "--set", "procedure=1.1", "--json").json
    assert (report["rows_in"], report["rows_loaded"], report["rows_quarantined"]) == (3, 1, 2)
    reasons = invoke("quality", "--store", store, "--json").json["quarantine"]
    assert sum(row["rows"] for row in reasons) == 2


def test_set_without_a_value_is_an_error(invoke, simple_csv, tmp_path):
    done = invoke("load", simple_csv, "--store", tmp_path / "s.duckdb", "--set", "province")
    assert done.code == 3
    assert "--set" in done.err


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"not a store, and longer than twelve bytes"])
def test_a_file_of_another_kind_is_no_store(invoke, simple_csv, tmp_path, content):
    other = tmp_path / "table.csv"
    other.write_bytes(content)
    for words in (("load", simple_csv), ("mine", "dfg"), ("quality",)):
        done = invoke(*words, "--store", other)
        assert done.code == 4
        assert "table.csv" in done.err
    assert other.read_bytes() == content


def test_a_missing_store_is_said(invoke, tmp_path):
    done = invoke("quality", "--store", tmp_path / "none.duckdb")
    assert done.code == 4
    assert not (tmp_path / "none.duckdb").exists()


def test_a_locked_store_is_said(invoke, own, simple_csv):
    code = "import sys, duckdb; con = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.readline()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(own)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "open"
        done = invoke("load", simple_csv, "--store", own)
        assert done.code == 4
        assert str(own) in done.err
    finally:
        holder.communicate("\n", timeout=20)


def test_a_synthetic_folder_may_be_given_again(invoke, synthetic, own):
    again = invoke("load", synthetic, "--store", own, "--json")
    assert again.code == 0, again.err
    assert again.json["status"] == "already"


@pytest.mark.slow
def test_the_receipt_log(invoke, tmp_path):
    store = tmp_path / "r.duckdb"
    path = shared_log("receipt_WABO_CoSeLoG.xes.gz")
    report = invoke("load", path, "--store", store, "--set", "province=R", "--set", "procedure=receipt", "--json").json
    assert (report["dossiers"], report["events"]) == (1434, 8577)
    assert invoke("mine", "variants", "--store", store, "--json").json["variants"][-1]["rank"] == 116
    rates = invoke("clocks", "--store", store, "--json").json["rates"]["table"]
    law = next(row for row in rates if row["clock"] == "law")
    assert (law["late"], law["closed"]) == (377, 1329)


@pytest.mark.parametrize("words", [["--store"], ["--profile", "none", "--store"]])
def test_a_first_load_that_fails_leaves_no_store(invoke, tmp_path, words):
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n", "utf-8")
    assert invoke("load", bad, *words, tmp_path / "new.duckdb").code == 3
    assert not list(tmp_path.glob("new.duckdb*"))


def test_an_unknown_channel_is_refused(invoke, small):
    told = invoke("mine", "dfg", "--store", small, "--channel", "pigeon")
    assert told.code == 5
    assert "pigeon" in told.err and "online" in told.err


def test_database_options_need_a_database(invoke, simple_csv, tmp_path):
    told = invoke("load", simple_csv, "--store", tmp_path / "s.duckdb", "--table", "x", "--language", "en")
    assert told.code == 3
    assert "postgresql://" in told.err


@pytest.mark.slow
def test_ctrl_c_leaves_the_store_as_it_was(simple_csv, tmp_path):
    """A real signal to a real process, while it reads and while it writes."""
    store, big = tmp_path / "s.duckdb", tmp_path / "big.csv"
    assert run(["load", str(simple_csv), "--store", str(store), "--quiet"]) == 0
    with big.open("w", encoding="utf-8") as file:
        file.write("ma_ho_so,buoc,thoi_diem_xu_ly,ma_tinh,ma_thu_tuc\n")
        file.writelines(
            f"D{n // 4},Bước {n % 4},2024-03-{n % 27 + 1:02} 08:{n % 60:02},H01,1.000001\n" for n in range(200_000)
        )
    stopped = 0
    for part in ("reading", "later"):
        folder = tmp_path / part
        folder.mkdir()
        words = [
            sys.executable,
            "-c",
            "from workbench.cli.main import main; main()",
            "load",
            str(big),
            "--store",
            str(store),
            "--quiet",
        ]
        process = subprocess.Popen(words, env={**os.environ, "TMPDIR": str(folder)}, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 120
        while not list(folder.glob("workbench-load-*/*.parquet")) and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep({"reading": 0, "later": 1.5}[part])
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
        stopped += process.returncode == 130
        assert process.returncode in (0, 130), said
        assert not list(folder.glob("workbench-load-*"))
        with open_store(store, read_only=True) as kept:
            # Stopped after the commit, while the clocks are prepared, the load stays whole.
            loads = kept.scalar("select count(*) from load")
            assert loads == 1 if part == "reading" and process.returncode else loads in (1, 2)
            assert kept.scalar("select count(*) from event") == (5 if loads == 1 else 200_005)
        assert loads == 2 or process.returncode == 130
        if loads == 2:
            break
    assert stopped
