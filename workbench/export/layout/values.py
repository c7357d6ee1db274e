"""What the layout takes and gives: plain values in pixels, free of BPMN and of any picture format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Item:
    """A shape to place. All extents are measured from its centre, where flows attach left and right.

    `width`, `above` and `below` reserve room, outer labels included; `half_width` is where the drawn
    outline begins. A `corner` above 0 is the half height of a diamond whose top and bottom also take flows.
    `strip` reserves a free vertical strip left of the shape's column (for message flows).
    """

    id: str
    width: float
    above: float
    below: float
    half_width: float
    lane: int = 0
    corner: float = 0.0
    strip: bool = False


@dataclass(frozen=True, slots=True)
class Arc:
    """A flow to route; a heavier one is kept straighter. `label` is the width and height of its text."""

    source: str
    target: str
    weight: float = 1.0
    label: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """x of the right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """y of the lower side."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """The middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def meets(self, other: Box, margin: float = 0.0) -> bool:
        """Whether the two share more than their outline, `margin` wider than drawn."""
        return (
            self.x < other.right + margin
            and other.x < self.right + margin
            and self.y < other.bottom + margin
            and other.y < self.bottom + margin
        )


@dataclass(frozen=True, slots=True)
class Route:
    """Where a flow runs: corners from its source to its target, and the place of its text."""

    arc: Arc
    points: tuple[Point, ...]
    label: Box | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A lane: a horizontal band over the whole width."""

    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Centres of items, routes in the order of the arcs given, lanes from top to bottom."""

    centres: Mapping[str, Point]
    routes: tuple[Route, ...]
    lanes: tuple[Band, ...]
    width: float
    height: float
    columns: Mapping[str, int]
    """Column of each item, from the left."""
    strips: Mapping[str, float]
    """x of the free vertical strip of the items that asked for one."""
    cuts: tuple[float, ...]
    """x of the gaps between columns, where a wide picture may be cut."""
