"""The process map of a directly-follows graph as a picture for documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from workbench.charts.process_map import END, START, movements
from workbench.export import picture as p
from workbench.export.layout import Arc, Item, Layout, lay_out, text_width, wrap
from workbench.i18n import Language, format_number, t
from workbench.mining.dfg import Dfg

_WIDTH, _INSET, _EDGE = 168.0, 8.0, 14.0


def map_picture(graph: Dfg, *, paths: float = 0.9, most_steps: int = 40, language: Language = "vi") -> p.Picture:
    """The `most_steps` commonest steps with the number of their events, and the paths that carry `paths` of all
    movements between them.

    Every step keeps its most used way in and out, so none stands alone. Thicker and darker is more; what is
    left out is said under the picture.
    """
    whole = movements(graph)
    known = set(graph.activities["activity"].head(most_steps)) | {START, END}
    moves = whole[whole["source"].isin(known) & whole["target"].isin(known)].reset_index(drop=True)
    kept = moves[_kept(moves, paths)].reset_index(drop=True)
    events = dict(zip(graph.activities["activity"], graph.activities["count"], strict=True))
    lines = {step: wrap(step, _WIDTH - 2 * _INSET, 12, max_lines=5) for step in events}
    drawn = set(kept["source"]) | set(kept["target"])
    items = [_item(step, lines) for step in [START, *events, END] if step in drawn]
    layout = lay_out(items, _arcs(kept, language))
    marks: list[p.Mark] = list(_paths(layout, kept))
    for item in items:
        marks += _step(item, layout.centres[item.id], lines, events, language)
    marks += _counts(layout, kept, language)
    note = _note(graph, whole, kept, most_steps, language)
    height = layout.height + 2 * _EDGE + 26
    shown = [*(_shift(mark) for mark in marks), p.Words(_EDGE, height - 12, note, 11, p.LINE, anchor="start")]
    cuts = tuple(x + _EDGE for x in layout.cuts)
    width = max(layout.width + 2 * _EDGE, text_width(note, 11) + 2 * _EDGE)
    return p.Picture(width, height, tuple(shown), t(language, "export.map.title"), cuts)


def _arcs(kept: pd.DataFrame, language: Language) -> list[Arc]:
    """The paths, heavier for more movements, with room for their number."""
    most = max(kept["count"], default=1)
    arcs = []
    for source, target, count in zip(kept["source"], kept["target"], kept["count"], strict=True):
        size = (text_width(format_number(int(count), language), 11) + 4, 14.0)
        arcs.append(Arc(source, target, float(count) / most, size))
    return arcs


def _paths(layout: Layout, kept: pd.DataFrame) -> Iterator[p.Path]:
    most = max(kept["count"], default=1)
    for route, count in zip(layout.routes, kept["count"], strict=True):
        share = (count / most) ** 0.5
        yield p.Path(route.points, _grey(share), 0.9 + 3.6 * share, arrow=True, radius=8.0)


def _counts(layout: Layout, kept: pd.DataFrame, language: Language) -> Iterator[p.Words]:
    for route, count in zip(layout.routes, kept["count"], strict=True):
        if route.label:
            box = route.label
            text = format_number(int(count), language)
            yield from p.words_in([text], (box.x, box.y, box.width, box.height), 11, colour=p.LINE)


def _note(graph: Dfg, whole: pd.DataFrame, kept: pd.DataFrame, most_steps: int, language: Language) -> str:
    """How much of all movements and steps is drawn."""
    return t(
        language,
        "export.map.note",
        shown=format_number(len(kept), language),
        paths=format_number(len(whole), language),
        share=format_number(100 * kept["count"].sum() / max(whole["count"].sum(), 1), language, 0),
        steps=format_number(min(most_steps, len(graph.activities)), language),
        all=format_number(len(graph.activities), language),
    )


def _kept(moves: pd.DataFrame, share: float) -> pd.Series:
    before = moves["count"].cumsum() - moves["count"]
    heavy = before < share * moves["count"].sum()
    apart = moves["source"] != moves["target"]
    strongest_out = apart & ~moves[apart].duplicated("source").reindex(moves.index, fill_value=True)
    strongest_in = apart & ~moves[apart].duplicated("target").reindex(moves.index, fill_value=True)
    return heavy | strongest_out | strongest_in


def _item(step: str, lines: dict[str, tuple[str, ...]]) -> Item:
    if step in (START, END):
        return Item(step, 30, 15, 15, 15)
    half = max(52.0, 15.0 * len(lines[step]) + 32) / 2
    return Item(step, _WIDTH, half, half, _WIDTH / 2)


def _step(
    item: Item,
    centre: tuple[float, float],
    lines: dict[str, tuple[str, ...]],
    events: dict[str, int],
    language: Language,
) -> list[p.Mark]:
    x, y = centre
    if item.id in (START, END):
        return [p.Circle(x, y, 13, p.ACCENT, 1.8 if item.id == START else 3.6, p.PAPER)]
    share = (events[item.id] / max(events.values())) ** 0.5
    box = (x - item.width / 2, y - item.above, item.width, 2 * item.above)
    out: list[p.Mark] = [p.Rect(*box, stroke=p.ACCENT, fill=_blue(share), radius=8)]
    out += p.words_in(lines[item.id], (box[0], box[1] + 2, box[2], box[3] - 18), 12)
    count = format_number(int(events[item.id]), language)
    out.append(p.Words(x, box[1] + box[3] - 8, count, 11, p.LINE, bold=True))
    return out


def _shift(mark: p.Mark) -> p.Mark:
    if isinstance(mark, p.Path):
        return replace(mark, points=tuple((round(x + _EDGE, 2), round(y + _EDGE, 2)) for x, y in mark.points))
    return replace(mark, x=round(mark.x + _EDGE, 2), y=round(mark.y + _EDGE, 2))


def _mix(low: tuple[int, int, int], high: tuple[int, int, int], share: float) -> str:
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(low, high, strict=True))


def _grey(share: float) -> str:
    return _mix((176, 186, 196), (40, 58, 74), share)


def _blue(share: float) -> str:
    return _mix((250, 252, 254), (196, 219, 240), share)
