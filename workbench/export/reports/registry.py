"""The reports by name: made, written, and checked against the store they came from."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workbench.errors import FormatError, WorkbenchError
from workbench.export import content as c
from workbench.export.html import html_bytes
from workbench.export.pdf import pdf_bytes
from workbench.export.reports import decision, documents, pages, parts
from workbench.export.word import docx_bytes
from workbench.i18n import Language, format_date, t
from workbench.progress import Progress, silent
from workbench.results import Result
from workbench.selection import Selection
from workbench.store import LogStore

Page = Callable[[LogStore, Selection, Language, datetime | None, Progress], list[c.Block]]
REPORTS: Mapping[str, Page] = {
    "national": pages.national,
    "province": pages.province,
    "procedure": pages.procedure,
    "decision": decision.decision,
    "internal_process": documents.internal_process,
    "simplification": documents.simplification,
}
"""Report name to what it says."""

_MARK = "workbench-report"
_SUFFIXES = (".html", ".docx", ".pdf")


@dataclass(frozen=True, slots=True)
class Verification(Result):
    """Whether a report file is what the store gives today."""

    same: bool
    reasons: tuple[str, ...]
    """Codes: store_changed, software_changed, content_differs."""
    recipe: dict[str, Any]


def build_report(
    store: LogStore,
    name: str,
    selection: Selection | None = None,
    *,
    language: Language = "vi",
    as_of: datetime | None = None,
    progress: Progress = silent,
) -> c.Content:
    """The content of a report. An unknown name raises WorkbenchError naming the known ones."""
    if name not in REPORTS:
        raise WorkbenchError(f"There is no report {name!r}.", fix=f"Choose one of: {', '.join(REPORTS)}.", name=name)
    chosen = selection or Selection()
    store.check(chosen)
    blocks = REPORTS[name](store, chosen, language, as_of, progress)
    recipe = {
        "report": name,
        "selection": chosen.to_dict(),
        "language": language,
        "as_of": as_of.isoformat() if as_of else None,
        "store": store.version(),
        "loads": _digest(store),
        "software": _software(),
    }
    title = t(language, f"export.report.title.{name}")
    return c.Content(
        title, tuple(blocks), _subject(store, chosen, language), language, _provenance(store, recipe, language)
    )


def _software() -> str:
    return version("workbench")


def _files(store: LogStore) -> list[tuple[str, str]]:
    """Name and checksum of every file whose rows are in the store."""
    rows = store.sql(
        "select path, sha256 from load_file join load using (load_id) where status = 'loaded' order by 1, 2"
    )
    return [(Path(path).name, str(digest)) for path, digest in zip(rows["path"], rows["sha256"], strict=True)]


def _digest(store: LogStore) -> str:
    return hashlib.sha256(repr(_files(store)).encode()).hexdigest()[:16]


def _subject(store: LogStore, selection: Selection, language: Language) -> str:
    named = []
    if selection.procedure:
        name = parts.procedure_names(store).get(selection.procedure, "")
        named.append(f"{selection.procedure} {name}".strip())
    named += [parts.organisation_name(code) for code in selection.provinces]
    if selection.start or selection.end:
        named.append(f"{format_date(selection.start, language)} – {format_date(selection.end, language)}")
    return "; ".join(named)


def _provenance(store: LogStore, recipe: Mapping[str, Any], language: Language) -> dict[str, str]:
    shown = [f"{name} {digest[:12]}" for name, digest in _files(store)]
    more = f" … (+{len(shown) - 12})" if len(shown) > 12 else ""
    word = {key: t(language, f"export.report.provenance.{key}") for key in ("store", "loads", "software", "recipe")}
    return {
        word["store"]: str(recipe["store"]),
        word["loads"]: ", ".join(shown[:12]) + more,
        word["software"]: f"workbench {recipe['software']}",
        word["recipe"]: f"{_MARK} {json.dumps(recipe, ensure_ascii=False, sort_keys=True)}",
    }


def write_report(
    store: LogStore,
    name: str,
    path: Path | str,
    selection: Selection | None = None,
    *,
    language: Language = "vi",
    as_of: datetime | None = None,
    progress: Progress = silent,
) -> Path:
    """Write a report as .html, .docx or .pdf (by LibreOffice); the path written."""
    target = Path(path)
    if target.suffix not in _SUFFIXES:
        raise WorkbenchError(f"{target.name} has no known format.", fix=f"End it in {', '.join(_SUFFIXES)}.")
    target.write_bytes(
        _bytes(build_report(store, name, selection, language=language, as_of=as_of, progress=progress), target.suffix)
    )
    return target


def _bytes(content: c.Content, suffix: str) -> bytes:
    if suffix == ".html":
        return html_bytes(content)
    return docx_bytes(content) if suffix == ".docx" else pdf_bytes(docx_bytes(content))


def verify_report(store: LogStore, path: Path | str, *, progress: Progress = silent) -> Verification:
    """Make the report of a file again from the recipe in it and compare.

    Raises FormatError for a file without a recipe; PDF files are not compared (their maker writes the time in).
    """
    file = Path(path)
    recipe = _recipe(file)
    moment = datetime.fromisoformat(recipe["as_of"]) if recipe["as_of"] else None
    content = build_report(
        store,
        recipe["report"],
        Selection.from_dict(recipe["selection"]),
        language=recipe["language"],
        as_of=moment,
        progress=progress,
    )
    reasons = []
    if (recipe["store"], recipe["loads"]) != (store.version(), _digest(store)):
        reasons.append("store_changed")
    if recipe["software"] != _software():
        reasons.append("software_changed")
    same = _bytes(content, file.suffix) == file.read_bytes()
    if not same:
        reasons.append("content_differs")
    return Verification(same, tuple(reasons), recipe)


def _recipe(file: Path) -> dict[str, Any]:
    text = ""
    if file.suffix == ".html":
        text = html.unescape(file.read_text("utf-8", errors="replace"))
    elif file.suffix == ".docx":
        from docx import Document

        try:
            text = "\n".join(p.text for p in Document(io.BytesIO(file.read_bytes())).paragraphs)
        except Exception as exc:
            raise FormatError(f"{file.name} is not a Word document.", fix="Name a report made by workbench.") from exc
    found = re.search(rf"{_MARK} (\{{.*?\}}\}}?)(?:</|\n|$)", text)
    if not found:
        raise FormatError(
            f"{file.name} carries no recipe.",
            fix="Verify the .html or .docx file that workbench wrote.",
            path=str(file),
        )
    return dict(json.loads(found.group(1)))
