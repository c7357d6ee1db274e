"""The step behind the reconciliation: the portal's scores in an uploaded file beside the recomputed indicators."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from workbench.errors import FormatError
from workbench.indicators import Indicators, PortalScores, Reconciliation, read_portal_scores, reconcile

_TITLES = ("thanh pho", "tinh", "tp.", "tp", "ubnd")


def read_scores(files: Iterable[Path]) -> PortalScores:
    """The scores in the first uploaded file; raises FormatError when there is none or it is something else."""
    found = list(files)
    if not found:
        raise FormatError("No file was uploaded.", fix="Choose the file with the portal's scores.")
    return read_portal_scores(found[0])


def beside_ours(whole: Indicators, apart: Indicators, scores: PortalScores, names: Mapping[str, str]) -> Reconciliation:
    """The scores beside the figures of the selection as a whole, or by organisation where the file names units.

    `names` is organisation code to name; a unit is known by its code or by its name however it is written.
    Raises SelectionError when no unit of the file is among the organisations.
    """
    units = sorted(set(scores.table["group"]))
    if units == [""]:
        return reconcile(whole, scores)
    known = {plain(name): code for code, name in names.items()} | {plain(code): code for code in names}
    return reconcile(apart, scores, units={unit: known[plain(unit)] for unit in units if plain(unit) in known})


def plain(name: str) -> str:
    """A name of a unit without case, diacritics and its title."""
    bare = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    words = " ".join("".join(char for char in bare if not unicodedata.combining(char)).split())
    for title in _TITLES:
        if words.startswith(f"{title} "):
            return plain(words[len(title) + 1 :])
    return words
