"""Word documents in the form of Vietnamese state documents: A4, Times New Roman, real styles, contents, captions."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from workbench.export import content as c
from workbench.export.picture import Picture
from workbench.export.png import png
from workbench.export.word_chart import chart_height, chart_inline, chart_part
from workbench.i18n import t

_TOP, _BOTTOM, _LEFT, _RIGHT = 20, 20, 30, 15
"""Margins of a state document in mm: within 20-25, 20-25, 30-35 and 15-20."""
_SIZE, _SMALL = 13, 12
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "centre": WD_ALIGN_PARAGRAPH.CENTER,
}
_BEST_SCALE = 0.264
"""mm for a pixel of a picture: its 12-pixel texts come out at 9 points."""
_LEAST_SCALE = 0.19
"""A picture that would come out smaller than this (6.5 points) is cut into parts."""
_CUT_SCALE = 0.205
_SHORT_TABLE = 8
"""Rows of a table that is not cut by the end of a page."""
_UPRIGHT, _TURNED = (165.0, 222.0), (257.0, 140.0)
"""Room for a picture in mm on a page of either orientation, its caption left out."""


def write_docx(content: c.Content, path: Path | str) -> Path:
    """Write a document as .docx; the path written."""
    target = Path(path)
    target.write_bytes(docx_bytes(content))
    return target


def docx_bytes(content: c.Content, *, pages: Sequence[int] | None = None) -> bytes:
    """A document as the bytes of a .docx file; the same content gives the same bytes.

    `pages` are the page numbers of its contents, entry for entry; without them Word fills them in when it opens the file.
    """
    book = _Book(content, pages)
    book.build()
    out = io.BytesIO()
    book.doc.save(out)
    return _without_clock(out.getvalue())


def _without_clock(data: bytes) -> bytes:
    """The same archive with fixed times inside, so that it can be compared with a later one."""
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def listed_headings(content: c.Content) -> list[c.Heading]:
    """The headings the table of contents lists."""
    return [b for b in content.blocks if isinstance(b, c.Heading) and b.level <= 2]


class _Book:
    def __init__(self, content: c.Content, pages: Sequence[int] | None) -> None:
        self.content = content
        self.pages = pages
        self.doc: Any = Document()
        self.numbers = {"table": 0, "figure": 0}
        self.bookmarks = 0
        self.headings = listed_headings(content)
        self.turned = False
        self.drawings = 0
        self.charts = 0

    def build(self) -> None:
        """Styles first, then every block."""
        self._page(self.doc.sections[0], turned=False)
        self._styles()
        self._properties()
        self._page_numbers(self.doc.sections[0])
        titled = not any(isinstance(b, c.StateHead) for b in self.content.blocks)
        if titled:
            self._title()
        blocks = self.content.blocks
        for block, after in zip(blocks, [*blocks[1:], None], strict=True):
            if isinstance(block, c.Heading) and isinstance(after, c.Figure):
                self._turn(_on_side(after))  # a heading stands on the page of its picture
            elif self.turned and not isinstance(block, c.Figure):
                self._turn(False)
            self._block(block)
        self._provenance()

    def _block(self, block: c.Block) -> None:
        if isinstance(block, c.Heading):
            self._heading(block)
        elif isinstance(block, c.Paragraph):
            self._paragraph(block)
        elif isinstance(block, c.Bullets):
            for text, unverified in block.items:
                self._marked(self.doc.add_paragraph(text, "List Bullet"), unverified)
        elif isinstance(block, c.Table):
            self._table(block)
        elif isinstance(block, c.Figure):
            self._figure(block)
        elif isinstance(block, c.StateHead):
            self._state_head(block)
            self._title()
        elif isinstance(block, c.Signature):
            self._signature(block)
        elif isinstance(block, c.Contents):
            self._contents()
        else:
            self.doc.add_page_break()

    # page and styles ------------------------------------------------------------------------------------
    def _page(self, section: Any, *, turned: bool) -> None:
        section.page_width, section.page_height = (Mm(297), Mm(210)) if turned else (Mm(210), Mm(297))
        section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
        section.top_margin, section.bottom_margin = Mm(_LEFT if turned else _TOP), Mm(_RIGHT if turned else _BOTTOM)
        section.left_margin, section.right_margin = Mm(_TOP if turned else _LEFT), Mm(_BOTTOM if turned else _RIGHT)
        section.header_distance = section.footer_distance = Mm(10)

    def _styles(self) -> None:
        normal = self.doc.styles["Normal"]
        self._font(normal, _SIZE)
        normal.paragraph_format.space_after = Pt(6)
        normal.paragraph_format.line_spacing = 1.15
        normal.element.get_or_add_rPr().append(_element("w:lang", {"w:val": {"vi": "vi-VN", "en": "en-GB"}[
            self.content.language]}))  # fmt: skip
        body = self._style("State Body")
        body.paragraph_format.first_line_indent = Mm(10)
        body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        self._heading_styles()
        self._font(self.doc.styles["List Bullet"], _SIZE)
        self._table_styles()
        self._font(self._style("Note"), 11, italic=True)
        self._contents_styles()

    def _style(self, name: str) -> Any:
        """A new style of paragraphs, as the usual one but for what is set."""
        style = self.doc.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = self.doc.styles["Normal"]
        return style

    def _heading_styles(self) -> None:
        styles = self.doc.styles
        for name, size, italic in (("Heading 1", 14, False), ("Heading 2", 13, False), ("Heading 3", 13, True)):
            self._font(styles[name], size, bold=True, italic=italic)
            styles[name].paragraph_format.space_before = Pt(12)
            styles[name].paragraph_format.space_after = Pt(6)
            styles[name].paragraph_format.keep_with_next = True
        self._font(styles["Title"], 14, bold=True)
        styles["Title"].paragraph_format.space_before = Pt(12)
        _drop(styles["Title"].element, "w:pBdr")
        self._font(styles["Subtitle"], 13, italic=True)
        _drop(styles["Subtitle"].element, "w:spacing")
        self._font(styles["Caption"], _SMALL, italic=True)
        for name in ("Title", "Subtitle", "Caption"):
            styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _table_styles(self) -> None:
        for name, bold, align in (
            ("Table Text", False, WD_ALIGN_PARAGRAPH.LEFT),
            ("Table Head", True, WD_ALIGN_PARAGRAPH.CENTER),
        ):
            style = self._style(name)
            self._font(style, _SMALL, bold=bold)
            style.paragraph_format.alignment = align
            style.paragraph_format.space_after = Pt(2)
            style.paragraph_format.space_before = Pt(2)
            style.paragraph_format.line_spacing = 1.0

    def _contents_styles(self) -> None:
        for level in (1, 2):
            entry = self._style(f"TOC {level}")
            entry.paragraph_format.left_indent = Mm(6 * (level - 1))
            entry.paragraph_format.space_after = Pt(3)
            entry.paragraph_format.tab_stops.add_tab_stop(Mm(165), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)

    def _font(self, style: Any, size: float, *, bold: bool = False, italic: bool = False) -> None:
        style.font.name, style.font.size = "Times New Roman", Pt(size)
        style.font.bold, style.font.italic = bold, italic
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
            fonts.set(qn(kind), "Times New Roman")
        for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(kind), None)

    def _properties(self) -> None:
        facts = self.doc.core_properties
        facts.title, facts.author, facts.comments = self.content.title, "workbench", ""
        facts.created = facts.modified = datetime(2000, 1, 1)
        facts.language = {"vi": "vi-VN", "en": "en-GB"}[self.content.language]

    def _page_numbers(self, section: Any) -> None:
        """Centred at the top, none on the first page."""
        section.different_first_page_header_footer = True
        place = section.header.paragraphs[0]
        place.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _field(place, "PAGE", "2")

    # blocks ---------------------------------------------------------------------------------------------
    def _title(self) -> None:
        self.doc.add_paragraph(self.content.title, "Title")
        if self.content.subtitle:
            self.doc.add_paragraph(self.content.subtitle, "Subtitle")

    def _heading(self, block: c.Heading) -> None:
        paragraph = self.doc.add_heading(block.text, block.level)
        if block.level <= 2:
            self.bookmarks += 1
            mark = {"w:id": str(self.bookmarks)}
            start = _element("w:bookmarkStart", {**mark, "w:name": f"_Toc{self.bookmarks:08d}"})
            paragraph._p.insert(1, start)
            paragraph._p.append(_element("w:bookmarkEnd", mark))

    def _paragraph(self, block: c.Paragraph) -> None:
        style = {"body": "State Body", "note": "Note", "centre": "Normal", "finding": "State Body"}[block.style]
        paragraph = self.doc.add_paragraph("", style)
        run = paragraph.add_run(block.text)
        run.bold = True if block.style == "finding" else None
        if block.style == "centre":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._marked(paragraph, block.unverified)

    def _marked(self, paragraph: Any, unverified: bool) -> None:
        if unverified:
            run = paragraph.add_run(f" ({t(self.content.language, 'export.bpmn.unverified')})")
            run.italic = True
            run.font.color.rgb = RGBColor(0xB3, 0x26, 0x1E)

    def _caption(self, kind: str, text: str, *, keep: bool) -> None:
        paragraph = self.doc.add_paragraph("", "Caption")
        word = t(self.content.language, f"export.word.{kind}")
        self.numbers[kind] += 1
        paragraph.add_run(f"{word} ")
        _field(paragraph, f"SEQ {word} \\* ARABIC", str(self.numbers[kind]))
        paragraph.add_run(f". {text}")
        paragraph.paragraph_format.keep_with_next = keep

    def _table(self, block: c.Table) -> None:
        if block.caption:
            self._caption("table", block.caption, keep=True)
        table = self.doc.add_table(1, len(block.columns))
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        room = 257 if self.turned else 165
        whole = sum(column.width for column in block.columns)
        widths = [Mm(room * column.width / whole) for column in block.columns]
        for cell, column in zip(table.rows[0].cells, block.columns, strict=True):
            _write(cell, column.heading, "Table Head", None)
            cell._tc.get_or_add_tcPr().append(_element("w:shd", {"w:val": "clear", "w:fill": "EEF4FA"}))
        table.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader", {"w:val": "true"}))
        for number, row in enumerate(block.rows):
            last = block.total and number == len(block.rows) - 1
            cells = table.add_row().cells
            for cell, text, column in zip(cells, row, block.columns, strict=True):
                _write(cell, text, "Table Text", _ALIGN[column.align], bold=last)
        self._keep_whole(table, block)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for line in table.rows:
            line._tr.get_or_add_trPr().append(_element("w:cantSplit", {"w:val": "true"}))
            for cell, width in zip(line.cells, widths, strict=True):
                cell.width = width
        after = self.doc.add_paragraph(block.note, "Note")
        after.paragraph_format.space_after = Pt(6)

    def _keep_whole(self, table: Any, block: c.Table) -> None:
        """A short table stays on one page; of a long one the head and two rows stay together."""
        rows = table.rows
        short = len(block.rows) <= _SHORT_TABLE
        for row in rows[: len(rows) - 1] if short else rows[:2]:
            for cell in row.cells:
                for paragraph in cell.paragraphs:
                    paragraph.paragraph_format.keep_with_next = True

    def _figure(self, block: c.Figure) -> None:
        if block.bars is not None:
            self._chart(block, block.bars)
        else:
            self._picture(block)

    def _chart(self, block: c.Figure, bars: c.Bars) -> None:
        """A chart people can edit, upright."""
        self._turn(False)
        self.charts += 1
        relation = chart_part(self.doc, bars, self.charts, name=block.caption)
        paragraph = self.doc.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        drawing = OxmlElement("w:drawing")
        drawing.append(
            chart_inline(relation, 2000 + self.charts, width=160.0, height=chart_height(bars), words=block.caption)
        )
        paragraph.add_run()._r.append(drawing)
        self._caption("figure", block.caption, keep=False)

    def _picture(self, block: c.Figure) -> None:
        on_side = _on_side(block)
        parts, scale = _fit(block, _TURNED if on_side else _UPRIGHT)
        self._turn(on_side)
        for number, part in enumerate(parts, 1):
            paragraph = self.doc.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.keep_with_next = True
            shape = paragraph.add_run().add_picture(io.BytesIO(png(part)), width=Mm(part.width * scale))
            self.drawings += 1
            shape._inline.docPr.set("descr", block.caption)
            shape._inline.docPr.set("id", str(1000 + self.drawings))
            more = f" ({number}/{len(parts)})" if len(parts) > 1 else ""
            self._caption("figure", block.caption + more, keep=False)

    def _turn(self, turned: bool) -> None:
        """Go on on a page of the other orientation, if need be."""
        if turned != self.turned:
            section = self.doc.add_section(WD_SECTION.NEW_PAGE)
            section.different_first_page_header_footer = False
            self._page(section, turned=turned)
            self.turned = turned

    def _state_head(self, block: c.StateHead) -> None:
        table = self.doc.add_table(1, 2)
        table.autofit = False
        left, right = table.rows[0].cells
        table.columns[0].width, table.columns[1].width = left.width, right.width = Mm(65), Mm(100)
        dots = "…………………"
        lines = [(block.parent, False), (block.agency or f"[{t(self.content.language, 'export.word.agency')}]", True)]
        _stack(
            left,
            [(text, bold) for text, bold in lines if text]
            + [("———————", False), (f"{t(self.content.language, 'export.word.number')} {block.number or dots}", False)],
        )
        motto = [
            ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", True),
            ("Độc lập - Tự do - Hạnh phúc", True),
            ("———————————————", False),
        ]
        where = t(
            self.content.language,
            "export.word.day",
            place=block.place or "………",
            day=block.day or t(self.content.language, "export.word.no_day"),
        )
        _stack(right, [*motto, (where, None)])

    def _signature(self, block: c.Signature) -> None:
        table = self.doc.add_table(1, 2)
        table.autofit = False
        left, right = table.rows[0].cells
        table.columns[0].width, table.columns[1].width = left.width, right.width = Mm(75), Mm(90)
        _write(left, t(self.content.language, "export.word.recipients"), "Table Text", None, bold=True)
        for name in block.recipients:
            left.add_paragraph(f"- {name};", "Table Text")
        _stack(right, [(block.title, True), ("", False), ("", False), ("", False), (block.name or "………………………", True)])

    def _contents(self) -> None:
        """The field Word fills with page numbers; its entries are already there for programs that do not."""
        head = self.doc.add_paragraph(t(self.content.language, "export.word.contents"), "Table Head")
        head.paragraph_format.keep_with_next = True
        for number, heading in enumerate(self.headings, 1):
            paragraph = self.doc.add_paragraph("", f"TOC {heading.level}")
            if number == 1:
                _begin(paragraph, ' TOC \\o "1-2" \\h \\z \\u ', dirty=self.pages is None)
            name = f"_Toc{number:08d}"
            link = _element("w:hyperlink", {"w:anchor": name, "w:history": "1"})
            paragraph._p.append(link)
            _run(link, heading.text)
            if self.pages is not None:
                tab = OxmlElement("w:r")
                tab.append(OxmlElement("w:tab"))
                link.append(tab)
                _field_in(link, f" PAGEREF {name} \\h ", str(self.pages[number - 1]))
            if number == len(self.headings):
                _end(paragraph)

    def _provenance(self) -> None:
        if not self.content.provenance:
            return
        if self.turned:
            self._turn(False)
        self.doc.add_heading(t(self.content.language, "export.word.provenance"), 3)
        for name, value in self.content.provenance.items():
            self.doc.add_paragraph(f"{name}: {value}", "Note").paragraph_format.space_after = Pt(0)


def _fit(figure: c.Figure, room: tuple[float, float]) -> tuple[list[Picture], float]:
    """The parts of a picture on pages with that room (mm), and mm for a pixel."""
    width, height = room
    parts = figure.cut(width / _CUT_SCALE) if figure.picture.width * _LEAST_SCALE > width else [figure.picture]
    return parts, min(_BEST_SCALE, *(min(width / part.width, height / part.height) for part in parts))


def _on_side(figure: c.Figure) -> bool:
    """Whether a picture is read better on a page turned on its side; charts stay upright."""
    return figure.bars is None and _worth(_fit(figure, _TURNED)) > 1.25 * _worth(_fit(figure, _UPRIGHT))


def _worth(fit: tuple[list[Picture], float]) -> float:
    """Larger text is better, more parts are worse."""
    parts, scale = fit
    return scale / len(parts) ** 0.5


def _write(cell: Any, text: str, style: str, align: Any, *, bold: bool = False) -> None:
    lines = text.split("\n")
    paragraph = cell.paragraphs[0]
    for number, line in enumerate(lines):
        if number:
            paragraph = cell.add_paragraph()
        paragraph.style = style
        run = paragraph.add_run(line)
        run.bold = True if bold else None
        if align is not None:
            paragraph.alignment = align


def _stack(cell: Any, lines: Sequence[tuple[str, bool | None]]) -> None:
    """Centred lines; bold, plain, or italic for None."""
    for number, (text, bold) in enumerate(lines):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        paragraph.style = "Table Text"
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(text)
        run.bold, run.italic = bool(bold), bold is None


def _element(tag: str, attributes: dict[str, str]) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(name), value)
    return element


def _drop(element: Any, tag: str) -> None:
    for found in list(element.iter(qn(tag))):
        found.getparent().remove(found)


def _field(paragraph: Any, code: str, shown: str) -> None:
    _field_in(paragraph._p, f" {code} ", shown)


def _field_in(parent: Any, code: str, shown: str) -> None:
    for kind, text in (("begin", ""), ("code", code), ("separate", ""), ("text", shown), ("end", "")):
        run = OxmlElement("w:r")
        if kind == "code":
            inner = OxmlElement("w:instrText")
            inner.set(qn("xml:space"), "preserve")
            inner.text = text
        elif kind == "text":
            inner = OxmlElement("w:t")
            inner.text = text
        else:
            inner = _element("w:fldChar", {"w:fldCharType": kind})
        run.append(inner)
        parent.append(run)


def _begin(paragraph: Any, code: str, *, dirty: bool) -> None:
    run = OxmlElement("w:r")
    run.append(_element("w:fldChar", {"w:fldCharType": "begin", **({"w:dirty": "true"} if dirty else {})}))
    paragraph._p.append(run)
    run = OxmlElement("w:r")
    inner = OxmlElement("w:instrText")
    inner.set(qn("xml:space"), "preserve")
    inner.text = code
    run.append(inner)
    paragraph._p.append(run)
    run = OxmlElement("w:r")
    run.append(_element("w:fldChar", {"w:fldCharType": "separate"}))
    paragraph._p.append(run)


def _end(paragraph: Any) -> None:
    run = OxmlElement("w:r")
    run.append(_element("w:fldChar", {"w:fldCharType": "end"}))
    paragraph._p.append(run)


def _run(parent: Any, text: str) -> None:
    run = OxmlElement("w:r")
    inner = OxmlElement("w:t")
    inner.text = text
    inner.set(qn("xml:space"), "preserve")
    run.append(inner)
    parent.append(run)
