"""The reports by name: made, written, and checked against the store they came from."""

from __future__ import annotations

import contextlib
import hashlib
import html
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workbench.clock import latest_event
from workbench.columns import CLOCKS
from workbench.errors import FormatError, WorkbenchError
from workbench.export import content as c
from workbench.export.html import html_bytes
from workbench.export.pdf import paged_docx, pdf_bytes, pdf_facts, printer
from workbench.export.plans import annex_subtitle
from workbench.export.reports import decision, documents, pages, parts, scores
from workbench.export.reports.asked import Asked
from workbench.i18n import Language, format_date, t
from workbench.progress import Progress, silent
from workbench.results import Result
from workbench.selection import Selection
from workbench.store import LogStore

Page = Callable[[Asked], list[c.Block]]
REPORTS: Mapping[str, Page] = {
    "national": pages.national,
    "province": pages.province,
    "procedure": pages.procedure,
    "decision": decision.decision,
    "indicators": scores.indicators,
    "internal_process": documents.internal_process,
    "simplification": documents.simplification,
    "annex": documents.annex,
}
"""Report name to what it says."""

_TITLES = {"annex": "export.annex.title"}
_MARK = "workbench-report"
_SUFFIXES = (".html", ".docx", ".pdf")
_OWN = {"store": "store_changed", "loads": "store_changed", "software": "software_changed", "printer": "printer_changed",
        "models": "model_changed", "portal": "portal_changed"}  # fmt: skip
"""Parts of a recipe that a verification compares, and the reason it gives when one differs."""


@dataclass(frozen=True, slots=True)
class Verification(Result):
    """Whether a report file is what the store gives today, byte for byte."""

    same: bool
    reasons: tuple[str, ...]
    """Codes: store_changed, software_changed, printer_changed, model_changed, portal_changed, content_differs."""
    recipe: dict[str, Any]


def build_report(
    store: LogStore,
    name: str,
    selection: Selection | None = None,
    *,
    language: Language = "vi",
    as_of: datetime | None = None,
    progress: Progress = silent,
    **more: Any,
) -> c.Content:
    """The content of a report; `more` are the other fields of `Asked`. An unknown name raises WorkbenchError."""
    if name not in REPORTS:
        raise WorkbenchError(f"There is no report {name!r}.", fix=f"Choose one of: {', '.join(REPORTS)}.", name=name)
    asked = Asked(store, selection or Selection(), language, as_of, progress=progress, **more)
    if len(asked.models) == 1 and asked.selection == Selection():
        asked = asked.each()[0]
    return _content(name, asked, _recipe_of(name, asked, ""))


def _content(name: str, asked: Asked, recipe: Mapping[str, Any]) -> c.Content:
    store, language = asked.store, asked.language
    store.check(asked.selection)
    blocks = REPORTS[name](asked)
    title = t(language, _TITLES.get(name, f"export.report.title.{name}"))
    subject = annex_subtitle(language) if name == "annex" else _subject(asked)
    return c.Content(title, tuple(blocks), subject, language, _provenance(asked, recipe))


def _recipe_of(name: str, asked: Asked, suffix: str) -> dict[str, Any]:
    """All a report depends on; what was not given is left out."""
    recipe: dict[str, Any] = {
        "report": name,
        "selection": asked.selection.to_dict(),
        "language": asked.language,
        "as_of": asked.as_of.isoformat() if asked.as_of else None,
        "store": asked.store.version(),
        "loads": _digest(asked.store),
        "software": _software(),
    }
    if asked.models:
        recipe["models"] = [found.digest for found in asked.harmonisations]
    if asked.portal is not None:
        recipe["portal"] = _file_digest(asked.portal)
    if asked.units:
        recipe["units"] = dict(asked.units)
    if asked.cost:
        recipe["cost"] = dict(asked.cost)
    if suffix in (".docx", ".pdf"):
        recipe["printer"] = printer()
    return recipe


def _file_digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as exc:
        raise FormatError(f"{path} cannot be read.", fix="Name the file with the portal's scores.") from exc


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


def _subject(asked: Asked) -> str:
    store, selection, language = asked.store, asked.selection, asked.language
    named = []
    if selection.procedure:
        name = parts.procedure_names(store).get(selection.procedure, "")
        named.append(f"{selection.procedure} {name}".strip())
    named += [parts.organisation_name(code) for code in selection.provinces]
    if selection.start or selection.end:
        named.append(f"{format_date(selection.start, language)} – {format_date(selection.end, language)}")
    return "; ".join(named)


def _provenance(asked: Asked, recipe: Mapping[str, Any]) -> dict[str, str]:
    language = asked.language
    shown = [f"{name} {digest[:12]}" for name, digest in _files(asked.store)]
    more = f" … (+{len(shown) - 12})" if len(shown) > 12 else ""
    keys = ("store", "loads", "clock", "software", "recipe")
    word = {key: t(language, f"export.report.provenance.{key}") for key in keys}
    moment = asked.as_of or (latest_event(asked.store) if _files(asked.store) else None)
    clocks = "; ".join(t(language, f"export.clock.{clock}") for clock in CLOCKS)
    made = f"workbench {recipe['software']}"
    return {
        word["store"]: str(recipe["store"]),
        word["loads"]: f"{', '.join(shown[:12])}{more} ({recipe['loads']})",
        word["clock"]: t(
            language, "export.report.provenance.clocks", clocks=clocks, as_of=format_date(moment, language)
        ),
        word["software"]: f"{made}, {recipe['printer']}" if recipe.get("printer") else made,
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
    **more: Any,
) -> Path:
    """Write a report as .html, .docx or .pdf (by LibreOffice); the path written. `more`: other fields of `Asked`.

    The file appears whole or not at all.
    """
    target = Path(path)
    if target.suffix not in _SUFFIXES:
        raise WorkbenchError(f"{target.name} has no known format.", fix=f"End it in {', '.join(_SUFFIXES)}.")
    if name not in REPORTS:
        raise WorkbenchError(f"There is no report {name!r}.", fix=f"Choose one of: {', '.join(REPORTS)}.", name=name)
    asked = Asked(store, selection or Selection(), language, as_of, progress=progress, **more)
    data, _ = _made(name, asked, target.suffix)
    beside = target.with_name(f".{target.name}.part")
    try:
        beside.write_bytes(data)
        beside.replace(target)
    except OSError as exc:
        raise WorkbenchError(f"{target} cannot be written.", fix="Name a file in a folder you may write to.") from exc
    finally:
        beside.unlink(missing_ok=True)
    return target


def _made(name: str, asked: Asked, suffix: str) -> tuple[bytes, dict[str, Any]]:
    """The bytes of a report and its recipe."""
    if len(asked.models) == 1 and asked.selection == Selection():
        asked = asked.each()[0]
    recipe = _recipe_of(name, asked, suffix)
    content = _content(name, asked, recipe)
    if suffix == ".html":
        return html_bytes(content), recipe
    docx = paged_docx(content)
    if suffix == ".docx":
        return docx, recipe
    return pdf_bytes(docx, facts={"recipe": recipe, "docx_sha256": hashlib.sha256(docx).hexdigest()}), recipe


def verify_report(
    store: LogStore,
    path: Path | str,
    *,
    models: Sequence[Path] = (),
    portal: Path | None = None,
    progress: Progress = silent,
) -> Verification:
    """Make the report of a file again from the recipe in it and compare the bytes.

    A report made from harmonisation folders or a portal file needs the same again. Raises FormatError for a file
    without a recipe, WorkbenchError when folders or the portal file are not named.
    """
    file = Path(path)
    recipe = _recipe(file)
    if recipe.get("report") not in REPORTS or not {"selection", "language", "as_of"} <= recipe.keys():
        raise FormatError(
            f"{file.name} carries a recipe that is not whole.", fix="Make the report again.", path=str(file)
        )
    _same_inputs(recipe, models, portal)
    asked = Asked(
        store,
        Selection.from_dict(recipe["selection"]),
        recipe["language"],
        datetime.fromisoformat(recipe["as_of"]) if recipe["as_of"] else None,
        tuple(models),
        portal,
        recipe.get("units", {}),
        recipe.get("cost", {}),
        progress,
    )
    now = _recipe_of(recipe["report"], asked, file.suffix)
    reasons = [why for key, why in _OWN.items() if recipe.get(key) != now.get(key)]
    data, _ = _made(recipe["report"], asked, file.suffix)
    same = data == file.read_bytes()
    if not same:
        reasons.append("content_differs")
    return Verification(same, tuple(dict.fromkeys(reasons)), recipe)


def _same_inputs(recipe: Mapping[str, Any], models: Sequence[Path], portal: Path | None) -> None:
    wanted = len(recipe.get("models", ()))
    if wanted != len(models):
        raise WorkbenchError(
            f"The report was made from {wanted} harmonisation folders, {len(models)} are named.",
            fix="Give --model for each of them, in the same order.",
        )
    if ("portal" in recipe) != (portal is not None):
        raise WorkbenchError(
            "The report and this call differ in whether a portal file is used.",
            fix="Give --portal exactly when the report was made with it.",
        )


def _recipe(file: Path) -> dict[str, Any]:
    if file.suffix == ".pdf":
        facts = pdf_facts(file.read_bytes())
        if facts and "recipe" in facts:
            return dict(facts["recipe"])
        text = ""
    elif file.suffix == ".html":
        text = html.unescape(file.read_text("utf-8", errors="replace"))
    else:
        text = _docx_text(file)
    for place in [found.end() for found in re.finditer(rf"{_MARK} (?=\{{)", text)][::-1]:
        with contextlib.suppress(json.JSONDecodeError):
            return dict(json.JSONDecoder().raw_decode(text, place)[0])
    raise FormatError(
        f"{file.name} carries no recipe.",
        fix="Verify the .html, .docx or .pdf file that workbench wrote.",
        path=str(file),
    )


def _docx_text(file: Path) -> str:
    from docx import Document

    try:
        return "\n".join(p.text for p in Document(io.BytesIO(file.read_bytes())).paragraphs)
    except Exception as exc:
        raise FormatError(f"{file.name} is not a Word document.", fix="Name a report made by workbench.") from exc
