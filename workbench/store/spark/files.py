"""Folders of the cluster's storage (local, hdfs://, s3a://, abfs://) through Hadoop's file systems."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import StoreError

TABLES = ("dossiers", "events", "pauses")
_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]+://")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a folder."""

    path: str
    name: str
    bytes: int
    changed: int
    """Milliseconds since 1970."""
    is_folder: bool


def location(folder: str | Path) -> str:
    """A folder as the cluster names it; a path without a scheme is one of this machine."""
    text = str(folder)
    return text.rstrip("/") if _SCHEME.match(text) else Path(text).absolute().as_uri()


class Storage:
    """What lies in the folders a session reaches."""

    def __init__(self, session: Any) -> None:
        self._jvm = session.sparkContext._jvm
        self._conf = session.sparkContext._jsc.hadoopConfiguration()

    def items(self, folder: str) -> list[Item]:
        """The entries of a folder by name; empty when it does not exist. Raises StoreError when it cannot be reached."""
        path = self._jvm.org.apache.hadoop.fs.Path(folder)
        try:
            system = path.getFileSystem(self._conf)
            if not system.exists(path):
                return []
            found = list(system.listStatus(path))
        except Exception as exc:
            text = str(getattr(exc, "java_exception", exc)).splitlines()[0][:300]
            raise StoreError(
                f"{folder} cannot be read: {text}",
                fix="Check the address, and the keys and jars of the object storage (docs/spark.md).",
                path=folder,
            ) from exc
        items = [
            Item(
                str(one.getPath().toString()),
                str(one.getPath().getName()),
                int(one.getLen()),
                int(one.getModificationTime()),
                bool(one.isDirectory()),
            )
            for one in found
        ]
        return sorted(items, key=lambda one: one.name)

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""
        found = self._jvm.org.apache.hadoop.fs.Path(path)
        return bool(found.getFileSystem(self._conf).exists(found))

    def remove(self, path: str) -> None:
        """Delete a file or a whole folder."""
        found = self._jvm.org.apache.hadoop.fs.Path(path)
        found.getFileSystem(self._conf).delete(found, True)

    def fetch(self, item: Item, folder: Path) -> Path:
        """A copy of a small file in a folder of this machine."""
        source = self._jvm.org.apache.hadoop.fs.Path(item.path)
        target = folder / item.name
        if item.path.startswith("file:"):
            shutil.copyfile(source.toUri().getPath(), target)
        else:
            there = self._jvm.org.apache.hadoop.fs.Path(target.absolute().as_uri())
            source.getFileSystem(self._conf).copyToLocalFile(False, source, there, True)
        return target

    def write(self, path: str, content: str) -> None:
        """Write a small text file, which appears whole or not at all."""
        target = self._jvm.org.apache.hadoop.fs.Path(path)
        aside = self._jvm.org.apache.hadoop.fs.Path(path + ".part")
        system = target.getFileSystem(self._conf)
        stream = system.create(aside, True)
        try:
            stream.write(bytearray(content.encode()))
        finally:
            stream.close()
        system.delete(target, False)
        system.rename(aside, target)


def log_files(storage: Storage, folder: str) -> dict[str, list[Item]]:
    """The Parquet files of dossiers, events and pauses in a folder: `events.parquet`, `events-0001.parquet`, or a
    folder `events.parquet/` or `events/` of files as Spark writes it.

    Raises StoreError when the folder holds no events.
    """
    out: dict[str, list[Item]] = {}
    for item in storage.items(folder):
        table = re.match(r"^(dossiers|events|pauses)(-\d+)?(\.parquet)?$", item.name)
        if table is None or item.name.startswith((".", "_")):
            continue
        if item.is_folder:
            parts = [one for one in storage.items(item.path) if one.name.endswith(".parquet")]
        else:
            parts = [item] if item.name.endswith(".parquet") else []
        out.setdefault(table[1], []).extend(parts)
    if not out.get("events"):
        raise StoreError(
            f"{folder} holds no events.parquet.",
            fix="Name a folder with events*.parquet (and dossiers*.parquet, pauses*.parquet), as `workbench synth` or "
            "`workbench export --table rows` write it.",
            path=folder,
        )
    return out


def fingerprint(items: Iterable[Item], *facts: str) -> str:
    """A short text that changes when a file, or what is done with it, changes: names, sizes, times of change."""
    lines = sorted(f"{one.name}\t{one.bytes}\t{one.changed}" for one in items)
    return hashlib.sha256("\n".join([*lines, *facts]).encode()).hexdigest()[:16]
