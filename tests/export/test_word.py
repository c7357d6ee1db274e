"""Word documents: the form of state documents, no invented value, what is not verified says so."""

from __future__ import annotations

import io
import shutil
import zipfile

import pytest
from docx import Document
from docx.shared import Pt

from tests.export.demo import LANES, NAME, facts, procedure
from tests.export.trees import random_tree, to_bpmn
from workbench.errors import WorkbenchError
from workbench.export import content as c
from workbench.export.bars import bar_picture
from workbench.export.facts import ProcedureFacts, Statement, StepFacts
from workbench.export.internal_process import Procedure, internal_process_content, process_table
from workbench.export.pdf import pdf_bytes
from workbench.export.picture import Words
from workbench.export.plans import Change, Simplification, annex_content, simplification_content
from workbench.export.word import docx_bytes, write_docx
from workbench.harmonise.recommendation.cost import ComplianceCost, CostChange, CostParameters, Practice
from workbench.mining.model import Bpmn, Flow, Node
from workbench.results import Basis

DEMO = Procedure(NAME, procedure(), LANES, facts())


def opened(content: c.Content):
    return Document(io.BytesIO(docx_bytes(content)))


def words(document) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


# the table ----------------------------------------------------------------------------------------------
def test_the_total_is_the_longest_way_without_repetition():
    table = process_table(DEMO)
    assert [row.step for row in table.rows][:5] == [
        "Tiếp nhận hồ sơ",
        "Kiểm tra tính đầy đủ, hợp lệ của hồ sơ",
        "Yêu cầu bổ sung hồ sơ",
        "Tiếp nhận bổ sung hồ sơ",
        "Chuyển hồ sơ",
    ]
    # 2 + 4 + 4 + 4 + 40 + max(24, 16) + 8 + 8 + 2; the supplement loop and the parallel 16 hours do not add
    assert table.total_hours == 96 and table.without_limit == 3
    assert table.contradicts, "96 hours are more than the declared 80"
    when = {row.step: row.when for row in table.rows}
    assert when["Yêu cầu bổ sung hồ sơ"] == "repeat" and when["Lấy ý kiến cơ quan thuế"] == "case"
    assert when["Lãnh đạo ký"] == ""


def test_a_graph_without_blocks_gives_the_same_kind_of_table():
    kinds = {"s": "start", "a": "task", "x": "xor", "b": "task", "c": "task", "y": "and", "d": "task", "t": "end"}
    nodes = tuple(Node(i, k, i if k == "task" else "") for i, k in kinds.items())
    pairs = ("s-a", "a-x", "x-b", "x-c", "b-y", "c-y", "y-d", "d-t")
    steps = {k: StepFacts(limit_hours=h) for k, h in zip("abcd", (1, 2, 5, 4), strict=True)}
    bpmn = Bpmn(nodes, tuple(Flow(*p.split("-")) for p in pairs))
    table = process_table(Procedure("x", bpmn, facts=ProcedureFacts(steps=steps)))
    assert table.total_hours == 10 and table.rows[0].step == "a" and table.rows[-1].step == "d"


def test_every_step_is_one_row():
    for seed in range(15):
        bpmn = to_bpmn(random_tree(seed, 12))
        assert sorted(row.step for row in process_table(Procedure("x", bpmn)).rows) == sorted(bpmn.steps)


def test_no_limit_known_means_no_total():
    table = process_table(Procedure(NAME, procedure()))
    assert table.total_hours is None and not table.contradicts
    text = words(opened(internal_process_content(Procedure(NAME, procedure()))))
    assert "chưa có" in text and "13 bước chưa có thời hạn" in text and "0 ngày" not in text


# form ---------------------------------------------------------------------------------------------------
def test_the_form_of_a_state_document():
    document = opened(internal_process_content(DEMO, head=c.StateHead(agency="VĂN PHÒNG", place="Huế")))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert 20 <= round(section.top_margin.mm) <= 25 and 20 <= round(section.bottom_margin.mm) <= 25
    assert 30 <= round(section.left_margin.mm) <= 35 and 15 <= round(section.right_margin.mm) <= 20
    for name in ("Normal", "Heading 1", "Title", "Caption", "Table Text"):
        style = document.styles[name]
        assert style.font.name == "Times New Roman" and Pt(12) <= style.font.size <= Pt(14)
    assert document.styles["Normal"].font.size in (Pt(13), Pt(14))
    used = {p.style.name for p in document.paragraphs}
    assert {"Title", "Heading 1", "Caption", "State Body"} <= used
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in words(document)


def test_captions_are_numbered_by_fields_and_pictures_have_words():
    data = docx_bytes(internal_process_content(DEMO))
    xml = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    assert "SEQ Bảng" in xml and "SEQ Hình" in xml and 'w:tblHeader w:val="true"' in xml
    assert f'descr="Sơ đồ quy trình nội bộ: {NAME}"' in xml


def test_contents_are_a_field_with_entries():
    plan = Simplification("1.1", "Một", ())
    xml = (
        zipfile.ZipFile(io.BytesIO(docx_bytes(simplification_content([plan, plan])))).read("word/document.xml").decode()
    )
    assert 'TOC \\o "1-2"' in xml and xml.count("<w:hyperlink") == xml.count("<w:bookmarkStart")
    assert xml.count('w:fldCharType="begin"') == xml.count('w:fldCharType="end"')


def test_the_same_content_gives_the_same_bytes(tmp_path):
    one = write_docx(internal_process_content(DEMO), tmp_path / "a.docx").read_bytes()
    assert one == docx_bytes(internal_process_content(DEMO))


def test_what_is_not_verified_says_so():
    text = words(opened(internal_process_content(DEMO)))
    assert "Hồ sơ được yêu cầu bổ sung một lần. (chưa kiểm chứng)" in text
    assert "Điều 9 (NĐ 118/2025)\n" in text, "a verified statement carries no mark"


def test_english_on_request():
    text = words(opened(internal_process_content(DEMO, language="en", provenance={"Store": "x"})))
    assert "Total time" in text and "unverified" in text and "Store: x" in text and "Tổng" not in text


# plans --------------------------------------------------------------------------------------------------
def cost(vnd: float) -> ComplianceCost:
    import pandas as pd

    practice = Practice(12_000, 0.3, 0.7, 0.0, 0.2, 0.0)
    return ComplianceCost(pd.DataFrame(), vnd, vnd * 12_000, practice, CostParameters(), Basis(100))


def test_a_plan_shows_cost_before_after_saved_and_percent():
    change = CostChange(cost(400_000), cost(250_000), 150_000 * 12_000, 0.375, True, False)
    law = (Statement("Sửa khoản 2"), Statement("Điều 8", "QĐ 5", verified=True))
    plan = Simplification("1.012783", NAME, (Change("Bỏ một chữ ký", "Trùng lặp", "4.812 hồ sơ", law),), change, 80, 56)
    text = words(opened(simplification_content([plan])))
    for part in ("400.000", "250.000", "150.000", "37,5 %", "1.800.000.000", "từ 10 ngày xuống 7 ngày, giảm 30,0 %"):
        assert part in text, part
    assert "Sửa khoản 2 (chưa kiểm chứng)" in text and "(30 %) theo Nghị quyết 66/NQ-CP: đạt" in text
    assert "GDP bình quân đầu người (đồng/năm): 114.000.000" in text, "unconfirmed parameters are named"


def test_a_plan_without_figures_says_so():
    text = words(opened(simplification_content([Simplification("", "Một", (Change("Gộp", "Trùng"),))])))
    assert "Chưa đủ tham số để tính chi phí" in text and "Chưa xác định văn bản cần sửa đổi" in text
    assert "Chi phí tuân thủ (đồng)" not in text


def test_an_annex_lists_and_marks():
    other = Procedure("Đính chính", to_bpmn(random_tree(1, 4)))
    text = words(opened(annex_content([DEMO, other], number="12/QĐ-UBND")))
    assert "Kèm theo Quyết định số 12/QĐ-UBND" in text and "12 ngày *" in text and "1. " + NAME in text
    assert "2. Đính chính" in text


def test_bars_start_at_zero_and_show_gaps():
    picture = bar_picture([("a", 10.0), ("b", 5.0), ("c", None)])
    widths = [
        m.width
        for m in picture.marks
        if hasattr(m, "width") and getattr(m, "fill", "") and hasattr(m, "radius") and hasattr(m, "line")
    ]
    assert widths[0] == pytest.approx(2 * widths[1]) and len(widths) == 2
    assert "–" in [m.text for m in picture.marks if isinstance(m, Words)]


@pytest.mark.slow
def test_libreoffice_makes_a_pdf():
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed")
    assert pdf_bytes(docx_bytes(internal_process_content(DEMO))).startswith(b"%PDF")


def test_without_libreoffice_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(WorkbenchError, match="LibreOffice"):
        pdf_bytes(b"")
