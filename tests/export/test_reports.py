"""Reports from a small store: complete, self-contained, made again identically, honest about small numbers."""

from __future__ import annotations

import io
import json
import re

import pandas as pd
import pytest
from docx import Document

from tests.conftest import StoreFrom
from workbench.cli.report import NAMES
from workbench.errors import FormatError, WorkbenchError
from workbench.export.bpmn import MODEL
from workbench.export.harmonisation import FILES, write_harmonisation
from workbench.export.html import html_bytes
from workbench.export.reports import REPORTS, asked, build_report, verify_report, write_report
from workbench.export.word import docx_bytes
from workbench.harmonise.unification.unify import harmonise_procedure
from workbench.selection import Selection
from workbench.store import LogStore

PROCEDURE = Selection(procedure="1.000001")
CHOICES = {"national": None, "province": Selection(provinces=("H17",)), "procedure": PROCEDURE}


@pytest.fixture
def log(store_from: StoreFrom) -> LogStore:
    """Three organisations: a common way, one with an extra signature, one that repeats a step."""
    ways = {
        "H17": "nhận thẩm_định ký trả",
        "H26": "nhận thẩm_định duyệt ký trả",
        "H29": "nhận thẩm_định thẩm_định ký trả",
    }
    return store_from({(code, f"{code}-{k}"): way for code, way in ways.items() for k in range(12)})


@pytest.mark.slow
def test_reports_are_made_and_verified(log, tmp_path):
    for name, selection in CHOICES.items():
        path = write_report(log, name, tmp_path / f"{name}.html", selection)
        found = verify_report(log, path)
        assert found.same and found.reasons == () and found.recipe["report"] == name
    path = write_report(log, "national", tmp_path / "national.docx", language="en")
    assert verify_report(log, path).same


@pytest.mark.slow
def test_a_changed_file_or_store_is_noticed(log, store_from, tmp_path):
    path = write_report(log, "national", tmp_path / "r.html")
    path.write_bytes(path.read_bytes().replace(b"36 ", b"99 "))
    assert verify_report(log, path).reasons == ("content_differs",)
    path = write_report(log, "national", tmp_path / "r.html")
    other = store_from({("H17", "x"): "nhận trả"})
    assert verify_report(other, path).reasons == ("store_changed", "content_differs")


@pytest.mark.slow
def test_html_fetches_nothing(log):
    text = html_bytes(build_report(log, "procedure", PROCEDURE)).decode()
    outside = re.findall(r'(?:src|href)="(?!#)[^"]*"|url\(|@import|<script', text)
    assert outside == [] and "<svg" in text and text.count("<h2") >= 5
    assert "workbench-report {" in text.replace("&quot;", '"')


@pytest.mark.slow
def test_word_and_html_say_the_same(log):
    content = build_report(log, "national")
    document = Document(io.BytesIO(docx_bytes(content)))
    page = html_bytes(content).decode()
    for table in document.tables:
        for row in table.rows[1:]:
            assert row.cells[0].text in page
    assert len(document.tables) == page.count("<table>")


@pytest.mark.slow
def test_few_dossiers_show_no_rate(log):
    text = html_bytes(build_report(log, "province", Selection(provinces=("H17",)))).decode()
    assert "ít hơn 30 hồ sơ" in text and "quá ít hồ sơ" in text


def test_what_cannot_be_made_is_refused(log, tmp_path):
    with pytest.raises(WorkbenchError, match="no report 'x'"):
        build_report(log, "x")
    with pytest.raises(WorkbenchError, match="about one of"):
        build_report(log, "procedure")
    with pytest.raises(WorkbenchError, match="no known format"):
        write_report(log, "national", tmp_path / "r.odt")
    (tmp_path / "empty.html").write_text("nothing")
    with pytest.raises(FormatError, match="no recipe"):
        verify_report(log, tmp_path / "empty.html")
    assert tuple(REPORTS) == NAMES, "the command offers every report"


@pytest.mark.slow
def test_the_decision_report_names_candidates_and_changes(log, tmp_path, monkeypatch):
    monkeypatch.setattr(asked, "EVALUATIONS", 10)
    path = write_report(log, "decision", tmp_path / "d.html", PROCEDURE)
    text = path.read_text("utf-8")
    for part in (
        "Các phương án",
        "Vì sao chọn phương án này",
        "Tổng thời gian giải quyết",
        "Mức độ chắc chắn",
        "duyệt",
    ):
        assert part in text, part
    assert verify_report(log, path).same


@pytest.mark.slow
def test_a_harmonisation_is_written_whole(log, tmp_path):
    result = harmonise_procedure(log, PROCEDURE, evaluations=5)
    written = write_harmonisation(log, result, tmp_path / "out")
    assert tuple(path.name for path in written) == FILES
    scores = json.loads((tmp_path / "out/evaluation.json").read_text("utf-8"))
    assert set(scores["unified"]["organisations"]) == {"H17", "H26", "H29"} and scores["unified"]["mean"]["f"] > 0.5
    assert MODEL in (tmp_path / "out/unified.bpmn").read_text("utf-8")
    migration = pd.read_csv(tmp_path / "out/migration.csv")
    assert {"organisation", "action", "step"} <= set(migration.columns)
    assert "recommendations" in json.loads((tmp_path / "out/recommendations.json").read_text("utf-8"))


@pytest.mark.slow
def test_documents_to_enact_are_drafts_with_gaps(log, tmp_path, monkeypatch):
    monkeypatch.setattr(asked, "EVALUATIONS", 5)
    text = html_bytes(build_report(log, "internal_process", PROCEDURE)).decode()
    assert "Dự thảo" in text and "thẩm_định" in text and "chưa có" in text
    plan = html_bytes(build_report(log, "simplification", PROCEDURE)).decode()
    assert "Chưa có nội dung đơn giản hóa nào đủ căn cứ." in plan, "twelve dossiers prove nothing"


def test_changes_join_organisations():
    from workbench.export.reports.documents import changes_of
    from workbench.harmonise.recommendation.recommend import Recommendation

    def one(code: str, dossiers: int, hours: float | None) -> Recommendation:
        interval = None if hours is None else (hours - 1, hours + 1)
        return Recommendation("p", "cut_signature", ("Duyệt",), (code,), dossiers, hours, interval, 0.01, "recommended",
                              "extra_step", 0.9, 0.1, "x", 100.0, None, None)  # fmt: skip

    (change,) = changes_of([one("H26", 30, 4.0), one("H29", 10, 8.0)], "vi")
    assert "Hà Nội" in change.text and "Hồ Chí Minh" in change.text and "Duyệt" in change.text
    assert "40 hồ sơ" in change.evidence and "5,0 giờ" in change.evidence and "3,0" in change.evidence
    (bare,) = changes_of([one("H26", 30, None)], "vi")
    assert "giờ" not in bare.evidence
