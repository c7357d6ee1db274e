"""`workbench dataset`: the registry listed, a copy checked and loaded or refused."""

from __future__ import annotations

import json

from tests.intake.test_datasets import XES
from workbench.cli.exit_codes import ExitCode
from workbench.cli.main import run


def test_the_registry_is_listed(capsys):
    assert run(["dataset", "list", "--json"]) == ExitCode.OK
    names = {one["name"] for one in json.loads(capsys.readouterr().out)["datasets"]}
    assert {"receipt", "bpic15-5", "coselog-4"} <= names
    assert run(["dataset", "list", "--language", "vi"]) == ExitCode.OK
    assert "Kiểm chứng được" in capsys.readouterr().out


def test_a_wrong_copy_and_an_unknown_name_are_refused(tmp_path, capsys):
    file = tmp_path / "copy.xes"
    file.write_text(XES, "utf-8")
    store = ["--store", str(tmp_path / "s.duckdb"), "--file", str(file), "--language", "vi"]
    assert run(["dataset", "add", "receipt", *store]) == ExitCode.SOURCE
    assert "sha256" in capsys.readouterr().err
    assert run(["dataset", "add", "nothing", *store]) == ExitCode.SETTING
    assert "Danh mục không có bộ dữ liệu" in capsys.readouterr().err
    assert run(["dataset", "add", "road-fines", *store]) == ExitCode.SETTING
    assert "--unverified" in capsys.readouterr().err


def test_an_unverified_copy_is_loaded_and_said(tmp_path, capsys):
    file = tmp_path / "copy.xes"
    file.write_text(XES, "utf-8")
    store = ["--store", str(tmp_path / "s.duckdb"), "--file", str(file)]
    assert run(["dataset", "add", "road-fines", *store, "--unverified", "--json", "--language", "en"]) == ExitCode.OK
    out, err = capsys.readouterr()
    assert json.loads(out)["dossiers"] == 1
    assert "unchecked" in err
    assert run(["clocks", "--store", str(tmp_path / "s.duckdb"), "--json"]) == ExitCode.OK
