"""Small synthetic logs, made once for all tests of the room."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from workbench.simulate import Scenario, load_scenario, synthesise

DOSSIERS = 6_000


@dataclass
class Log:
    """A synthetic log read back: SQL over its three tables, and its truth."""

    folder: Path
    truth: dict[str, Any]
    con: duckdb.DuckDBPyConnection

    def rows(self, text: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.con.execute(text, list(parameters)).fetchall()

    def one(self, text: str, *parameters: Any) -> Any:
        return self.rows(text, *parameters)[0][0]


def read_log(folder: Path) -> Log:
    con = duckdb.connect()
    for table in ("dossiers", "events", "pauses"):
        con.execute(f"create view {table} as select * from read_parquet('{folder}/{table}*.parquet')")
    return Log(folder, json.loads((folder / "truth.json").read_text("utf-8")), con)


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return load_scenario()


@pytest.fixture(scope="session")
def usual(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Deviations, noise and artefacts as they come."""
    out = tmp_path_factory.mktemp("usual")
    synthesise(scenario, dossiers=DOSSIERS, seed=7, out=out)
    return read_log(out)


@pytest.fixture(scope="session")
def clean(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Deviations only: canonical names, no artefacts."""
    out = tmp_path_factory.mktemp("clean")
    synthesise(scenario, dossiers=DOSSIERS, seed=7, out=out, noise=0, artefacts=0)
    return read_log(out)


@pytest.fixture(scope="session")
def undisturbed(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Log:
    """The same luck as `clean` in a scenario that plants no deviation, with all other differences kept."""
    out = tmp_path_factory.mktemp("undisturbed")
    none = dataclasses.replace(scenario, deviations={**scenario.deviations, "kinds": [0, 0]})
    synthesise(none, dossiers=DOSSIERS, seed=7, out=out, noise=0, artefacts=0)
    return read_log(out)


@pytest.fixture(scope="session")
def alike(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Log:
    """No deviations: provinces differ in size only."""
    out = tmp_path_factory.mktemp("alike")
    synthesise(scenario, dossiers=DOSSIERS, seed=7, out=out, deviations=False, noise=0, artefacts=0)
    return read_log(out)
