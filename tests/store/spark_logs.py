"""Spark for the tests: one local session a process, and canonical Parquet folders made from frames."""

from __future__ import annotations

import importlib.util
import shutil
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from workbench.store.log_store import LogStore

NOW = datetime(2026, 1, 1)
LOCAL = "local[2]"
OPTIONS = {
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.log.level": "ERROR",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
"""Small logs: few tasks, a virtual machine that starts fast, and no Java classes made for every question."""
KEYS = ("dossier_key", "variant_key", "officer_key", "applicant_key", "load_id", "extra", "version_count")
"""What may differ between engines: numbers they give, and hashes with a key of their own."""


def needs_spark() -> None:
    """Skip where Spark cannot run."""
    if shutil.which("java") is None:
        pytest.skip("Java not present")
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark not present")


def same(given: pd.DataFrame, wanted: pd.DataFrame, order: list[str] | None = None) -> None:
    """Equal tables; floats to 1e-9, since engines add in another order."""
    frames = []
    for frame in (given, wanted):
        kept = frame.drop(columns=[name for name in KEYS if name in frame])
        frames.append((kept.sort_values(order) if order else kept).reset_index(drop=True))
    pd.testing.assert_frame_equal(*frames, rtol=1e-9, atol=1e-9)


def same_tables(given: LogStore, wanted: LogStore) -> None:
    """The prepared tables of two stores are equal, but for keys."""
    codes = {"event": ["position", "completed_at", "source_order", "activity"], "pause": ["paused_from", "reason"]}
    for name in ("dossier", "event", "pause"):
        frames = []
        for store in (given, wanted):
            frame = store.fetch(store.table(name))
            if name != "dossier":
                own = store.fetch(store.table("dossier").select("dossier_key", "province_code", "dossier_code"))
                frame = frame.drop(columns=["province_code"] if "province_code" in frame else []).merge(
                    own, on="dossier_key"
                )
            if name == "event":
                labels = store.labels()
                frame["activity"] = frame.pop("activity_id").map(labels)
                following = frame.pop("next_activity_id").astype(object)
                frame["next_activity"] = [labels.get(item) if pd.notna(item) else None for item in following]
            frames.append(frame)
        same(*frames, order=["province_code", "dossier_code", *codes.get(name, [])])


def write_folder(
    folder: Path, *, events: pd.DataFrame, dossiers: pd.DataFrame | None = None, pauses: pd.DataFrame | None = None
) -> Path:
    """A folder of canonical Parquet files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in (("events", events), ("dossiers", dossiers), ("pauses", pauses)):
        if frame is not None:
            frame.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


def left_behind() -> list[Path]:
    """Folders and files Spark makes where a process stands, found in the checkout."""
    root = Path(__file__).parents[2]
    places = {root, Path.cwd()}
    names = ("spark-warehouse", "metastore_db", "derby.log", "artifacts")
    return [place / name for place in places for name in names if (place / name).exists()]
