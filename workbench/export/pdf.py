"""PDF of a Word document, by LibreOffice where it is installed; the same document gives the same bytes.

LibreOffice writes the time and a random id into each file; both are replaced. The bytes still depend on LibreOffice's
version and on the fonts of the machine, so a file names the version that made it.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, ByteStringObject

from workbench.errors import FormatError, WorkbenchError
from workbench.export import content as c
from workbench.export.word import docx_bytes, listed_headings

_COMMANDS = ("soffice", "libreoffice")
_DAY = "D:20000101000000Z"
_ATTACHED = "workbench.json"


def pdf_bytes(docx: bytes, *, facts: Mapping[str, Any] | None = None, seconds: float = 120.0) -> bytes:
    """A .docx file as PDF with `facts` attached, so that a program can read them back.

    Raises WorkbenchError when LibreOffice is missing or does not finish in time.
    """
    reader = PdfReader(io.BytesIO(_converted(docx, seconds)))
    writer = PdfWriter(clone_from=reader)
    writer.metadata = {**(writer.metadata or {}), "/CreationDate": _DAY}
    if facts is not None:
        writer.add_attachment(_ATTACHED, json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())
    mark = ByteStringObject(hashlib.sha256(docx).digest()[:16])
    writer._ID = ArrayObject([mark, mark])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_facts(data: bytes) -> dict[str, Any] | None:
    """The facts attached to a PDF; None when there are none. Raises FormatError for what is no PDF."""
    try:
        attached = PdfReader(io.BytesIO(data)).attachments.get(_ATTACHED)
    except PyPdfError as exc:
        raise FormatError("The file is not a PDF.", fix="Name a report made by workbench.") from exc
    return dict(json.loads(attached[0])) if attached else None


def paged_docx(content: c.Content) -> bytes:
    """A document as .docx whose table of contents has page numbers, as LibreOffice lays it out.

    Without LibreOffice, or without a table of contents, the numbers are left for Word to fill in.
    """
    headings = [block.text for block in listed_headings(content)]
    if not headings or not any(isinstance(block, c.Contents) for block in content.blocks) or printer() is None:
        return docx_bytes(content)
    draft = _converted(docx_bytes(content, pages=[1] * len(headings)), 120.0)
    found = _pages_of(headings, PdfReader(io.BytesIO(draft)))
    return docx_bytes(content, pages=found)


def _pages_of(headings: list[str], reader: PdfReader) -> list[int] | None:
    """The page of each heading from the outline; None when one of them is not in it."""
    places = iter(_outline(reader, reader.outline))
    found = []
    for text in headings:
        page = next((page for title, page in places if title == " ".join(text.split())), None)
        if page is None:
            return None
        found.append(page)
    return found


def _outline(reader: PdfReader, items: Any) -> list[tuple[str, int]]:
    out: list[tuple[str, int]] = []
    for item in items:
        if isinstance(item, list):
            out += _outline(reader, item)
        else:
            out.append((" ".join(str(item.title).split()), (reader.get_destination_page_number(item) or 0) + 1))
    return out


@functools.cache
def printer() -> str | None:
    """Name and version of the program that makes pages; None when none is installed."""
    command = _command()
    if command is None:
        return None
    try:
        done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    except (subprocess.SubprocessError, OSError):
        return None
    return " ".join(done.stdout.split()[:2]) or None


def _command() -> str | None:
    return next((found for name in _COMMANDS if (found := shutil.which(name))), None)


def _converted(docx: bytes, seconds: float) -> bytes:
    command = _command()
    if command is None:
        raise WorkbenchError(
            "PDF needs LibreOffice, which is not installed.",
            fix="Install LibreOffice Writer, or write .docx and save it as PDF.",
        )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "document.docx"
        source.write_bytes(docx)
        profile = (Path(folder) / "profile").as_uri()
        call = [command, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf", "--outdir", folder]
        try:
            subprocess.run([*call, str(source)], capture_output=True, check=True, timeout=seconds)  # noqa: S603
            return source.with_suffix(".pdf").read_bytes()
        except (subprocess.SubprocessError, OSError) as exc:
            raise WorkbenchError(
                "LibreOffice could not make the PDF.", fix="Open the .docx and save it as PDF."
            ) from exc
