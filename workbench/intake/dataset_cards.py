"""The part of a data card that the registry knows: names, files, checksums, counts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from workbench.intake.datasets import Dataset

MARK = "<!-- registry -->"
_COUNTS = {
    "loaded": "counted by loading the file",
    "public": "as its users publish them, not counted here",
    "unknown": "not known here",
}
_DOI = {
    "project": "from the project's notes of the log",
    "public": "as public repositories that use the log give it",
}


def card_text(card: str, members: Iterable[Dataset]) -> str:
    """The text of a data card with its registry part written anew from `members`."""
    head = card.split(MARK, maxsplit=1)[0].rstrip()
    return f"{head}\n\n{MARK}\n{_facts(list(members))}"


def by_card(known: Iterable[Dataset]) -> dict[Path, list[Dataset]]:
    """The data sets of every card."""
    out: dict[Path, list[Dataset]] = {}
    for one in known:
        out.setdefault(one.card, []).append(one)
    return out


def _facts(members: list[Dataset]) -> str:
    lines = ["## Files", "", "| name | file | dossiers | events | steps | sha256 |", "|---|---|---|---|---|---|"]
    for one in members:
        counts = " | ".join(f"{n:,}" if n else "–" for n in (one.dossiers, one.events, one.steps))
        lines.append(f"| `{one.name}` | {one.file} | {counts} | {_checksum(one)} |")
    lines += ["", "| name | DOI | DOI is | counts are |", "|---|---|---|---|"]
    for one in members:
        link = f"[{one.doi}](https://doi.org/{one.doi})"
        lines.append(f"| `{one.name}` | {link} | {_DOI[one.doi_source]} | {_COUNTS[one.counts_from]} |")
    lines += ["", f"Licence: {members[0].licence}.", ""]
    lines += [
        f"    workbench dataset add {members[0].name} --file {members[0].file} --store STORE{_flag(members[0])}",
        "",
    ]
    return "\n".join(lines)


def _checksum(one: Dataset) -> str:
    return f"`{one.sha256}`" if one.sha256 else "unknown: only with `--unverified`"


def _flag(one: Dataset) -> str:
    return "" if one.sha256 else " --unverified"
