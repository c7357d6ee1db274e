"""Drawn icons."""

from __future__ import annotations

import dash
from dash import html


def icon(name: str, size: int = 18) -> html.Span:
    """A drawn icon in the colour of the text around it; hidden from screen readers."""
    address = dash.get_asset_url(f"icons/{name}.svg")
    style = {"--icon": f"url({address})", "width": size, "height": size}
    return html.Span(className="wb-icon", style=style, **{"aria-hidden": "true"})
