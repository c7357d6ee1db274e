"""How wide a text is and where its lines break, without a font file.

Advance widths are those of Liberation Sans, which share Arial's metrics: what bpmn-js and browsers draw.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

LINE = 1.2
"""Height of a line as a multiple of the font size."""

_GROUPS = {
    191: "'", 222: "ijl", 260: "|", 278: " !,./:;I[\\]ft", 333: "()-`r“”", 334: "{}", 350: "•", 355: '"',
    389: "*", 469: "^", 500: "Jcksvxyz", 556: "#$0123456789?L_abdeghnopquđ–", 584: "+<=>~", 611: "FTZ",
    667: "&ABEKPSVXY", 722: "CDHNRUwĐ", 778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1000: "…", 1015: "@",
}  # fmt: skip
_WIDTH = {char: width for width, chars in _GROUPS.items() for char in chars}
_HORN = "\u031b"


def text_width(text: str, size: float = 12.0, *, bold: bool = False) -> float:
    """Width of one line in pixels at `size` pixels; bold text is taken as 7 % wider."""
    total = 0
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.combining(char):
            total += 110 if char == _HORN else 0
        else:
            total += _WIDTH.get(char, 1000 if unicodedata.east_asian_width(char) in "WF" else 600)
    return total * size / 1000 * (1.07 if bold else 1.0)


def wrap(text: str, width: float, size: float = 12.0, *, max_lines: int | None = None) -> tuple[str, ...]:
    """`text` in lines no wider than `width` pixels, broken at spaces, inside a word only when it must be.

    With `max_lines` the rest is cut and the last line ends in an ellipsis.
    """
    lines: list[str] = []
    line = ""
    for word in _pieces(text, width, size):
        trial = f"{line} {word}" if line else word
        if text_width(trial, size) <= width:
            line = trial
        else:
            lines.append(line)
            line = word
    if line:
        lines.append(line)
    if max_lines is not None and len(lines) > max_lines:
        lines = [*lines[: max_lines - 1], _cut(lines[max_lines - 1], width, size)]
    return tuple(lines)


def _pieces(text: str, width: float, size: float) -> Iterator[str]:
    """Words, those wider than a line broken after a mark, else between characters."""
    for given in text.split():
        word = given
        while text_width(word, size) > width and len(word) > 1:
            fits = 1
            while fits < len(word) - 1 and text_width(word[: fits + 1], size) <= width:
                fits += 1
            mark = max((word.rfind(m, 0, fits) for m in "/-_.,;:"), default=-1)
            cut = mark + 1 if mark > 0 else fits
            yield word[:cut]
            word = word[cut:]
        yield word


def _cut(line: str, width: float, size: float) -> str:
    while line and text_width(line + "…", size) > width:
        line = line[:-1]
    return line.rstrip() + "…"
