"""The group: help, version, usage errors, exit codes, languages."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workbench.cli.exit_codes import ExitCode
from workbench.cli.main import COMMANDS


def test_help_lists_every_command_in_vietnamese(invoke):
    done = invoke("--help")
    assert done.code == ExitCode.OK
    assert "một cửa" in done.out
    assert [name for name in COMMANDS if f"  {name} " not in done.out] == []


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help(invoke, name):
    done = invoke(name, "--help")
    assert done.code == ExitCode.OK
    assert done.out.startswith(f"Usage: workbench {name}")


def test_help_imports_no_engine():
    code = (
        "import sys; from workbench.cli.main import run; assert run(['--help']) == 0; "
        "print([m for m in ('pandas', 'duckdb', 'pm4py', 'dash', 'ibis') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_version(invoke):
    assert "workbench" in invoke("--version").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nope"], "Không có lệnh nope."),
        (["mine", "dfg"], "Thiếu --store."),
        (["mine", "dfg", "--sore", "x"], "Không có tùy chọn --sore."),
        (["compare", "--store", "x"], "Thiếu --procedure."),
        (["mine", "dfg", "--store", "x", "--from", "hôm qua"], "Giá trị của --from không hợp lệ"),
    ],
)
def test_usage_errors_say_what_and_where_help_is(invoke, words, said):
    done = invoke(*words)
    assert done.code == ExitCode.USAGE
    assert said in done.err
    assert "--help" in done.err
    assert done.out == ""


def test_usage_errors_in_english(invoke, monkeypatch):
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "en")
    assert "There is no command nope." in invoke("nope").err


def test_a_wrong_setting_is_an_error_not_a_traceback(invoke, small, monkeypatch):
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "fr")
    done = invoke("loads", "--store", small)
    assert done.code == ExitCode.SETTING
    assert "fr" in done.err


def test_a_reader_that_leaves_early_is_no_error(small):
    code = "import sys; from workbench.cli.main import main; main(sys.argv[1:])"
    command = f"set -o pipefail; {sys.executable} -c '{code}' clocks --store {small} --json | head -c 10"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
