"""The notebooks run, agree with their text pair, use public names only and are committed with small outputs."""

from __future__ import annotations

import ast
import importlib
import re

import jupytext
import nbformat
import pytest

import workbench
from tests.notebooks.execute import FOLDER, executed

TEXTS = sorted(FOLDER.glob("*.py"))
NAMES = [path.stem for path in TEXTS]
ROOMS = ("workbench.simulate",)
"""Rooms whose public names a notebook may take beside those of the package."""
FOREIGN = {"pathlib", "tempfile", "os", "json", "pandas", "numpy", "duckdb", "ibis", "sklearn"}


def code_of(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_seven_notebooks_in_order():
    assert [name.split("_")[0] for name in NAMES] == [str(number) for number in range(1, 8)]
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES


def test_the_readme_lists_every_notebook():
    text = (FOLDER.parent / "README.md").read_text("utf-8")
    assert [name for name in NAMES if f"notebooks/{name}.ipynb" not in text] == []


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_the_pair_agrees(path):
    text, notebook = jupytext.read(path), nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    assert [(cell.cell_type, cell.source) for cell in text.cells] == [
        (cell.cell_type, cell.source) for cell in notebook.cells
    ]


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_committed_outputs_are_complete_small_and_of_no_machine(path):
    notebook = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = [output.output_type for cell in code for output in cell.outputs]
    assert set(kinds) <= {"execute_result", "display_data", "stream"}
    assert kinds.count("execute_result") >= 7
    assert path.with_suffix(".ipynb").stat().st_size < 300_000
    text = nbformat.writes(notebook)
    assert "image/svg+xml" in text
    assert re.search(r"/tmp/|/home/|/root/|/work/|Traceback|<script", text) is None


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_it_asks_one_question_and_says_what_the_data_are(path):
    words = "\n".join(cell.source for cell in jupytext.read(path).cells if cell.cell_type == "markdown")
    assert words.count("Câu hỏi: **") == 1
    assert "giả lập" in words
    assert re.search(r"^# ", words, re.MULTILINE)


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_only_public_names(path):
    tree = ast.parse("\n".join(code_of(jupytext.read(path))))
    plain = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    named = {
        (node.module, name.name) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names
    }
    ours = {(module, name) for module, name in named if module.startswith("workbench")}
    assert {module for module, _ in ours} <= set(ROOMS)
    assert [name for module, name in ours if name not in importlib.import_module(module).__all__] == []
    assert {module.split(".")[0] for module in plain | {m for m, _ in named}} <= FOREIGN | {"workbench"}
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    used = {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "wb"}
    assert used <= set(workbench.__all__)
    assert [node.attr for node in attributes if node.attr.startswith("_")] == []


@pytest.mark.slow
@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_it_runs_from_top_to_bottom(path, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("WORKBENCH_MEMORY_LIMIT", "1GB")
    run = executed(path)
    shown = [output for cell in run.cells if cell.cell_type == "code" for output in cell.outputs]
    kinds = {output.output_type for output in shown}
    assert kinds <= {"execute_result", "display_data", "stream"}
    assert not [output for output in shown if output.output_type == "stream" and output.name == "stderr"]


@pytest.mark.slow
def test_without_the_permit_logs_the_comparison_runs_on_a_synthetic_log(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    path = next(path for path in TEXTS if path.stem.startswith("4_"))
    text = nbformat.writes(executed(path, logs=tmp_path))
    assert "dùng nhật ký GIẢ LẬP nhỏ" in text
    assert "synthetic" in text
