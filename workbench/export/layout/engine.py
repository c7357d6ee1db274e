"""From shapes and flows to a finished layout."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.export.layout.heights import place_vertically
from workbench.export.layout.labels import place_labels
from workbench.export.layout.layering import layer
from workbench.export.layout.ordering import arrange
from workbench.export.layout.routing import Router
from workbench.export.layout.values import Arc, Box, Item, Layout, Route


def lay_out(items: Sequence[Item], arcs: Sequence[Arc], *, lane_heights: Sequence[float] = (0.0,)) -> Layout:
    """A layered picture from left to right with lanes as horizontal bands.

    No two shapes overlap and no flow crosses a shape, whatever the graph: shapes and flows that pass a
    column are kept apart by the constraints that give the heights, and flows turn only in the gaps between
    columns or out of the corners of gateways. The same input gives the same picture; a step more moves the
    columns right of it and keeps the order inside the others.

    `lane_heights` gives the least height of each lane; every item's `lane` is a position in it.
    """
    if not items:
        return Layout({}, (), (), 0.0, 0.0, {}, {}, ())
    layering = layer(items, arcs)
    ordering = arrange(items, arcs, layering)
    y, lanes = place_vertically(ordering, arcs, lane_heights)
    plan = Router(ordering, arcs, y, layering.flipped).route()
    centres = {}
    taken: dict[int, int] = {}
    strips = {}
    for k, vertex in enumerate(ordering.vertices):
        if vertex.item is None:
            continue
        centres[vertex.item.id] = (plan.middles[vertex.column], float(y[k]))
        if vertex.item.strip:
            place = taken.get(vertex.column, 0)
            strips[vertex.item.id] = plan.strips[vertex.column] + 14.0 * place
            taken[vertex.column] = place + 1
    shapes = [_room(item, centres[item.id]) for item in items]
    labels = place_labels(arcs, plan.points, shapes, plan.width)
    routes = tuple(Route(a, p, t) for a, p, t in zip(arcs, plan.points, labels, strict=True))
    cuts = tuple((r + n) / 2 for r, n in zip(plan.rights, plan.lefts[1:], strict=False))
    height = lanes[-1].y + lanes[-1].height
    return Layout(centres, routes, lanes, plan.width, height, layering.column, strips, cuts)


def _room(item: Item, centre: tuple[float, float]) -> Box:
    return Box(centre[0] - item.width / 2, centre[1] - item.above, item.width, item.above + item.below)
