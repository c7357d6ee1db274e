"""Pictures painted as PNG, sharp enough for print."""

from __future__ import annotations

import io
import itertools
from functools import cache
from pathlib import Path as File
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from workbench.export.picture import Circle, Mark, Path, Picture, Rect, Words, arrow_head, rounded

_FINE = 2
"""Painted this much larger and scaled down, for smooth edges."""
_MOST_PIXELS = 120_000_000
_FONTS = (
    "/usr/share/fonts/truetype/liberation2/LiberationSans-{}.ttf",
    "LiberationSans-{}.ttf",
    "Arial{}.ttf",
    "arial{}.ttf",
)


def png(picture: Picture, *, scale: float = 2.0) -> bytes:
    """The picture as PNG; `scale` 2 gives 192 dots an inch. Very large pictures are painted coarser."""
    while picture.width * picture.height * (scale * _FINE) ** 2 > _MOST_PIXELS and scale > 0.25:
        scale /= 1.25
    factor = scale * _FINE
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    image = Image.new("RGB", size, "white")
    painter = _Painter(image, factor)
    for mark in picture.marks:
        painter.paint(mark)
    small = image.reduce(_FINE)
    out = io.BytesIO()
    small.save(out, "PNG", dpi=(96 * scale, 96 * scale))
    return out.getvalue()


@cache
def _font(size: int, bold: bool) -> Any:
    """A font with Vietnamese letters and Arial's widths, else the one matplotlib ships, drawn smaller."""
    words = ("Bold", "bd") if bold else ("Regular", "")
    for name in _FONTS:
        for word in words:
            try:
                font = ImageFont.truetype(name.format(word), size)
            except OSError:
                continue
            if bytes(font.getmask("ồ")) != bytes(font.getmask("\uffff")):  # old releases lack these letters
                return font
    import matplotlib

    shipped = File(matplotlib.get_data_path()) / "fonts" / "ttf" / f"DejaVuSans{'-Bold' if bold else ''}.ttf"
    return ImageFont.truetype(str(shipped), round(size * 0.86))


class _Painter:
    def __init__(self, image: Any, factor: float) -> None:
        self.image = image
        self.draw = ImageDraw.Draw(image)
        self.f = factor

    def paint(self, mark: Mark) -> None:
        if isinstance(mark, Words):
            self._words(mark)
        elif isinstance(mark, Rect):
            box = (mark.x * self.f, mark.y * self.f, (mark.x + mark.width) * self.f, (mark.y + mark.height) * self.f)
            self.draw.rounded_rectangle(
                box, mark.radius * self.f, fill=mark.fill or None, outline=mark.stroke or None, width=self._w(mark.line)
            )
        elif isinstance(mark, Circle):
            x, y, r = mark.x * self.f, mark.y * self.f, mark.r * self.f
            self.draw.ellipse(
                (x - r, y - r, x + r, y + r),
                fill=mark.fill or None,
                outline=mark.stroke or None,
                width=self._w(mark.line),
            )
        else:
            self._path(mark)

    def _w(self, width: float) -> int:
        return max(1, round(width * self.f))

    def _path(self, path: Path) -> None:
        points = [(x * self.f, y * self.f) for x, y in rounded(path)]
        if path.fill:
            self.draw.polygon(points, fill=path.fill)
        if path.stroke:
            way = [*points, points[0]] if path.closed else points
            for one in self._dashes(way) if path.dash else [way]:
                self.draw.line(one, fill=path.stroke, width=self._w(path.width), joint="curve")
        if path.arrow:
            self.draw.polygon([(x * self.f, y * self.f) for x, y in arrow_head(path)], fill=path.stroke)

    def _dashes(self, way: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
        out = []
        on, off = 5 * self.f, 4 * self.f
        for (x1, y1), (x2, y2) in itertools.pairwise(way):
            length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
            at = 0.0
            while at < length:
                a, b = at / length, min(at + on, length) / length
                out.append([(x1 + (x2 - x1) * a, y1 + (y2 - y1) * a), (x1 + (x2 - x1) * b, y1 + (y2 - y1) * b)])
                at += on + off
        return out

    def _words(self, words: Words) -> None:
        font = _font(round(words.size * self.f), words.bold)
        anchor = {"start": "ls", "middle": "ms", "end": "rs"}[words.anchor]
        x, y = words.x * self.f, words.y * self.f
        if not words.turned:
            self.draw.text((x, y), words.text, fill=words.colour, font=font, anchor=anchor)
            return
        left, top, right, bottom = font.getbbox(words.text, anchor="ls")
        pad = 4
        patch = Image.new("L", (round(right - left) + 2 * pad, round(bottom - top) + 2 * pad), 0)
        ImageDraw.Draw(patch).text((pad - left, pad - top), words.text, fill=255, font=font, anchor="ls")
        turned = patch.rotate(90, expand=True)
        shift = {"start": turned.height - pad, "middle": turned.height / 2, "end": pad}[words.anchor]
        at = (round(x + top - pad), round(y - shift))
        self.image.paste(Image.new("RGB", turned.size, words.colour), at, turned)
