"""The generated pages are what the code says today; the written ones mention everything and link to what is there."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import workbench
from workbench.cli.main import COMMANDS
from workbench.columns import CLOCKS, TABLES
from workbench.export.reports import REPORTS
from workbench.export.selection_file import FORMATS
from workbench.mining.waiting_causes import CAUSES
from workbench.settings import SETTINGS

ROOT = Path(workbench.__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    [
        *DOCS.glob("*.md"),
        *(ROOT / "datasets").rglob("*.md"),
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    ]
)
NAMES = [str(path.relative_to(ROOT)) for path in PAGES]
WRITTEN = (
    "getting_started",
    "loading",
    "app",
    "store",
    "clocks",
    "vocabulary",
    "harmonising",
    "recommendations",
    "waiting",
    "python",
    "documents",
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def text_of(*names: str) -> str:
    return "\n".join((DOCS / f"{name}.md").read_text("utf-8") for name in names)


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as Markdown on the web makes them."""
    found = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in found}


def test_generated_pages_are_up_to_date():
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli.reference", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_internal_links_resolve(path):
    prose = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    broken = []
    for target in LINK.findall(prose):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


def test_every_page_is_linked_from_the_index():
    index = (DOCS / "index.md").read_text("utf-8")
    assert [path.name for path in DOCS.glob("*.md") if path.name != "index.md" and f"({path.name})" not in index] == []
    assert (ROOT / "README.md").read_text("utf-8").count("(docs/index.md)") == 1


def test_every_command_is_in_the_reference_and_the_main_ones_are_explained():
    reference = text_of("commands")
    assert [name for name in COMMANDS if f"## `workbench {name}`" not in reference] == []
    prose = text_of(*WRITTEN) + (ROOT / "README.md").read_text("utf-8")
    prose += "\n".join(path.read_text("utf-8") for path in DOCS.glob("*.md") if path.stem not in ("commands", "steps"))
    unexplained = [name for name in COMMANDS if f"workbench {name}" not in prose and f"make {name}" not in prose]
    assert unexplained == []


def test_every_setting_table_and_column_is_in_the_reference():
    settings, tables = text_of("settings"), text_of("tables")
    assert [setting.name for setting in SETTINGS if f"| `{setting.name}` |" not in settings] == []
    for name, columns in TABLES.items():
        assert f"## {name}" in tables
        assert [column for column in columns if f"| `{column}` |" not in tables] == []


def test_every_page_of_the_app_is_explained():
    page = text_of("app")
    for file in sorted((ROOT / "workbench" / "app" / "pages").glob("[a-z]*.py")):
        for language in ("vi", "en"):
            catalogue = ROOT / "workbench" / "i18n" / language / f"app_{file.stem}.toml"
            assert f"| {tomllib.loads(catalogue.read_text('utf-8'))['nav']} |" in page, file.stem


def test_every_report_and_every_format_is_explained():
    page = text_of("documents")
    assert [name for name in REPORTS if f"| `{name}` |" not in page] == []
    assert [name for name in (*FORMATS, ".bpmn", ".pnml", ".svg") if f"`{name}`" not in page] == []


def test_every_clock_and_every_cause_is_explained():
    assert [clock for clock in CLOCKS if f"| `{clock}` |" not in text_of("clocks")] == []
    assert [cause for cause in CAUSES if f"| {cause}" not in text_of("waiting")] == []


def test_every_public_name_is_in_the_python_page():
    page = text_of("steps")
    assert [
        name for name in workbench.__all__ if not name.startswith("__") and f"wb.{name}`" not in page and name != "Log"
    ] == []
    methods = [name for name, value in vars(workbench.Log).items() if callable(value) and not name.startswith("_")]
    assert [name for name in methods if f"### `log.{name}`" not in page] == []


def test_no_link_to_a_line_of_law_without_its_mark():
    """Decree 61/2018 is known here from general knowledge only; a page that names its article says so."""
    for name in WRITTEN:
        for line in text_of(name).splitlines():
            if "Decree 61/2018" in line:
                assert "unverified" in line
