"""PDF of a Word document, by LibreOffice where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from workbench.errors import WorkbenchError

_COMMANDS = ("soffice", "libreoffice")


def pdf_bytes(docx: bytes, *, seconds: float = 120.0) -> bytes:
    """A .docx file as PDF. Raises WorkbenchError when LibreOffice is missing or does not finish in time."""
    command = next((found for name in _COMMANDS if (found := shutil.which(name))), None)
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
