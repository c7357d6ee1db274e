"""Files to take along, by plain links: the address names what and for which view."""

from __future__ import annotations

import flask


def attach(server: flask.Flask) -> None:
    """Serve the downloads."""
