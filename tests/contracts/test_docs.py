"""The generated pages are what the code says today."""

from __future__ import annotations

import pytest

from workbench.cli import reference


@pytest.mark.parametrize("name", ["commands.md", "settings.md", "tables.md", "errors.md"])
def test_generated_page_is_up_to_date(name, monkeypatch):
    written = (reference.DOCS / name).read_text("utf-8")
    assert written == reference.pages()[name], "run `python -m workbench.cli.reference`"
