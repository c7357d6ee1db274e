"""Every method of `Log` once on a small synthetic store, and how results look in a notebook."""

from __future__ import annotations

import inspect
import shutil

import pandas as pd
import pytest

import workbench as wb
from workbench.errors import SelectionError, StoreError, TooFewCases, WorkbenchError
from workbench.simulate import Scale

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
    "cost": ({"procedure": PROCEDURE}, "targets"),
    "online_readiness": ({"procedure": PROCEDURE}, "barriers"),
    "compare": ({"procedure": PROCEDURE, "provinces": THREE}, "organisations"),
    "changes": ({"procedure": PROCEDURE}, "table"),
    "dotted_chart": ({"procedure": PROCEDURE}, "points"),
    "performance_spectrum": ({"procedure": PROCEDURE}, "lines"),
    "rework": ({"procedure": PROCEDURE}, "steps"),
    "handovers": ({"procedure": PROCEDURE}, "edges"),
    "workload": ({"procedure": PROCEDURE}, "by_hour"),
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


def test_a_model_is_planned_and_tracked(log):
    chosen = {"procedure": PROCEDURE, "provinces": THREE}
    model = log.discover(**chosen, algorithm="inductive")
    assert set(log.migration_plan(PROCEDURE, model, provinces=THREE).organisations["organisation"]) == set(THREE)
    assert len(log.track(PROCEDURE, model, provinces=THREE).months) > 0


def test_a_public_log_is_refused_with_another_content(own, tmp_path):
    (tmp_path / "receipt.xes").write_text("<log/>", "utf-8")
    with pytest.raises(WorkbenchError, match="sha256"):
        own.add_dataset("receipt", tmp_path / "receipt.xes")


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


def test_pictures_of_results(log):
    for result in (
        log.waiting(procedure=PROCEDURE),
        log.quality(),
        log.clock_differences(),
        log.on_time(by="channel"),
        log.compare(PROCEDURE, provinces=THREE),
    ):
        assert wb.picture(result)._repr_svg_().startswith("<svg")
    with pytest.raises(TypeError, match="Variants"):
        wb.picture(log.variants(procedure=PROCEDURE))


def test_waiting_names_its_causes(log):
    shown = wb.picture(log.waiting(procedure=PROCEDURE))._repr_svg_()
    assert "gom lô" in shown
    assert "ngoài giờ làm việc" in shown
    english = wb.picture(log.waiting(procedure=PROCEDURE), language="en")._repr_svg_()
    assert "gom lô" not in english


def test_a_dossier_drawn_over_time(log):
    code = log.fetch(log.dossiers(procedure=PROCEDURE, closed=True))["dossier_code"].iloc[0]
    shown = log.timeline(code)._repr_svg_()
    assert all(name in shown for name in ("Quy định", "Cổng 766", "Tạm dừng", "Địa phương"))
    with pytest.raises(SelectionError, match="none"):
        log.timeline("none")


def test_own_pictures():
    drawn = wb.bars({"H29": 3, "another": None}, unit="n")._repr_svg_()
    assert wb.province_name("H29") in drawn
    assert "–" in drawn
    frame = pd.DataFrame({"who": ["H29"], "value": [2.5], "low": [1.0], "high": [4.0]})
    assert "2,5" in wb.intervals(frame, name="who", value="value", reference=0)._repr_svg_()
    square = pd.DataFrame([[1.0, float("nan")], [0.5, 0.25]], index=["H29", "b"], columns=["H29", "b"])
    assert "0,50" in wb.square(square, rows="r", columns="c")._repr_svg_()
    assert "75 %" in wb.parts(pd.DataFrame({"left": [3.0], "right": [1.0]}, index=["x"]))._repr_svg_()


def test_a_table_in_words(log):
    shown = wb.table(log.on_time(by="province_code").table, columns=["group", "clock", "rate", "nothing"], limit=3)
    html = shown._repr_html_()
    assert "Cổng DVCQG (QĐ 766)" in html
    assert " %" in html
    assert html.count("<tr>") == 4
    assert "Rate" not in html


def test_candidates_are_drawn(log):
    unified = log.harmonise(PROCEDURE, provinces=THREE, seconds=2)
    assert "Gộp mọi nhật ký" in wb.candidates(unified)._repr_svg_()


def test_tables_and_queries(log):
    assert log.fetch(log.events(procedure=PROCEDURE).count()) > 0
    assert log.sql("select count(*) as n from dossier where province_code = $p", {"p": "H29"})["n"][0] > 0
    assert len(log.labels()) > 5
    assert len(log.quarantine()) == 0
    behind = log.dossiers_behind("synthetic_first", limit=5)
    assert 0 < len(behind) <= 5


def test_what_if_nothing_changes(log):
    found = log.what_if(Scale("Tiếp nhận hồ sơ", 1.0), procedure="2.000815", dossiers=50)
    assert found.saved_hours == 0


def test_a_preview_shows_the_mapping(tmp_path):
    file = tmp_path / "export.csv"
    file.write_text("Mã hồ sơ,Nội dung xử lý,Thời điểm xử lý\nA-1,Tiếp nhận,01/02/2025 08:00\n", "utf-8")
    choices = wb.preview(file).choices()
    assert dict(zip(choices["source_column"], choices["canonical"], strict=True))["Mã hồ sơ"] == "dossier_code"
