"""XES event logs, streamed trace by trace.

Gives an event table (event attributes, and the trace's name as `case:concept:name`) and a dossier table (the
trace attributes as `case:…`). Nested and list attributes below an attribute are passed over. A document type
declaration is refused: XES needs none, and entities are how an XML bomb is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from workbench.errors import FormatError
from workbench.progress import Progress, silent
from workbench.sources.opening import not_a_log, open_plain
from workbench.sources.raw import RawFile, RawPart, RawTable
from workbench.sources.staging import StagingFolder, TextParts

CASE = "case:concept:name"


def read_xes(
    file: RawFile, folder: StagingFolder, *, limit: int | None = None, progress: Progress = silent
) -> list[RawTable]:
    """The events and the traces of a log; with `limit` only the first events."""
    events, traces = TextParts(folder, (CASE,)), TextParts(folder, (CASE,))
    seen = 0
    for attributes, rows in _traces(file.path):
        trace: dict[str, str | None] = {_case_name(key): value for key, value in attributes.items()}
        name = trace.get(CASE)
        traces.add(trace if name is not None else {CASE: None, **trace})
        for row in rows:
            events.add({CASE: name, **row})
        seen += len(rows)
        if seen % 1000 < len(rows):
            progress("read", seen, 0)
        if limit is not None and seen >= limit:
            break
    if not traces.rows_seen:
        raise FormatError(f"{file.path} is a XES log without traces.", fix="Export it again.", path=str(file.path))
    return [
        _table(events, file, "event", "events"),
        _table(traces, file, "dossier", "traces"),
    ]


def _case_name(key: str) -> str:
    return key if key.startswith("case:") else f"case:{key}"


def _table(parts: TextParts, file: RawFile, role: str, what: str) -> RawTable:
    path, columns = parts.close()
    part = RawPart(path, f"{file.path}: {what}", file, parts.rows, first_line=1)
    return RawTable("xes", columns, (part,), role, derived=role == "dossier")


def _traces(path: Path) -> Iterator[tuple[dict[str, str], list[dict[str, str | None]]]]:
    """Attributes and events of each trace in turn; one trace is in memory at a time."""
    with open_plain(path) as stream:
        try:
            yield from _elements(stream, path)
        except etree.XMLSyntaxError as exc:
            raise FormatError(
                f"{path} is not well-formed XML: {exc.msg}.", fix="Copy or export it again.", path=str(path)
            ) from exc


def _elements(stream: Any, path: Path) -> Iterator[tuple[dict[str, str], list[dict[str, str | None]]]]:
    context = etree.iterparse(
        stream, events=("start", "end"), tag=("{*}log", "{*}trace", "{*}global", "{*}extension"),
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    checked = False
    for moment, element in context:
        if not checked:
            _check_root(element, path)
            checked = True
        if moment == "end" and element.tag.endswith("trace"):
            yield _attributes(element), [_attributes(child) for child in element.iterchildren("{*}event")]
        if moment == "end" and not element.tag.endswith("log"):
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    if not checked:
        raise not_a_log(path, "it is XML, but not XES")


def refuse_declaration(element: Any, path: Path) -> None:
    """Raise FormatError when the document of an element declares a document type."""
    document = element.getroottree()
    if document.docinfo.doctype:
        raise FormatError(
            f"{path} declares a document type or entities, as an XML bomb does.",
            fix="A log needs neither: export it again, or remove the declaration if you trust the file.",
            path=str(path),
        )


def _check_root(element: Any, path: Path) -> None:
    refuse_declaration(element, path)
    document = element.getroottree()
    if not document.getroot().tag.endswith("log"):
        raise not_a_log(path, f"its XML root is <{etree.QName(document.getroot()).localname}>, not <log>")


def _attributes(element: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element:
        key = child.get("key")
        if key is not None and key not in found and (value := child.get("value")) is not None:
            found[key] = value
    return found
