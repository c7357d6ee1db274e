"""Runs the text notebooks and writes their .ipynb pairs: `python -m tests.notebooks.execute`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"


def executed(path: Path) -> nbformat.NotebookNode:
    """The notebook of a text file with its outputs; errors of its cells are raised."""
    notebook = jupytext.read(path)
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(notebook, timeout=240, resources={"metadata": {"path": folder}}).execute()
    return notebook


def write_pairs() -> None:
    """Run every notebook and write it with outputs, without times and versions of the machine."""
    for path in sorted(FOLDER.glob("*.py")):
        notebook = executed(path)
        notebook.metadata.pop("language_info", None)
        for number, cell in enumerate(notebook.cells):
            cell.id = f"cell-{number}"
            cell.metadata.pop("execution", None)
        nbformat.write(notebook, path.with_suffix(".ipynb"))


if __name__ == "__main__":
    write_pairs()
