"""Layout of process pictures: layered, in lanes, with flows that turn at right angles."""

from workbench.export.layout.engine import lay_out
from workbench.export.layout.text import text_width, wrap
from workbench.export.layout.values import Arc, Band, Box, Item, Layout, Point, Route

__all__ = ["Arc", "Band", "Box", "Item", "Layout", "Point", "Route", "lay_out", "text_width", "wrap"]
