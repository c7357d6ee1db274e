"""Every method of `Log` once on a small synthetic store, and how results look in a notebook."""

from __future__ import annotations

import inspect
import shutil

import pytest

import workbench as wb
from workbench.errors import SelectionError, StoreError, TooFewCases

PROCEDURE = "1.012783"
THREE = ("H24", "H29", "H41")


@pytest.fixture(scope="module")
def store_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    log_folder = wb.synthesise(folder / "log", dossiers=1500, seed=5)
    path = folder / "country.duckdb"
    with wb.open(path, memory_limit="1GB", threads=2) as log:
        report = log.load(log_folder)
        assert report.rows_in == report.rows_loaded + report.rows_quarantined + report.rows_duplicate
        assert log.load(log_folder).load_id is None
    return path


@pytest.fixture(scope="module")
def log(store_path):
    with wb.open(store_path, read_only=True, memory_limit="1GB", threads=2) as opened:
        yield opened


@pytest.fixture
def own(store_path, tmp_path):
    copy = tmp_path / "own.duckdb"
    shutil.copy(store_path, copy)
    shutil.copy(f"{store_path}.key", f"{copy}.key")
    with wb.open(copy, memory_limit="1GB", threads=2) as opened:
        yield opened


READING = {
    "quality": ({}, "artefacts"),
    "dfg": ({"procedure": PROCEDURE}, "edges"),
    "variants": ({"procedure": PROCEDURE, "limit": 5}, "table"),
    "performance": ({"procedure": PROCEDURE}, "steps"),
    "clocks": ({"procedure": PROCEDURE}, "table"),
    "on_time": ({"by": "channel"}, "table"),
    "clock_differences": ({}, "table"),
    "indicators": ({"by": "channel"}, "table"),
    "report_table": ({"by": "procedure_code"}, "table"),
    "watch_list": ({"limit": 10}, "counts"),
    "propose_vocabulary": ({"procedure": PROCEDURE}, "proposals"),
    "compare": ({"procedure": PROCEDURE, "provinces": THREE}, "organisations"),
}


@pytest.mark.parametrize("name", list(READING))
def test_a_step_gives_tables_with_their_basis(log, name):
    options, table = READING[name]
    result = getattr(log, name)(**options)
    assert len(getattr(result, table)) > 0
    assert result.basis.n_dossiers > 0
    assert result.basis.synthetic
    shown = result._repr_html_()
    assert shown.startswith("<b>")
    assert "<table" in shown
    assert len(shown) < 60_000, "a notebook shows the head of a table, not all of it"
    assert result.to_dict().keys() >= {"basis"}


def test_a_log_says_what_it_holds(log):
    assert repr(log).startswith("<Log country.duckdb: 1500 dossiers")
    assert "synthetic" in repr(log)
    assert "<b>" in log._repr_html_()


def test_procedures(log):
    table = log.procedures()
    assert table["dossiers"].sum() == 1500
    assert PROCEDURE in set(table["procedure_code"])


def test_discover_and_conform(log):
    model = log.discover(procedure=PROCEDURE, provinces=THREE)
    found = log.conformance(model, procedure=PROCEDURE, provinces=THREE)
    assert 0.5 < found.fitness <= 1
    assert "<table" in found._repr_html_()


def test_harmonise(log):
    unified = log.harmonise(PROCEDURE, provinces=THREE, seconds=3)
    assert unified.evaluation()["unified"]["organisations"].keys() == set(THREE)
    assert "<table" in unified._repr_html_()


def test_recommend_says_too_few(log):
    assert log.recommend(PROCEDURE, provinces=THREE).to_dict()["too_few_cases"]


def test_vocabulary_in_force_and_taken_back(own):
    before = len(own.variants(procedure=PROCEDURE).table)
    change = own.accept_vocabulary(own.propose_vocabulary(PROCEDURE), reviewer="An")
    assert len(own.variants(procedure=PROCEDURE).table) < before
    assert own.undo_vocabulary() == change
    assert len(own.variants(procedure=PROCEDURE).table) == before


def test_retract_empties_the_log(own):
    own.retract(1)
    assert own.dfg().edges.empty
    assert own.store.basis().n_dossiers == 0


def test_reconcile_with_the_portals_scores(log, tmp_path):
    scores = tmp_path / "scores.json"
    scores.write_text('[{"id": "2.1", "numerator": 1, "denominator": 2}]', "utf-8")
    found = log.reconcile(scores)
    assert "2.1" in set(found.table["id"])


def test_errors(log, tmp_path):
    with pytest.raises(SelectionError, match=r"9\.9"):
        log.dfg(procedure="9.9")
    with pytest.raises(SelectionError, match="provnces"):
        log.dfg(provnces=("H01",))
    with pytest.raises(TooFewCases, match="H29"):
        log.harmonise(PROCEDURE, provinces=("H29",))
    with pytest.raises(StoreError, match="no store"):
        wb.open(tmp_path / "none.duckdb", read_only=True)


def test_every_public_method_is_used_here():
    names = {name for name, _ in inspect.getmembers(wb.Log, inspect.isfunction) if not name.startswith("_")}
    source = inspect.getsource(inspect.getmodule(test_every_public_method_is_used_here))
    assert sorted(name for name in names if f".{name}(" not in source and name not in READING and name != "close") == []
