"""Documents as one self-contained HTML file: style and pictures inside, no script, nothing fetched."""

from __future__ import annotations

from html import escape
from pathlib import Path

from workbench.export import content as c
from workbench.export.picture import svg
from workbench.i18n import t

_STYLE = """
:root{--ink:#1b2733;--soft:#5b6b79;--line:#d8e0e7;--accent:#1f5f99;--alert:#b3261e}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:var(--ink);font:16px/1.6 "Be Vietnam Pro","Liberation Sans",Arial,sans-serif}
main{max-width:960px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:28px;line-height:1.3;margin:0 0 4px}
h2{font-size:20px;margin:40px 0 8px;padding-top:16px;border-top:1px solid var(--line)}
h3{font-size:16px;margin:24px 0 8px}
h4{font-size:16px;font-style:italic;margin:16px 0 8px}
.sub{color:var(--soft);margin:0 0 24px}
.note{color:var(--soft);font-size:14px}
.finding{border-left:3px solid var(--accent);padding-left:12px;font-weight:600}
.centre{text-align:center}
.mark{color:var(--alert);font-style:italic}
nav{background:#f7f9fb;border-radius:8px;padding:16px 24px;margin:24px 0}
nav a{color:var(--accent);text-decoration:none}
nav ol{margin:0;padding-left:20px}
table{border-collapse:collapse;width:100%;margin:8px 0 4px;font-size:14px;font-variant-numeric:tabular-nums}
caption,figcaption{color:var(--soft);font-size:14px;text-align:left;margin:0 0 4px;caption-side:top}
th{background:#eef4fa;text-align:left;font-weight:600}
th,td{border-bottom:1px solid var(--line);padding:6px 8px;vertical-align:top}
.right{text-align:right}.mid{text-align:center}
tr.total td{font-weight:600;border-top:2px solid var(--ink)}
.scroll{overflow-x:auto}
figure{margin:16px 0}
figure svg{max-width:none;height:auto}
.head{display:grid;grid-template-columns:2fr 3fr;text-align:center;gap:16px;margin-bottom:24px}
.sign{display:grid;grid-template-columns:1fr 1fr;margin-top:40px}
footer{margin-top:48px;padding-top:16px;border-top:1px solid var(--line);color:var(--soft);font-size:13px;overflow-wrap:anywhere}
@media print{main{padding:0;max-width:none}h2,figure,tr{break-inside:avoid}figure svg{max-width:100%}}
"""
_CLASS = {"left": "", "right": ' class="right"', "centre": ' class="mid"'}


def write_html(content: c.Content, path: Path | str) -> Path:
    """Write a document as HTML; the path written."""
    target = Path(path)
    target.write_bytes(html_bytes(content))
    return target


def html_bytes(content: c.Content) -> bytes:
    """A document as the bytes of an HTML file; the same content gives the same bytes."""
    return _Page(content).text().encode()


class _Page:
    def __init__(self, content: c.Content) -> None:
        self.content = content
        self.numbers = {"table": 0, "figure": 0}
        self.heading = 0

    def text(self) -> str:
        """The whole page."""
        title = " – ".join(self.content.title.split("\n"))
        parts = [
            f'<!doctype html>\n<html lang="{self.content.language}">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
        ]
        headed = [b for b in self.content.blocks if isinstance(b, c.StateHead)]
        parts += [self._block(b) for b in headed]
        parts.append(f"<h1>{_lines(self.content.title)}</h1>")
        if self.content.subtitle:
            parts.append(f'<p class="sub">{_lines(self.content.subtitle)}</p>')
        parts += [self._block(b) for b in self.content.blocks if not isinstance(b, c.StateHead)]
        parts.append(self._footer())
        return "\n".join([part for part in parts if part]) + "\n</main>\n</body>\n</html>\n"

    def _block(self, block: c.Block) -> str:
        makers = {
            c.Heading: self._heading,
            c.Paragraph: self._paragraph,
            c.Bullets: self._bullets,
            c.Table: self._table,
            c.Figure: self._figure,
            c.StateHead: self._head,
            c.Signature: self._signature,
            c.Contents: self._contents,
        }
        maker = makers.get(type(block))
        return maker(block) if maker else ""  # type: ignore[operator]

    def _heading(self, block: c.Heading) -> str:
        self.heading += 1
        level = min(block.level + 1, 4)
        return f'<h{level} id="h{self.heading}">{escape(block.text)}</h{level}>'

    def _paragraph(self, block: c.Paragraph) -> str:
        kind = "" if block.style == "body" else f' class="{block.style}"'
        return f"<p{kind}>{_lines(block.text)}{self._mark(block.unverified)}</p>"

    def _bullets(self, block: c.Bullets) -> str:
        items = "".join(f"<li>{_lines(text)}{self._mark(unverified)}</li>" for text, unverified in block.items)
        return f"<ul>{items}</ul>"

    def _mark(self, unverified: bool) -> str:
        if not unverified:
            return ""
        return f' <span class="mark">({t(self.content.language, "export.bpmn.unverified")})</span>'

    def _number(self, kind: str, text: str) -> str:
        self.numbers[kind] += 1
        return f"{t(self.content.language, f'export.word.{kind}')} {self.numbers[kind]}. {escape(text)}"

    def _table(self, block: c.Table) -> str:
        out = ['<div class="scroll"><table>']
        if block.caption:
            out.append(f"<caption>{self._number('table', block.caption)}</caption>")
        heads = "".join(f"<th{_CLASS[col.align]}>{escape(col.heading)}</th>" for col in block.columns)
        out.append(f"<thead><tr>{heads}</tr></thead><tbody>")
        for number, row in enumerate(block.rows):
            last = ' class="total"' if block.total and number == len(block.rows) - 1 else ""
            pairs = zip(row, block.columns, strict=True)
            cells = "".join(f"<td{_CLASS[col.align]}>{_lines(text)}</td>" for text, col in pairs)
            out.append(f"<tr{last}>{cells}</tr>")
        out.append("</tbody></table></div>")
        if block.note:
            out.append(f'<p class="note">{escape(block.note)}</p>')
        return "".join(out)

    def _figure(self, block: c.Figure) -> str:
        picture = svg(block.picture).decode()
        return f'<figure><div class="scroll">{picture}</div><figcaption>{self._number("figure", block.caption)}</figcaption></figure>'

    def _head(self, block: c.StateHead) -> str:
        agency = escape(block.agency or f"[{t(self.content.language, 'export.word.agency')}]")
        return (
            f'<div class="head"><div>{escape(block.parent)}<br><b>{agency}</b></div>'
            "<div><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM<br>Độc lập - Tự do - Hạnh phúc</b></div></div>"
        )

    def _signature(self, block: c.Signature) -> str:
        names = "".join(f"<br>- {escape(name)};" for name in block.recipients)
        left = f"<b>{t(self.content.language, 'export.word.recipients')}</b>{names}"
        return f'<div class="sign"><div>{left}</div><div class="mid"><b>{escape(block.title)}</b><br><br><br>{escape(block.name)}</div></div>'

    def _contents(self, _: c.Contents) -> str:
        headings = [b for b in self.content.blocks if isinstance(b, c.Heading)]
        items = [
            f'<li><a href="#h{number}">{escape(b.text)}</a></li>'
            for number, b in enumerate(headings, 1)
            if b.level == 1
        ]
        return f"<nav><b>{t(self.content.language, 'export.word.contents')}</b><ol>{''.join(items)}</ol></nav>"

    def _footer(self) -> str:
        if not self.content.provenance:
            return ""
        rows = "<br>".join(f"{escape(name)}: {escape(value)}" for name, value in self.content.provenance.items())
        return f"<footer><b>{t(self.content.language, 'export.word.provenance')}</b><br>{rows}</footer>"


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))
