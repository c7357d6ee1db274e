"""Stores of hand-written dossiers."""

from tests.clock.conftest import build_store

__all__ = ["build_store"]
