"""The Python API: `import workbench as wb; log = wb.open("country.duckdb")`.

A `Log` is a store with the steps as methods; each returns a small result of tables and numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd

from workbench.clock import (
    ClockDifferences,
    ClockEvaluation,
    OnTimeRates,
    clock_differences,
    evaluate_clocks,
    on_time_rates,
    prepare_clocks,
)
from workbench.export.bars import bar_picture
from workbench.export.bpmn_drawing import draw_bpmn
from workbench.export.map_picture import map_picture
from workbench.export.picture import svg
from workbench.export.procedure_picture import procedure_picture
from workbench.harmonise.canonical_steps import canonical_steps, published_steps
from workbench.harmonise.compare import Comparison, compare_organisations
from workbench.harmonise.recommend import Recommendations, recommend
from workbench.harmonise.review import accept, apply_vocabulary
from workbench.harmonise.unify import Harmonisation, harmonise_procedure
from workbench.harmonise.vocabulary import Vocabulary, propose_vocabulary
from workbench.i18n import Language, t
from workbench.indicators import (
    Indicators,
    Reconciliation,
    ReportTable,
    WatchList,
    compute_indicators,
    read_portal_scores,
    reconcile,
    report_table,
    watch_list,
)
from workbench.indicators.periods import Every
from workbench.intake import load as load_sources
from workbench.intake.load import LoadReport
from workbench.intake.quality import QualityReport, quality
from workbench.mining.conformance import Conformance, check_conformance
from workbench.mining.dfg import Dfg, discover_dfg
from workbench.mining.discovery import discover_model
from workbench.mining.model import Bpmn, PetriNet
from workbench.mining.performance import Performance, performance
from workbench.mining.variants import Variants, variants
from workbench.progress import Progress, silent
from workbench.reference import province_name
from workbench.selection import Selection
from workbench.simulate import load_scenario
from workbench.simulate import synthesise as synthesise_scenario
from workbench.store import LogStore, open_store
from workbench.store.ledger import LoadReport as RetractReport
from workbench.store.loading import retract
from workbench.store.vocabulary import undo_vocabulary


def open(path: str | Path, *, read_only: bool = False, memory_limit: str = "6GB", threads: int = 0) -> Log:
    """The log in the store file `path`, made when it does not exist (unless `read_only`)."""
    return Log(open_store(path, read_only=read_only, memory_limit=memory_limit, threads=threads))


def synthesise(
    out: str | Path,
    *,
    dossiers: int = 5_000,
    seed: int = 1,
    deviations: bool = True,
    noise: float = 1.0,
    scenario: str | Path | None = None,
    progress: Progress = silent,
) -> Path:
    """The folder `out` with a synthetic national log and its truth, ready to load."""
    synthesise_scenario(
        load_scenario(None if scenario is None else Path(scenario)),
        dossiers=dossiers,
        seed=seed,
        out=Path(out),
        deviations=deviations,
        noise=noise,
        progress=progress,
    )
    return Path(out)


class Svg:
    """A still picture: shown by a notebook, saved by `save`."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __repr__(self) -> str:
        return f"<Svg {len(self.content)} bytes>"

    def _repr_svg_(self) -> str:
        return self.content.decode()

    def save(self, path: str | Path) -> Path:
        """Write the picture to an .svg file."""
        Path(path).write_bytes(self.content)
        return Path(path)


def picture(result: Dfg | Bpmn | Harmonisation | Comparison | OnTimeRates, *, language: Language = "vi") -> Svg:
    """A still picture of a result: process map, BPMN diagram, F per organisation or on-time rates."""
    if isinstance(result, Dfg):
        return Svg(svg(map_picture(result, language=language)))
    if isinstance(result, Bpmn):
        return Svg(svg(procedure_picture(draw_bpmn(result, language=language))))
    if isinstance(result, Harmonisation):
        return Svg(svg(procedure_picture(draw_bpmn(result.bpmn, lanes=result.lanes, language=language))))
    if isinstance(result, Comparison):
        values = _bars(result.organisations["organisation"], result.organisations["f"])
        medoid = result.medoid and province_name(result.medoid)
        return Svg(svg(bar_picture(values, unit="F", language=language, digits=3, marked=[medoid] if medoid else ())))
    names = [t(language, f"clock.name.{clock}") for clock in result.table["clock"]]
    if result.by is not None:
        names = [f"{group}: {name}" for group, name in zip(result.table["group"], names, strict=True)]
    return Svg(svg(bar_picture(_bars(names, result.table["rate"] * 100), unit="%", language=language, digits=1)))


def _bars(names: Iterable[str], values: Iterable[float]) -> list[tuple[str, float | None]]:
    pairs = zip(names, values, strict=True)
    return [(province_name(name), None if pd.isna(value) else float(value)) for name, value in pairs]


class Log:
    """A store with the steps of the workbench as methods.

    Selections are given as keywords: `log.dfg(procedure="1.012783", provinces=("H56",))`.
    """

    def __init__(self, store: LogStore) -> None:
        self.store = store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def __repr__(self) -> str:
        basis = self.store.basis()
        said = ", synthetic" if basis.synthetic else ""
        return f"<Log {self.store.path.name}: {basis.n_dossiers} dossiers, {basis.n_events} events{said}>"

    def _repr_html_(self) -> str:
        return f"<b>{escape(repr(self)[1:-1])}</b>{self.procedures().head(10).to_html(index=False)}"

    def _chosen(self, facts: Mapping[str, Any]) -> Selection:
        selection = Selection.from_dict(facts)
        self.store.check(selection)
        return selection

    def load(
        self,
        *paths: str | Path,
        profile: str | None = None,
        set: Mapping[str, str] | None = None,
        now: datetime | None = None,
        progress: Progress = silent,
    ) -> LoadReport:
        """Load files or folders, all or nothing; `set` gives columns the files lack."""
        moment = now or datetime.now()
        files = [Path(path) for path in paths]
        report = load_sources(
            self.store, files, profile=profile, constants=dict(set or {}), now=moment, progress=progress
        )
        if report.load_id is not None:
            prepare_clocks(self.store, progress=progress)
        return report

    def retract(self, load_id: int) -> RetractReport:
        """Take a load back."""
        report = retract(self.store, load_id)
        prepare_clocks(self.store)
        return report

    def procedures(self) -> pd.DataFrame:
        """Procedures with their numbers of dossiers, organisations and events."""
        return self.store.sql(
            "select procedure_code, any_value(procedure_name) as procedure_name, count(*) as dossiers, "
            "count(distinct province_code) as organisations, sum(event_count)::bigint as events "
            "from dossier group by 1 order by dossiers desc, 1"
        )

    def quality(self) -> QualityReport:
        """The data quality report."""
        return quality(self.store)

    def dfg(self, **selection: Any) -> Dfg:
        """The directly-follows graph of a selection."""
        return discover_dfg(self.store, self._chosen(selection))

    def variants(self, *, limit: int | None = None, **selection: Any) -> Variants:
        """The variants of a selection, most frequent first."""
        return variants(self.store, self._chosen(selection), limit=limit)

    def performance(self, **selection: Any) -> Performance:
        """Throughput and waiting of a selection."""
        return performance(self.store, self._chosen(selection))

    def discover(self, *, algorithm: str = "split", **selection: Any) -> Bpmn:
        """A model discovered from the variants of a selection."""
        return discover_model(variants(self.store, self._chosen(selection)).counts, algorithm=algorithm)

    def conformance(self, model: Bpmn | PetriNet, **selection: Any) -> Conformance:
        """Where the dossiers of a selection leave a model, by alignments."""
        return check_conformance(self.store, self._chosen(selection), model)

    def clocks(self, **selection: Any) -> ClockEvaluation:
        """Every dossier under the four legal clocks."""
        return evaluate_clocks(self.store, self._chosen(selection))

    def on_time(self, *, by: str | None = None, **selection: Any) -> OnTimeRates:
        """On-time rates under the four clocks, with intervals."""
        return on_time_rates(self.store, self._chosen(selection), by=by)

    def clock_differences(self, **selection: Any) -> ClockDifferences:
        """The dossiers on which the four clocks differ, and why."""
        return clock_differences(self.store, self._chosen(selection))

    def indicators(self, *, by: str | None = None, every: Every | None = None, **selection: Any) -> Indicators:
        """The indicators of QĐ 766 recomputed from the log; the portal's own score is the official one."""
        return compute_indicators(self.store, self._chosen(selection), by=by, every=every)

    def reconcile(
        self, scores: str | Path, *, by: str | None = None, units: Mapping[str, str] | None = None, **selection: Any
    ) -> Reconciliation:
        """The portal's scores in the file `scores` beside ours, with the difference explained."""
        return reconcile(self.indicators(by=by, **selection), read_portal_scores(Path(scores)), units=units)

    def report_table(self, *, by: str = "agency_code", clock: str = "local", **selection: Any) -> ReportTable:
        """Received and handled dossiers of a period, as the report forms count them."""
        return report_table(self.store, self._chosen(selection), by=by, clock=clock)

    def watch_list(
        self, *, clock: str = "portal", as_of: datetime | None = None, limit: int | None = None, **selection: Any
    ) -> WatchList:
        """Open dossiers that are overdue, due soon or stuck, the most urgent first."""
        return watch_list(self.store, self._chosen(selection), clock=clock, as_of=as_of, limit=limit)

    def propose_vocabulary(self, procedure: str, **selection: Any) -> Vocabulary:
        """Canonical steps proposed for the labels of a procedure."""
        chosen = self._chosen({"procedure": procedure, **selection})
        return propose_vocabulary(self.store, chosen, known=published_steps(self.store, chosen))

    def accept_vocabulary(
        self, vocabulary: Vocabulary, *, reviewer: str, minimum_confidence: float = 0.0, now: datetime | None = None
    ) -> int | None:
        """Put proposals in force in the name of a person; the number of the change, for undoing it."""
        moment = now or datetime.now()
        lines = accept(vocabulary, reviewer=reviewer, now=moment, minimum_confidence=minimum_confidence)
        return apply_vocabulary(self.store, lines, now=moment)

    def undo_vocabulary(self) -> int | None:
        """Take the latest change of the vocabulary back."""
        return undo_vocabulary(self.store)

    def recommend(self, procedure: str, *, by: str = "province_code", **selection: Any) -> Recommendations:
        """Redesign moves for every organisation that runs a procedure."""
        chosen = self._chosen({"procedure": procedure, **selection})
        with canonical_steps(self.store, chosen) as state:
            return recommend(self.store, chosen, by=by, vocabulary=state)

    def compare(self, procedure: str, *, by: str = "province_code", **selection: Any) -> Comparison:
        """Organisations that run one procedure, side by side."""
        chosen = self._chosen({"procedure": procedure, **selection})
        with canonical_steps(self.store, chosen):
            return compare_organisations(self.store, chosen, by=by)

    def harmonise(
        self,
        procedure: str,
        *,
        by: str = "province_code",
        seconds: float = 120.0,
        seed: int = 1,
        progress: Progress = silent,
        **selection: Any,
    ) -> Harmonisation:
        """One unified procedure from the logs of all organisations."""
        chosen = self._chosen({"procedure": procedure, **selection})
        with canonical_steps(self.store, chosen):
            return harmonise_procedure(self.store, chosen, by=by, seconds=seconds, seed=seed, progress=progress)
