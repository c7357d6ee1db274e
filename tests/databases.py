"""Real MariaDB and PostgreSQL servers on loopback, each with a free port and a data folder of its own.

They are started as child processes and ended by their own handles; nothing else on the machine is touched.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = os.name == "posix" and os.geteuid() == 0
PASSWORD = "bí mật:p@ss/w%rd"
_PATIENCE = 60


@dataclass(frozen=True)
class Server:
    """A running server; `run` executes SQL as its administrator."""

    kind: str
    port: int
    run: Callable[..., str]

    def address(self, database: str, user: str = "reader", password: str | None = None) -> str:
        """Where a user finds a database."""
        secret = f":{password}" if password else ""
        return f"{self.kind}://{user}{secret}@127.0.0.1:{self.port}/{database}"


def _program(name: str) -> str | None:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join([*map(str, places), "/usr/sbin"]))


def _programs(product: str, package: str, *names: str) -> dict[str, str]:
    """The paths of a server's programs; the test is skipped where one is missing."""
    found = {name: path for name in names if (path := _program(name))}
    if len(found) < len(names):
        pytest.skip(f"{product} is not installed (apt-get install {package})")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _folder(user: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="workbench-db-"))
    if ROOT:
        shutil.chown(folder, user)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as(user: str) -> list[str]:
    # setpriv becomes the server itself, so that ending the child ends the server
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if ROOT else []


@contextmanager
def _running(
    command: Sequence[str], log: Path, ready: Callable[[], bool], stop: signal.Signals = signal.SIGTERM
) -> Iterator[None]:
    """A server process until the block ends; only this process is ended."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd="/")
    try:
        end = time.monotonic() + _PATIENCE
        while not ready():
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"{command[0]} does not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(run: Callable[[str], str]) -> Callable[[], bool]:
    """Whether a server answers yet."""

    def ready() -> bool:
        try:
            return run("select 1").strip() == "1"
        except subprocess.CalledProcessError:
            return False

    return ready


@contextmanager
def postgres() -> Iterator[Server]:
    """A PostgreSQL server whose users need passwords."""
    programs = _programs("PostgreSQL", "postgresql", "initdb", "postgres", "psql")
    with _folder("postgres") as folder:
        data, port = folder / "data", _free_port()
        secret = folder / "password"
        secret.write_text("admin")
        if ROOT:
            shutil.chown(secret, "postgres")
        subprocess.run(
            [*_as("postgres"), programs["initdb"], "-D", data, "-U", "postgres", "--auth=scram-sha-256", "--no-sync",
             f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8"],
            check=True, capture_output=True, cwd="/",
        )  # fmt: skip

        def run(sql: str, database: str = "postgres") -> str:
            return subprocess.run(
                [programs["psql"], "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(port), "-U",
                 "postgres", "-d", database],
                input=sql, env={**os.environ, "PGPASSWORD": "admin", "PGCLIENTENCODING": "UTF8"}, check=True, text=True,
                capture_output=True,
            ).stdout  # fmt: skip

        server = [*_as("postgres"), programs["postgres"], "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder,
                  "-c", "fsync=off"]  # fmt: skip
        with _running([str(word) for word in server], folder / "log", _answers(run), signal.SIGINT):
            yield Server("postgresql", port, run)


@contextmanager
def mariadb() -> Iterator[Server]:
    """A MariaDB server."""
    programs = _programs("MariaDB", "mariadb-server", "mariadb-install-db", "mariadbd", "mariadb")
    with _folder("mysql") as folder:
        data, port, door = folder / "data", _free_port(), folder / "s"
        user = ["--user=mysql"] if ROOT else []
        subprocess.run(
            [programs["mariadb-install-db"], "--no-defaults", *user, f"--datadir={data}", "--skip-test-db",
             "--auth-root-authentication-method=normal"],
            check=True, capture_output=True, cwd="/",
        )  # fmt: skip

        def run(sql: str, database: str = "") -> str:
            return subprocess.run(
                [programs["mariadb"], "--no-defaults", "--default-character-set=utf8mb4", "-N", "-S", str(door), "-u",
                 "root", *([database] if database else [])],
                input=sql, check=True, text=True, capture_output=True,
            ).stdout  # fmt: skip

        server = [programs["mariadbd"], "--no-defaults", *user, f"--datadir={data}", f"--port={port}",
                  "--bind-address=127.0.0.1", f"--socket={door}", f"--pid-file={folder / 'pid'}", "--sql-mode=",
                  "--innodb-flush-log-at-trx-commit=0", "--character-set-server=utf8mb4"]  # fmt: skip
        with _running([str(word) for word in server], folder / "log", _answers(run)):
            yield Server("mysql", port, run)
