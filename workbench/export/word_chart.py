"""Bar charts Word and LibreOffice can edit: a DrawingML chart part with its numbers in an Excel workbook inside."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pandas as pd
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml

from workbench.export import content as c
from workbench.export.tables import xlsx_bytes

_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_MM = 36_000
_SHEET = "Data"
_PLAIN, _MARKED = "1F5F99", "B3261E"


def chart_part(document: Any, bars: c.Bars, number: int, *, name: str) -> str:
    """Add chart number `number` and its workbook to a document; the id of the relation to it."""
    package = document.part.package
    heading = bars.unit or name
    table = pd.DataFrame({" ": [str(n) for n, _ in bars.values], heading: [v for _, v in bars.values]})
    book = Part(
        PackURI(f"/word/embeddings/Microsoft_Excel_Sheet{number}.xlsx"),
        _SHEET_TYPE,
        xlsx_bytes({_SHEET: table}),
        package,
    )
    chart = Part(PackURI(f"/word/charts/chart{number}.xml"), _CHART_TYPE, b"", package)
    inside = chart.relate_to(book, f"{_RELATION}/package")
    chart._blob = _chart_xml(bars, heading, inside).encode()
    return str(document.part.relate_to(chart, f"{_RELATION}/chart"))


def chart_inline(relation: str, number: int, *, width: float, height: float, words: str) -> Any:
    """The drawing of a chart in a line of text; sizes in mm, `words` for those who cannot see it."""
    return parse_xml(
        f'<wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing" xmlns:a="{_DRAWING}/main" xmlns:r="{_RELATION}" '
        f'distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{round(width * _MM)}" cy="{round(height * _MM)}"/>'
        f'<wp:effectExtent l="0" t="0" r="0" b="0"/><wp:docPr id="{number}" name="Chart {number}" descr={quoteattr(words)}/>'
        f'<wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri="{_DRAWING}/chart">'
        f'<c:chart xmlns:c="{_DRAWING}/chart" r:id="{relation}"/></a:graphicData></a:graphic></wp:inline>'
    )


def chart_height(bars: c.Bars) -> float:
    """The height in mm that gives every bar its room."""
    return 62.0 if bars.standing else min(24.0 + 9.0 * len(bars.values), 150.0)


def _chart_xml(bars: c.Bars, heading: str, workbook: str) -> str:
    last = len(bars.values) + 1
    names = "".join(f'<c:pt idx="{k}"><c:v>{escape(n)}</c:v></c:pt>' for k, (n, _) in enumerate(bars.values))
    numbers = "".join(
        f'<c:pt idx="{k}"><c:v>{v!r}</c:v></c:pt>' for k, (_, v) in enumerate(bars.values) if v is not None
    )
    form = "[$-42A]#,##0" + ("." + "0" * bars.digits if bars.digits else "")
    marked = "".join(
        f'<c:dPt><c:idx val="{k}"/><c:invertIfNegative val="0"/><c:bubble3D val="0"/>{_fill(_MARKED)}</c:dPt>'
        for k, (n, _) in enumerate(bars.values)
        if n in bars.marked
    )
    count = len(bars.values)
    labels = (
        f'<c:dLbls><c:numFmt formatCode="{form}" sourceLinked="0"/><c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>'
        f'{_letters(9 if count <= 16 else 7)}<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/>'
        '<c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>'
    )
    series = (
        f'<c:ser><c:idx val="0"/><c:order val="0"/><c:tx><c:strRef><c:f>{_SHEET}!$B$1</c:f><c:strCache>'
        f'<c:ptCount val="1"/><c:pt idx="0"><c:v>{escape(heading)}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        f'{_fill(_PLAIN)}<c:invertIfNegative val="0"/>{marked}{labels}'
        f"<c:cat><c:strRef><c:f>{_SHEET}!$A$2:$A${last}</c:f><c:strCache>"
        f'<c:ptCount val="{count}"/>{names}</c:strCache></c:strRef></c:cat>'
        f"<c:val><c:numRef><c:f>{_SHEET}!$B$2:$B${last}</c:f><c:numCache><c:formatCode>{form}</c:formatCode>"
        f'<c:ptCount val="{count}"/>{numbers}</c:numCache></c:numRef></c:val></c:ser>'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<c:chartSpace xmlns:c="{_DRAWING}/chart" xmlns:a="{_DRAWING}/main" xmlns:r="{_RELATION}">'
        '<c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>'
        f'<c:barChart><c:barDir val="{"col" if bars.standing else "bar"}"/><c:grouping val="clustered"/>'
        f'<c:varyColors val="0"/>{series}<c:gapWidth val="45"/><c:axId val="1001"/><c:axId val="1002"/></c:barChart>'
        f'{_axes(bars)}</c:plotArea><c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        "<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>"
        f'{_letters(10)}<c:externalData r:id="{workbook}"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    )


def _axes(bars: c.Bars) -> str:
    """Names from the top down where bars lie; values begin at 0 and say their unit."""
    order = "minMax" if bars.standing else "maxMin"
    name_side, value_side = ("b", "l") if bars.standing else ("l", "t")
    unit = (
        f"<c:title><c:tx><c:rich><a:bodyPr/><a:p><a:pPr>{_run_form(9)}</a:pPr>"
        f"<a:r>{_run_form(9, 'rPr')}<a:t>{escape(bars.unit)}</a:t></a:r></a:p></c:rich></c:tx>"
        '<c:overlay val="0"/></c:title>'
        if bars.unit
        else ""
    )
    line = '<c:spPr><a:ln w="9525"><a:solidFill><a:srgbClr val="8A99A6"/></a:solidFill></a:ln></c:spPr>'
    return (
        f'<c:catAx><c:axId val="1001"/><c:scaling><c:orientation val="{order}"/></c:scaling><c:delete val="0"/>'
        f'<c:axPos val="{name_side}"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="low"/>{line}{_letters(9)}<c:crossAx val="1002"/><c:crosses val="autoZero"/>'
        '<c:auto val="1"/><c:lblAlgn val="ctr"/><c:lblOffset val="100"/><c:noMultiLvlLbl val="0"/></c:catAx>'
        '<c:valAx><c:axId val="1002"/><c:scaling><c:orientation val="minMax"/><c:min val="0"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{value_side}"/>{unit}<c:numFmt formatCode="[$-42A]#,##0" sourceLinked="0"/>'
        f'<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="{"nextTo" if bars.standing else "none"}"/>'
        f'{_letters(9)}<c:crossAx val="1001"/><c:crosses val="autoZero"/></c:valAx>'
    )


def _fill(colour: str) -> str:
    return f'<c:spPr><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></c:spPr>'


def _run_form(points: int, tag: str = "defRPr") -> str:
    return f'<a:{tag} sz="{points * 100}" b="0"><a:latin typeface="Times New Roman"/><a:cs typeface="Times New Roman"/></a:{tag}>'


def _letters(points: int) -> str:
    return f'<c:txPr><a:bodyPr/><a:p><a:pPr>{_run_form(points)}</a:pPr><a:endParaRPr lang="vi-VN"/></a:p></c:txPr>'
