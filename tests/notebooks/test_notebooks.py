"""The notebooks run, agree with their text pair, use public names only and are committed with small outputs."""

from __future__ import annotations

import ast
import re

import jupytext
import nbformat
import pytest

import workbench
from tests.notebooks.execute import FOLDER, executed

TEXTS = sorted(FOLDER.glob("*.py"))
NAMES = [path.stem for path in TEXTS]


def code_of(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_there_is_a_notebook():
    assert "first_ten_minutes" in NAMES
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_the_pair_agrees(path):
    text, notebook = jupytext.read(path), nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    assert [(cell.cell_type, cell.source) for cell in text.cells] == [
        (cell.cell_type, cell.source) for cell in notebook.cells
    ]


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_committed_outputs_are_complete_small_and_of_no_machine(path):
    notebook = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert path.with_suffix(".ipynb").stat().st_size < 300_000
    text = nbformat.writes(notebook)
    assert "image/svg+xml" in text
    assert re.search(r"/tmp/|/home/|/root/|Traceback", text) is None


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_only_public_names(path):
    tree = ast.parse("\n".join(code_of(jupytext.read(path))))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"workbench", "pathlib", "tempfile"}
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    used = {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "wb"}
    assert used <= set(workbench.__all__)
    assert [node.attr for node in attributes if node.attr.startswith("_")] == []


@pytest.mark.slow
@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_it_runs_from_top_to_bottom(path, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("WORKBENCH_MEMORY_LIMIT", "1GB")
    notebook = executed(path)
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [
        output.output_type for output in shown if output.output_type not in ("execute_result", "display_data")
    ] == []
