"""Reading the data files of this folder."""

from __future__ import annotations

import csv
import json
from importlib import resources
from typing import Any


def read_csv(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of this folder as text; an empty cell is ""."""
    text = (resources.files("workbench.reference") / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def read_json(name: str) -> Any:
    """The content of a JSON file of this folder."""
    return json.loads((resources.files("workbench.reference") / name).read_text("utf-8"))
