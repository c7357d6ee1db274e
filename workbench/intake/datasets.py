"""The registry of public event logs: what they are, how to check a local copy, how to load it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

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
    doi_source: str
    """project: in the project's own notes; public: in public repositories that use the log."""
    licence: str
    file: str
    """Name of the published file."""
    sha256: str
    """Of the published file; empty while none is recorded, and then the file cannot be verified."""
    card: Path
    """The data card."""
    mapping: Path | None
    """The profile it is loaded with; None: the columns are proposed from the file."""
    dossiers: int
    """0 where unknown, as are events and steps."""
    events: int
    steps: int
    counts_from: str
    """loaded: counted by loading the file; public: as its users publish them; unknown."""
    note: str
    constants: dict[str, str]
    """Columns the file does not carry, as `--set` gives them."""


def datasets(registry: Path = REGISTRY) -> dict[str, Dataset]:
    """The registry by name. Raises FormatError when an entry lacks a field or the file is no registry."""
    try:
        raw = tomllib.loads(registry.read_text("utf-8"))
        return {name: _dataset(name, one, registry.parent) for name, one in raw.items()}
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as exc:
        raise FormatError(
            f"{registry} is no registry of datasets: {exc}.",
            fix="Compare it with datasets/registry.toml.",
            file=str(registry),
        ) from exc


def _dataset(name: str, one: Mapping[str, Any], folder: Path) -> Dataset:
    facts: dict[str, Any] = {
        key: one[key] for key in ("title", "doi", "doi_source", "licence", "file", "sha256", "counts_from", "note")
    }
    facts |= {key: int(one[key]) for key in ("dossiers", "events", "steps")}
    mapping = folder / one["mapping"] if one["mapping"] else None
    return Dataset(name, card=folder / one["card"], mapping=mapping, constants=dict(one["set"]), **facts)


def add_dataset(
    store: LogStore,
    name: str,
    file: Path,
    *,
    now: datetime,
    unverified: bool = False,
    registry: Path = REGISTRY,
    progress: Progress = silent,
) -> LoadReport:
    """Check a local copy of a public log and load it with its mapping.

    Raises SettingError for a name the registry lacks, or when the registry has no checksum and `unverified` is not
    given; FormatError when the checksum differs, which `unverified` does not allow either. Nothing is loaded then.
    """
    known = datasets(registry)
    if name not in known:
        raise SettingError(
            f"The registry has no dataset {name!r}.", fix=f"Choose one of: {', '.join(known)}.", name=name
        )
    dataset = known[name]
    if not file.is_file():
        raise FormatError(f"There is no file {file}.", fix=f"Fetch {dataset.file} from its DOI.", file=str(file))
    if not dataset.sha256 and not unverified:
        raise SettingError(
            f"The registry has no sha256 of {dataset.file}: it cannot be verified.",
            fix="Load it all the same with --unverified (in Python: unverified=True).",
            name=name,
        )
    found = _sha256(file)
    if dataset.sha256 and found != dataset.sha256:
        raise FormatError(
            f"{file} is not the published {dataset.file}: its sha256 is {found}, not {dataset.sha256}.",
            fix="Fetch it again, or load it as any other file with `workbench load`.",
            file=str(file),
            value=found,
        )
    return load(store, [file], profile=dataset.mapping, constants=dataset.constants, now=now, progress=progress)


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
