"""Charts in Word documents: real chart parts with their numbers in a workbook, the same every time, seen by LibreOffice."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile

import openpyxl
import pytest
from docx import Document
from lxml import etree

from workbench.export import content as c
from workbench.export.bars import bar_figure
from workbench.export.pdf import paged_docx, pdf_bytes, pdf_facts, printer
from workbench.export.word import docx_bytes

NS = {
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
}
COST = c.Bars((("Hiện tại", 4_800_000.0), ("Sau & <đơn giản hóa>", 3_000_000.0)), "đồng một năm")
GAPS = c.Bars((("=SUM(A1)", 10.5), ("Không có", None), ("Thấp", 1.0)), "%", 1, marked=("Thấp",))
DOCUMENT = c.Content(
    "Chi phí",
    (
        c.Contents(),
        c.Heading("Phần một"),
        bar_figure(COST, "Chi phí tuân thủ"),
        c.Break(),
        c.Heading("Phần hai"),
        bar_figure(GAPS, "Tỷ lệ"),
        bar_figure(c.Bars((("01/2024", 3.0), ("02/2024", 5.0)), "hồ sơ", standing=True), "Theo tháng"),
        c.Break(),
        c.Break(),
        c.Heading("Phần ba", 2),
        c.Paragraph("Hết."),
    ),
)


@pytest.fixture(scope="module")
def archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(docx_bytes(DOCUMENT)))


def test_a_chart_is_a_part_with_its_workbook(archive):
    charts = sorted(name for name in archive.namelist() if name.startswith("word/charts/chart"))
    assert charts == ["word/charts/chart1.xml", "word/charts/chart2.xml", "word/charts/chart3.xml"]
    assert "word/media/image1.png" not in archive.namelist(), "no picture in place of a chart"
    root = etree.fromstring(archive.read(charts[0]))
    numbers = root.xpath("//c:val//c:v/text()", namespaces=NS)
    assert [float(v) for v in numbers] == [4_800_000, 3_000_000]
    assert root.xpath("//c:cat//c:v/text()", namespaces=NS) == ["Hiện tại", "Sau & <đơn giản hóa>"]
    assert root.xpath("//c:valAx/c:scaling/c:min/@val", namespaces=NS) == ["0"], "bars begin at zero"
    relation = root.xpath("//c:externalData/@r:id", namespaces=NS)[0]
    links = archive.read("word/charts/_rels/chart1.xml.rels").decode()
    assert f'Id="{relation}"' in links and "Microsoft_Excel_Sheet1.xlsx" in links
    types = archive.read("[Content_Types].xml").decode()
    assert "drawingml.chart+xml" in types and "spreadsheetml.sheet" in types


def test_the_workbook_of_a_chart_holds_its_numbers(archive):
    book = openpyxl.load_workbook(io.BytesIO(archive.read("word/embeddings/Microsoft_Excel_Sheet2.xlsx")))
    rows = list(book["Data"].iter_rows(values_only=True))
    assert rows[1:] == [("=SUM(A1)", 10.5), ("Không có", None), ("Thấp", 1)]
    assert book["Data"]["A2"].data_type == "s", "a name is never a formula"


def test_a_gap_is_no_zero_and_marks_stand_out(archive):
    root = etree.fromstring(archive.read("word/charts/chart2.xml"))
    assert root.xpath("//c:val//c:pt/@idx", namespaces=NS) == ["0", "2"]
    assert root.xpath("//c:dispBlanksAs/@val", namespaces=NS) == ["gap"]
    assert root.xpath("//c:dPt/c:idx/@val", namespaces=NS) == ["2"]


def test_charts_have_words_for_those_who_cannot_see(archive):
    xml = archive.read("word/document.xml").decode()
    assert 'descr="Chi phí tuân thủ"' in xml and xml.count("<c:chart ") == 3
    assert docx_bytes(DOCUMENT) == docx_bytes(DOCUMENT)
    Document(io.BytesIO(docx_bytes(DOCUMENT)))


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")), reason="LibreOffice or poppler missing"
)
def test_libreoffice_draws_charts_and_gives_page_numbers(tmp_path):
    docx = paged_docx(DOCUMENT)
    xml = zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml").decode()
    assert "w:dirty" not in xml and xml.count("PAGEREF") == 3
    pdf = pdf_bytes(docx, facts={"one": "ộ"})
    assert pdf == pdf_bytes(docx, facts={"one": "ộ"}) and pdf_facts(pdf) == {"one": "ộ"}
    assert printer().startswith("LibreOffice")
    (tmp_path / "a.pdf").write_bytes(pdf)
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    first, second, _empty, last = text.split("\f")[:4]
    contents = {
        line.split(".")[0].strip(): line.split(".")[-1].strip() for line in first.splitlines() if "...." in line
    }
    assert contents == {"Phần một": "1", "Phần hai": "2", "Phần ba": "4"}
    assert "4.800.000" in first and "Hiện tại" in first and "Hình 1" in first
    assert "10,5" in second and "Phần ba" in last
