"""Runs the text notebooks and writes their .ipynb pairs: `python -m tests.notebooks.execute [NAME ...]`."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
LOGS = Path(__file__).resolve().parents[3] / "shared" / "logs"


def executed(path: Path, *, logs: Path = LOGS) -> nbformat.NotebookNode:
    """The notebook of a text file with its outputs; errors of its cells are raised. `logs` holds public logs."""
    notebook = jupytext.read(path)
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("WORKBENCH_LOGS")
        os.environ["WORKBENCH_LOGS"] = str(logs)
        try:
            NotebookClient(notebook, timeout=240, resources={"metadata": {"path": folder}}).execute()
        finally:
            if before is None:
                del os.environ["WORKBENCH_LOGS"]
            else:
                os.environ["WORKBENCH_LOGS"] = before
    return notebook


def write_pairs(names: list[str]) -> None:
    """Run the notebooks (all, or those whose names begin so) and write them with outputs, without times and versions."""
    for path in sorted(FOLDER.glob("*.py")):
        if names and not any(path.name.startswith(name) for name in names):
            continue
        notebook = executed(path)
        notebook.metadata.pop("language_info", None)
        for number, cell in enumerate(notebook.cells):
            cell.id = f"cell-{number}"
            cell.metadata.pop("execution", None)
            for output in cell.get("outputs", []):
                _without_style(output)
        nbformat.write(notebook, path.with_suffix(".ipynb"))


def _without_style(output: nbformat.NotebookNode) -> None:
    """pandas repeats a style sheet in every table; pages on the web leave it out and show it as text."""
    shown = output.get("data", {}).get("text/html")
    if shown:
        output["data"]["text/html"] = re.sub(r"<style scoped>.*?</style>\s*", "", "".join(shown), flags=re.DOTALL)


if __name__ == "__main__":
    write_pairs(sys.argv[1:])
