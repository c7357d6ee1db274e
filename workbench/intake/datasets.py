"""The registry of public event logs: what they are, how to check a local copy, how to load it."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.errors import FormatError, SettingError
from workbench.intake.load import LoadReport, load
from workbench.progress import Progress, silent
from workbench.store import LogStore

REGISTRY = Path(__file__).resolve().parents[2] / "datasets" / "registry.toml"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Dataset:
    """One public log."""

    name: str
    title: str
    doi: str
    licence: str
    file: str
    """Name of the published file."""
    sha256: str
    """Of the published file; empty while none is recorded."""
    note: str
    constants: dict[str, str]
    """Columns the file does not carry, as `--set` gives them."""


def datasets(registry: Path = REGISTRY) -> dict[str, Dataset]:
    """The registry by name."""
    raw = tomllib.loads(registry.read_text("utf-8"))
    return {
        name: Dataset(
            name,
            one["title"],
            one["doi"],
            one["licence"],
            one["file"],
            one["sha256"],
            one["note"],
            dict(one.get("set", {})),
        )
        for name, one in raw.items()
    }


def add_dataset(
    store: LogStore, name: str, file: Path, *, now: datetime, registry: Path = REGISTRY, progress: Progress = silent
) -> LoadReport:
    """Check a local copy of a public log and load it with its mapping.

    Raises SettingError for a name the registry lacks, FormatError when the checksum differs; nothing is loaded then.
    """
    known = datasets(registry)
    if name not in known:
        raise SettingError(
            f"The registry has no dataset {name!r}.", fix=f"Choose one of: {', '.join(known)}.", name=name
        )
    dataset = known[name]
    if not file.is_file():
        raise FormatError(f"There is no file {file}.", fix=f"Fetch {dataset.file} from its DOI.", file=str(file))
    found = _sha256(file)
    if dataset.sha256 and found != dataset.sha256:
        raise FormatError(
            f"{file} is not the published {dataset.file}: its sha256 is {found}, not {dataset.sha256}.",
            fix="Fetch it again, or load it as any other file with `workbench load`.",
            file=str(file),
            value=found,
        )
    return load(store, [file], constants=dataset.constants, now=now, progress=progress)


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
