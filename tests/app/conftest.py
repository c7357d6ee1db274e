"""The app over a small store, without a browser: pages and callbacks called directly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.small_country import make_store
from workbench.app import create_app
from workbench.app.workspace import Page
from workbench.settings import load_settings

LAND = "?procedure=1.012783&lang=en"


@pytest.fixture(scope="session")
def country_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """The app over the invented country."""
    path = tmp_path_factory.mktemp("app") / "country.duckdb"
    make_store(path, dossiers=600).close()
    made = create_app(path, load_settings(memory_limit="1GB", threads=1))
    yield made
    made.server.extensions["workbench"].close()


@pytest.fixture
def empty_app(tmp_path: Path) -> Iterator:
    """The app over an empty store."""
    made = create_app(tmp_path / "empty.duckdb", load_settings(memory_limit="1GB", threads=1))
    yield made
    made.server.extensions["workbench"].close()


@pytest.fixture
def page_of(country_app) -> Iterator[Callable[[str], Page]]:
    """The page of an address, inside a request."""
    with country_app.server.test_request_context():
        yield Page.of


def ids_of(component) -> list[str]:
    """Every id in a tree of components, as text."""
    found = [str(component.id)] if getattr(component, "id", None) is not None else []
    return found + [str(part.id) for part in component._traverse() if getattr(part, "id", None) is not None]


def text_of(component) -> str:
    """All text in a tree of components."""
    if component is None:
        return ""
    if isinstance(component, str | int | float):
        return str(component)
    if isinstance(component, list | tuple):
        return " ".join(text_of(part) for part in component)
    parts = [getattr(component, name, None) for name in ("label", "title", "children")]
    return " ".join(text_of(part) for part in parts if not isinstance(part, dict))
