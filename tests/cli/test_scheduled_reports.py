"""The commands of docs/scheduled_reports.md, run as they stand there but for a smaller search."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import THREE
from workbench.cli.exit_codes import ExitCode

PAGE = Path(__file__).parents[2] / "docs" / "scheduled_reports.md"
SCRIPTS = {
    re.search(r"# (\w+)\.sh", text).group(1): text  # type: ignore[union-attr]
    for text in re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
}


def job(name: str, tmp_path: Path, **places: Path) -> subprocess.CompletedProcess[str]:
    """A script of the page, with the commands of this checkout and a small environment as cron has it."""
    tools = tmp_path / "bin"
    tools.mkdir(exist_ok=True)
    command = tools / "workbench"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from workbench.cli.main import main; main()" "$@"\n')
    command.chmod(0o755)
    script = tmp_path / f"{name}.sh"
    quick = f"--seconds 2 {' '.join(THREE)}"  # three provinces and a short search; all else as it stands
    script.write_text(SCRIPTS[name].replace("--seconds 600", quick), "utf-8")
    environment = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(tmp_path), "WORKBENCH_MEMORY_LIMIT": "1GB"}
    environment |= {key: str(path) for key, path in places.items()}
    return subprocess.run(
        ["sh", str(script)], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=500
    )


@pytest.mark.slow
def test_the_night(synthetic, tmp_path):
    out = tmp_path / "reports"
    out.mkdir()
    store = tmp_path / "country.duckdb"
    done = job("nightly", tmp_path, STORE=store, INBOX=synthetic, OUT=out)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    names = {path.name for path in out.iterdir()}
    assert names == {"national.html", "H29.html", "indicators.xlsx", "received.xlsx", "watch.xlsx"}
    (out / "national.html").write_text("changed", "utf-8")
    missing = job("nightly", tmp_path, STORE=store, INBOX=tmp_path / "none", OUT=out)
    assert missing.returncode not in (0, ExitCode.NOT_VERIFIED) and "none" in missing.stderr
    assert (out / "national.html").read_text("utf-8") == "changed", "a failed load ends the job"


@pytest.mark.slow
def test_the_month(small, tmp_path):
    out = tmp_path / "reports"
    out.mkdir()
    done = job("monthly", tmp_path, STORE=small, OUT=out)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in out.iterdir()} == {"1.012783", "decision.html", "process.docx", "annex.docx"}


def test_the_crontab_is_one(tmp_path):
    (text,) = re.findall(r"```\n(STORE=.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    lines = [line for line in text.splitlines() if not re.match(r"[A-Z]+=", line)]
    assert len(lines) == 2 and all(re.match(r"(\S+ +){5}flock ", line) for line in lines)
    if not shutil.which("flock"):
        pytest.skip("flock is not installed")
    lock = tmp_path / "lock"
    script = f"flock --nonblock --conflict-exit-code 75 {lock} sh -c 'exit 3'"
    assert subprocess.run(["sh", "-c", script], check=False).returncode == 3, "flock passes the job's exit code on"
    held = subprocess.run(["flock", str(lock), "sh", "-c", script], check=False)
    assert held.returncode == 75


@pytest.mark.slow
def test_a_report_that_meets_a_writer_says_so(own, tmp_path):
    hold = "import sys, duckdb; con = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(own)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "held\n"
        words = ["report", "national", "--store", str(own), "--out", str(tmp_path / "n.html"), "--quiet"]
        code = "from workbench.cli.main import main; main()"
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
        writer.communicate("")
    assert done.returncode not in (0, ExitCode.NOT_VERIFIED) and "Traceback" not in done.stderr
    assert done.stderr.startswith("Lỗi:") and not (tmp_path / "n.html").exists()
