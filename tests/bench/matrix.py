"""Every organisation against the model of every procedure: 34 provinces and 40 procedures of synthetic national logs.

The scenario has fewer than forty procedures, so logs of several seeds stand side by side in one store, each with
procedure and dossier codes of its own. The proposed step names are in force, as a reformer would have them before
comparing; proposing them is not part of the time.
"""

from __future__ import annotations

import json
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

import workbench as wb
from tests.bench.speed import machine
from workbench.charts.records import records
from workbench.harmonise.vocabulary.vocabulary import propose_vocabulary
from workbench.intake import load
from workbench.mining.fit_matrix import fit_matrix
from workbench.selection import Selection
from workbench.store import LogStore, open_store
from workbench.store.vocabulary import Judgement, write_vocabulary

PROCEDURES = 40
LIMIT_SECONDS = 10.0
"""For one alignment."""
_NOW = datetime(2026, 11, 1)


def measure(dossiers: int = 200_000) -> dict[str, Any]:
    """Seconds of the matrix over about `dossiers` dossiers, and what it covers."""
    with tempfile.TemporaryDirectory() as temporary, open_store(Path(temporary) / "matrix.duckdb") as store:
        procedures, seed = 0, 0
        while procedures < PROCEDURES:
            seed += 1
            folder = Path(temporary) / f"log{seed}"
            wb.synthesise(folder, dossiers=dossiers // 4, seed=seed)
            procedures += _rename(folder, seed, PROCEDURES - procedures)
            load(store, [folder], now=_NOW)
        _name_steps(store)
        began = time.perf_counter()
        found = fit_matrix(store, by="province_2025", seconds=LIMIT_SECONDS)
        took = time.perf_counter() - began
        return {"machine": machine(), "seconds": round(took, 1), **_facts(store), **_covered(found.table, found.models)}


def _rename(folder: Path, seed: int, most: int) -> int:
    """Give a log codes of its own and keep at most `most` of its procedures; their number."""
    con = duckdb.connect()
    codes = con.execute(f"select distinct procedure_code from '{folder}/dossiers*.parquet' order by 1 limit ?", [most])
    kept = [row[0] for row in codes.fetchall()]
    con.execute(f"create table chosen as select dossier_code from '{folder}/dossiers*.parquet' "
                "where list_contains(?, procedure_code)", [kept])  # fmt: skip
    for file in sorted(folder.glob("*.parquet")):
        code = f", '{seed + 3}' || procedure_code[2:] as procedure_code" if file.name.startswith("dossiers") else ""
        con.execute(
            f"copy (select * replace (dossier_code || '/{seed}' as dossier_code{code}) from '{file}' "
            f"semi join chosen using (dossier_code)) to '{file}.part' (format parquet)"
        )
        Path(f"{file}.part").replace(file)
    return len(kept)


def _name_steps(store: LogStore) -> None:
    rows = [
        Judgement(row.organisation, row.label, row.step, row.confidence, "proposed", "bench", _NOW)
        for (code,) in store.con.execute("select distinct procedure_code from dossier order by 1").fetchall()
        for row in records(propose_vocabulary(store, Selection(procedure=code)).proposals)
    ]
    write_vocabulary(store, rows, now=_NOW)


def _facts(store: LogStore) -> dict[str, int]:
    return {name: int(store.scalar(f"select count(*) from {name}")) for name in ("dossier", "event")}


def _covered(table: Any, models: Any) -> dict[str, Any]:
    judged = table[table["fitness"].notna()]
    return {
        "procedures": int(models["procedure"].nunique()),
        "procedures_without_model": int((models["why"].notna()).sum()),
        "organisations": int(table["organisation"].nunique()),
        "cells": len(judged),
        "variants": int(models["variants"].sum()),
        "variants_aligned": int(models["aligned"].sum()),
        "dossiers_not_aligned": int(table["not_aligned"].sum()),
        "mean_fitness": round(float((judged["fitness"] * judged["dossiers"]).sum() / judged["dossiers"].sum()), 4),
    }


def write(found: dict[str, Any], out: Path) -> str:
    """The figures as JSON and a short page; returns the page."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "matrix.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    where = found["machine"]
    text = (
        "# Every organisation against the model of every procedure\n\n"
        f"{found['organisations']} organisations × {found['procedures']} procedures ({found['cells']} cells with dossiers) "
        f"in {found['seconds']} s: {found['dossier']:,} dossiers, {found['event']:,} events, {found['variants']:,} variants "
        f"of which {found['variants_aligned']:,} were aligned within {LIMIT_SECONDS:.0f} s each "
        f"({found['dossiers_not_aligned']} dossiers were not). Mean log fitness {found['mean_fitness']}.\n\n"
        "Synthetic national logs of several seeds side by side, proposed step names in force; models discovered per procedure (inductive, "
        f"noise 0.2). {where['cores']} cores, {where['memory_gb']} GB, load {where['load_average']} at the start, "
        f"{where['system']}.\n\n`python -m tests.bench matrix`\n"
    )
    (out / "matrix.md").write_text(text, "utf-8")
    return text
