"""Object-centric logs in a store: the type that is the dossier is chosen, and its other objects can be asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sources.test_ocel import as_json, as_sqlite, as_xml
from workbench.cli.main import run
from workbench.store import open_store

LINKS = (
    "select dossier_code, (extra->>'links')::json->'paper', "
    "(extra->>'event_objects')::json->'paper' from "
    "(select dossier_code, extra::json as extra from dossier) order by 1"
)


def load_dossiers(log: Path, store: Path) -> None:
    facts = ["--object-type", "dossier", "--set", "province=H01", "--set", "procedure=P"]
    assert run(["load", str(log), "--store", str(store), "--quiet", *facts]) == 0


@pytest.mark.parametrize("kind", ["json", "xml", "sqlite"])
def test_the_dossier_is_chosen_and_its_objects_stay_reachable(
    tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]
):
    log, store = tmp_path / f"log.{kind}", tmp_path / "s.duckdb"
    if kind == "sqlite":
        as_sqlite(log)
    else:
        log.write_text({"json": as_json, "xml": as_xml}[kind](), "utf-8")
    assert run(["load", str(log), "--store", str(store), "--quiet", "--language", "en"]) == 3
    assert "dossier (2), paper (1)" in capfd.readouterr().err
    load_dossiers(log, store)
    with open_store(store, read_only=True) as kept:
        found = [
            (code, links and json.loads(links), others and json.loads(others))
            for code, links, others in kept.con.execute(LINKS).fetchall()
        ]
        assert {code: links for code, links, _ in found} == {"h1": ["p1"], "h2": None}
        assert all(others in (None, ["p1"]) for *_, others in found) and any(others for *_, others in found)
        assert kept.scalar("select count(distinct dossier_key) from event") == 2


def test_many_objects_are_no_free_text(tmp_path: Path):
    log, store = tmp_path / "log.json", tmp_path / "s.duckdb"
    content = json.loads(as_json())
    papers = [f"a paper with a rather long name of its own, number {n}" for n in range(30)]
    content["objects"] += [{"id": one, "type": "paper", "attributes": [], "relationships": []} for one in papers]
    for one in content["objects"][:2]:
        one["relationships"] = [{"objectId": paper, "qualifier": "has"} for paper in papers]
    log.write_text(json.dumps(content), "utf-8")
    load_dossiers(log, store)
    with open_store(store, read_only=True) as kept:
        assert json.loads(kept.con.execute(LINKS).fetchall()[0][1]) == papers
