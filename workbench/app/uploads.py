"""Files on their way in."""

from __future__ import annotations

import flask


def attach(server: flask.Flask) -> None:
    """Take uploads."""
