"""The Python API: `import workbench as wb; log = wb.open("country.duckdb")`.

A `Log` is a store with the steps as methods; each returns a small result of tables and numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import ibis.expr.types as ir
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
from workbench.errors import SelectionError
from workbench.export.bars import bar_picture
from workbench.export.comparing import interval_picture, parts_picture, square_picture
from workbench.export.picture import svg
from workbench.export.stills import Svg, Table, candidates_picture, part_colours, part_names, reason_text
from workbench.export.timeline import timeline_picture
from workbench.harmonise.comparison.compare import Comparison, compare_organisations
from workbench.harmonise.discovery.search import EVALUATIONS, SECONDS
from workbench.harmonise.migration.migration import MigrationPlan, migration_plan
from workbench.harmonise.migration.tracking import Tracking, track_distance
from workbench.harmonise.recommendation.cost import CostParameters
from workbench.harmonise.recommendation.cost_assessment import CostAssessment, assess_cost
from workbench.harmonise.recommendation.online_readiness import OnlineReadiness, online_readiness
from workbench.harmonise.recommendation.recommend import Recommendation, Recommendations, recommend
from workbench.harmonise.unification.unify import Harmonisation, harmonise_procedure
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps, published_steps
from workbench.harmonise.vocabulary.review import accept, apply_vocabulary
from workbench.harmonise.vocabulary.vocabulary import Vocabulary, propose_vocabulary
from workbench.i18n import Language, format_number
from workbench.indicators import (
    Indicators,
    PeriodChanges,
    Reconciliation,
    ReportTable,
    WatchList,
    compute_indicators,
    period_changes,
    read_portal_scores,
    reconcile,
    report_table,
    watch_list,
)
from workbench.indicators.period_changes import Against
from workbench.indicators.periods import Every
from workbench.intake import Preview
from workbench.intake import load as load_sources
from workbench.intake import preview as preview_sources
from workbench.intake.datasets import Dataset, add_dataset
from workbench.intake.datasets import datasets as registered_datasets
from workbench.intake.glance import Glance
from workbench.intake.glance import glance as glance_at
from workbench.intake.load import LoadReport
from workbench.intake.quality import QualityReport, dossiers_behind, quality
from workbench.mining.conformance import Conformance, check_conformance
from workbench.mining.dfg import Dfg, discover_dfg
from workbench.mining.discovery import discover_model
from workbench.mining.dotted import DottedChart, Spectrum, dotted_chart, performance_spectrum
from workbench.mining.model import Bpmn, PetriNet
from workbench.mining.organisation import Handovers, Workload, handovers, workload
from workbench.mining.performance import Performance, performance
from workbench.mining.rework import Rework, rework
from workbench.mining.variants import Variants, variants
from workbench.mining.waiting import WaitingCauses, waiting_causes
from workbench.progress import Progress, silent
from workbench.reference import province_name
from workbench.results import records
from workbench.selection import Selection
from workbench.simulate import Change, WhatIf, load_scenario, observe, what_if
from workbench.simulate import synthesise as synthesise_scenario
from workbench.sources import Profile
from workbench.store import LogStore, open_store
from workbench.store.ledger import LedgerReport as RetractReport
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


def bars(values: Mapping[str, float], *, unit: str = "", digits: int | None = None, language: Language = "vi") -> Svg:
    """Lying bars from zero, one a name, in the order given; organisation codes become their names."""
    named = [(province_name(name), None if pd.isna(value) else float(value)) for name, value in values.items()]
    return Svg(svg(bar_picture(named, unit=unit, language=language, digits=digits)))


def intervals(
    table: pd.DataFrame,
    *,
    name: str,
    value: str,
    low: str = "low",
    high: str = "high",
    unit: str = "",
    reference: float | None = None,
    digits: int = 1,
    language: Language = "vi",
) -> Svg:
    """Dots with their intervals, one a row of `table`, from the columns named; `reference` is a dashed line."""
    columns = zip(table[name], table[value], table[low], table[high], strict=True)
    rows = [(province_name(str(one)), *(_known(number) for number in numbers)) for one, *numbers in columns]
    return Svg(svg(interval_picture(rows, unit=unit, reference=reference, language=language, digits=digits)))  # type: ignore[arg-type]


def square(
    table: pd.DataFrame, *, rows: str = "", columns: str = "", digits: int = 2, language: Language = "vi"
) -> Svg:
    """A table of numbers as a field of squares, darker for more; organisation codes become their names."""
    named = table.rename(index=province_name, columns=province_name)
    return Svg(svg(square_picture(named, rows=rows, columns=columns, language=language, digits=digits)))


def parts(frame: pd.DataFrame, *, language: Language = "vi") -> Svg:
    """Every row of `frame` as a bar of 100 %, split into its columns; causes of waiting keep their colours.

    Codes of organisations and of causes become their names.
    """
    rows = [(province_name(str(name)), {str(k): float(v) for k, v in row.items()}) for name, row in frame.iterrows()]
    return Svg(
        svg(
            parts_picture(
                rows, part_names(frame.columns, language), colours=part_colours(frame.columns), language=language
            )
        )
    )


def candidates(result: Harmonisation, *, language: Language = "vi") -> Svg:
    """The candidates of a harmonisation: F against size, the Pareto front joined, the recommended one ringed."""
    return Svg(svg(candidates_picture(result, language=language)))


def reasons(result: Harmonisation, *, language: Language = "vi") -> list[str]:
    """Why the recommended candidate of a harmonisation is recommended, one sentence a reason."""
    return [reason_text(one, language) for one in result.reasons]


def table(
    frame: pd.DataFrame, *, columns: Sequence[str] | None = None, limit: int = 12, language: Language = "vi"
) -> Table:
    """The first rows of a table for people: headings, codes, durations and shares in their words."""
    return Table(frame, columns=columns, limit=limit, language=language)


def datasets() -> dict[str, Dataset]:
    """The registry of public event logs by name."""
    return registered_datasets()


def number(value: float, *, digits: int | None = None, language: Language = "vi") -> str:
    """A number as people write it: `1.234,5` in Vietnamese."""
    return format_number(value, language, digits)


def preview(
    *paths: str | Path, profile: str | Path | Profile | None = None, set: Mapping[str, str] | None = None
) -> Preview:
    """What a load would read: tables, first rows and the proposed mapping with its reasons; nothing is loaded."""
    return preview_sources([Path(path) for path in paths], profile=profile, constants=dict(set or {}))


def glance(
    *paths: str | Path,
    profile: str | Path | Profile | None = None,
    set: Mapping[str, str] | None = None,
    limit: int = 100,
    memory_limit: str = "6GB",
    threads: int = 0,
) -> Glance:
    """Graph, variants and durations straight from files; nothing is loaded and nothing is cleaned."""
    return glance_at(
        [Path(path) for path in paths],
        profile=profile,
        constants=dict(set or {}),
        limit=limit,
        memory_limit=memory_limit,
        threads=threads,
    )


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


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
        return f"<b>{escape(repr(self)[1:-1])}</b>{Table(self.procedures(), limit=10)._repr_html_()}"

    def _chosen(self, facts: Mapping[str, Any]) -> Selection:
        selection = Selection.from_dict(facts)
        self.store.check(selection)
        return selection

    def load(
        self,
        *paths: str | Path,
        profile: str | Path | Profile | None = None,
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

    def add_dataset(
        self, name: str, file: str | Path, *, unverified: bool = False, now: datetime | None = None
    ) -> LoadReport:
        """Load a local copy of a public log of the registry after checking its sha256."""
        report = add_dataset(self.store, name, Path(file), now=now or datetime.now(), unverified=unverified)
        if report.load_id is not None:
            prepare_clocks(self.store)
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

    def dossiers_behind(self, code: str, *, province: str | None = None, limit: int = 100) -> pd.DataFrame:
        """The dossiers behind a count of the quality report: a trace of synchronisation or a check."""
        return dossiers_behind(self.store, code, province=province, limit=limit)

    def quarantine(self) -> pd.DataFrame:
        """The refused rows with file, line, column, value and reason; personal fields are masked."""
        return self.store.sql("select * from quarantine order by load_id, source, line")

    def dossiers(self, **selection: Any) -> ir.Table:
        """The dossiers of a selection as an Ibis table; `fetch` gives its rows."""
        return self.store.dossiers(self._chosen(selection))

    def events(self, **selection: Any) -> ir.Table:
        """The chained events of a selection as an Ibis table, with `step_id` and `next_step_id`."""
        return self.store.events(self._chosen(selection))

    def labels(self) -> dict[int, str]:
        """Activity and step ids with their labels."""
        return self.store.labels()

    def fetch(self, expression: ir.Expr) -> pd.DataFrame:
        """The rows of an Ibis expression."""
        return self.store.fetch(expression)

    def sql(self, text: str, parameters: Mapping[str, Any] | Sequence[Any] | None = None) -> pd.DataFrame:
        """The rows of a DuckDB query; values go in by parameters (`$name` or `?`)."""
        return self.store.sql(text, parameters)

    def dfg(self, *, sample: int | None = None, **selection: Any) -> Dfg:
        """The directly-follows graph of a selection; above `sample` events durations come from a sample of dossiers."""
        return discover_dfg(self.store, self._chosen(selection), sample=sample)

    def variants(self, *, limit: int | None = None, **selection: Any) -> Variants:
        """The variants of a selection, most frequent first."""
        return variants(self.store, self._chosen(selection), limit=limit)

    def performance(self, **selection: Any) -> Performance:
        """Throughput and waiting of a selection."""
        return performance(self.store, self._chosen(selection))

    def waiting(self, *, by: str = "province_code", progress: Progress = silent, **selection: Any) -> WaitingCauses:
        """Why the dossiers of a selection wait: batching, contention, prioritisation, unavailability, extraneous."""
        return waiting_causes(self.store, self._chosen(selection), by=by, progress=progress)

    def what_if(self, *changes: Change, dossiers: int = 2_000, seed: int = 1, **selection: Any) -> WhatIf:
        """Today's practice of a selection simulated with and without changes (`workbench.simulate`)."""
        practice = observe(self.store, self._chosen(selection))
        return what_if(practice, changes, dossiers=dossiers, seed=seed)

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

    def timeline(self, dossier_code: str, *, language: Language = "vi") -> Svg:
        """One dossier drawn over time under the four clocks; SelectionError when the store lacks it."""
        keys = self.store.sql(
            "select dossier_key, province_code from dossier where dossier_code = $code", {"code": dossier_code}
        )
        if keys.empty:
            raise SelectionError(
                f"The store has no dossier {dossier_code!r}.",
                fix="Look it up with `log.dossiers()`.",
                value=dossier_code,
            )
        key, province = int(keys["dossier_key"][0]), str(keys["province_code"][0])
        rows = self.clocks(provinces=(province,)).table
        pauses = self.store.sql(
            "select paused_from, paused_to, reason from pause where dossier_key = $key order by 1", {"key": key}
        )
        row = records(rows[rows["dossier_key"] == key])[0]
        return Svg(svg(timeline_picture(row, list(pauses.itertuples(index=False, name=None)), language=language)))

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

    def dotted_chart(self, *, dossiers: int = 300, seed: int = 1, **selection: Any) -> DottedChart:
        """Events of a sample of dossiers as points in time."""
        return dotted_chart(self.store, self._chosen(selection), dossiers=dossiers, seed=seed)

    def performance_spectrum(
        self, *, segments: tuple[tuple[str, str], ...] = (), top: int = 8, lines: int = 400, **selection: Any
    ) -> Spectrum:
        """Passages from one step to the next as lines in time."""
        return performance_spectrum(self.store, self._chosen(selection), segments=segments, top=top, lines=lines)

    def rework(self, **selection: Any) -> Rework:
        """Repeated steps, loops and supplements."""
        return rework(self.store, self._chosen(selection))

    def handovers(self, **selection: Any) -> Handovers:
        """Hand-overs between units, and work sent straight back."""
        return handovers(self.store, self._chosen(selection))

    def workload(self, **selection: Any) -> Workload:
        """Work by hour of the week, unit and month."""
        return workload(self.store, self._chosen(selection))

    def changes(
        self,
        *,
        every: Every = "month",
        against: Against = "previous",
        by: str = "province_2025",
        clock: str = "portal",
        **selection: Any,
    ) -> PeriodChanges:
        """The latest month, quarter or year against an earlier one: differences with intervals, and who moved most."""
        return period_changes(self.store, self._chosen(selection), every=every, against=against, by=by, clock=clock)

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

    def recommend(
        self,
        procedure: str,
        *,
        by: str = "province_code",
        parameters: CostParameters | None = None,
        **selection: Any,
    ) -> Recommendations:
        """Redesign moves for every organisation that runs a procedure; VND by `parameters`, else unverified defaults."""
        chosen = self._chosen({"procedure": procedure, **selection})
        with canonical_steps(self.store, chosen) as state:
            return recommend(self.store, chosen, by=by, parameters=parameters, vocabulary=state)

    def cost(
        self,
        procedure: str,
        *,
        parameters: CostParameters | None = None,
        after: Mapping[str, float] | None = None,
        recommendations: Sequence[Recommendation] = (),
        **selection: Any,
    ) -> CostAssessment:
        """Compliance cost now and after a change; without `parameters` the result says that nothing can be computed.

        `CostParameters()` holds unverified defaults; `CostParameters().confirmed(papers=3)` takes a value over.
        """
        chosen = self._chosen({"procedure": procedure, **selection})
        return assess_cost(self.store, chosen, parameters=parameters, after=after, recommendations=recommendations)

    def online_readiness(
        self,
        procedure: str,
        *,
        by: str = "province_code",
        papers: Mapping[str, str | None] | None = None,
        **selection: Any,
    ) -> OnlineReadiness:
        """What keeps a procedure from full online service."""
        chosen = self._chosen({"procedure": procedure, **selection})
        with canonical_steps(self.store, chosen):
            return online_readiness(self.store, chosen, by=by, papers=papers)

    def migration_plan(
        self, procedure: str, model: Bpmn, *, by: str = "province_code", progress: Progress = silent, **selection: Any
    ) -> MigrationPlan:
        """What every organisation must change to work by a model, and who goes first."""
        chosen = self._chosen({"procedure": procedure, **selection})
        with canonical_steps(self.store, chosen, known=model.steps):
            return migration_plan(self.store, chosen, model, by=by, progress=progress)

    def track(
        self,
        procedure: str,
        model: Bpmn,
        *,
        since: date | None = None,
        by: str = "province_code",
        progress: Progress = silent,
        **selection: Any,
    ) -> Tracking:
        """Monthly distance of every organisation to a model, before and after a date."""
        chosen = self._chosen({"procedure": procedure, **selection})
        with canonical_steps(self.store, chosen, known=model.steps):
            return track_distance(self.store, chosen, model, since=since, by=by, progress=progress)

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
        seconds: float = SECONDS,
        evaluations: int = EVALUATIONS,
        seed: int = 1,
        progress: Progress = silent,
        **selection: Any,
    ) -> Harmonisation:
        """One unified procedure from the logs of all organisations."""
        chosen = self._chosen({"procedure": procedure, **selection})
        with canonical_steps(self.store, chosen):
            return harmonise_procedure(
                self.store, chosen, by=by, seconds=seconds, evaluations=evaluations, seed=seed, progress=progress
            )
