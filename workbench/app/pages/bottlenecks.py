"""Điểm nghẽn: where the time goes, and why."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from workbench.app import names, steps
from workbench.app.asked import waiting_options
from workbench.app.bind import Bound, bind
from workbench.app.card_tools import data_tools
from workbench.app.change_panels import waiting_comparison_panel
from workbench.app.components import basis_line, card, empty_state, graph, page_head, segments, simple_table, slot
from workbench.app.facts import WeekHours, week_hours
from workbench.app.ids import Ids
from workbench.app.panels import panel
from workbench.app.signatures import Signatures, signatures
from workbench.app.workspace import Page
from workbench.charts.durations import short_duration
from workbench.charts.records import records
from workbench.charts.waiting import cause_figure, open_figure, transition_figure, week_figure
from workbench.mining.deadlines import recorded_breaches
from workbench.mining.organisation import Handovers, Workload, handovers, workload
from workbench.mining.performance import Performance, performance
from workbench.mining.rework import Rework, rework
from workbench.mining.waiting import WaitingCauses, waiting_causes

ids = Ids("bottlenecks", "finding", "causes", "transitions", "steps", "handovers", "week", "grid", "signatures",
          "rework", "pingpong", "breaches", "staff", "load", "hours", "beside")  # fmt: skip
HOURS = ("completed", "received")
_MOST_ORGANISATIONS = 40


def layout(page: Page) -> html.Div:
    """The finding, causes, transitions, steps, hand-overs, hours."""
    return html.Div(
        [
            page_head(page, "bottlenecks"),
            slot(ids.finding, 90),
            slot(ids.steps, 320),
            html.Div([slot(ids.causes, 420), slot(ids.transitions, 420)], className="wb-two"),
            slot(ids.grid, 360),
            slot(ids.beside, 200),
            html.Div([slot(ids.handovers, 300), slot(ids.pingpong, 300)], className="wb-two"),
            html.Div([slot(ids.signatures, 300), slot(ids.rework, 300)], className="wb-two"),
            slot(ids.breaches, 300),
            html.Div(_hours(page), className="wb-controls"),
            html.Div([slot(ids.week, 300), slot(ids.load, 300)], className="wb-two"),
            slot(ids.staff, 300),
        ],
        className="wb-stack",
    )


def _hours(page: Page) -> Any:
    words = [(name, page.t(f"app_bottlenecks.hours.{name}")) for name in HOURS]
    return segments(
        page.t("app_bottlenecks.hours.label"), ids.hours, words, page.view.param("hours", "completed", HOURS)
    )


bind(Bound(ids.hours, "hours", default="completed", choices=HOURS))


def _waiting(page: Page) -> WaitingCauses | None:
    if steps.several_procedures(page):
        return None
    found: WaitingCauses | None = page.kept(waiting_causes, page.selection, **waiting_options(page))
    return found


@panel(ids.finding)
def show_finding(page: Page) -> Any:
    """The longest wait in words."""
    if steps.several_procedures(page):
        return steps.choose_procedure(page, "bottlenecks")
    found: WaitingCauses = page.long("app_bottlenecks.job", waiting_causes, page.selection, **waiting_options(page))
    if found.transitions.empty:
        return card(page.t("app_bottlenecks.finding"), empty_state(page.t("app_bottlenecks.no_waiting"), ""))
    total = float(found.overall["seconds"].sum())
    top = next(records(found.transitions))
    causes = found.overall.sort_values("seconds", ascending=False)
    sentence = page.t(
        "app_bottlenecks.sentence",
        source=top.source,
        target=top.target,
        share=page.percent(_waited(top) / total if total else None, 0),
        cause=page.t(f"mining.cause.{causes['cause'].iloc[0]}"),
        cause_share=page.percent(causes["share"].iloc[0], 0),
    )
    method = page.t(
        "app_bottlenecks.method",
        starts=page.t(f"app_bottlenecks.starts.{found.method.starts}"),
        availability=page.t(f"app_bottlenecks.availability.{found.method.availability}"),
        unknown=page.percent(found.method.without_resource, 0),
        paused=page.percent(found.paused_seconds / total if total else None, 0),
    )
    body = [html.P(sentence, className="wb-finding"), html.P(method, className="wb-caption")]
    return card(page.t("app_bottlenecks.finding"), body, basis=basis_line(page, found.basis))


def _waited(row: Any) -> float:
    parts = ("batching", "contention", "prioritisation", "unavailability", "extraneous")
    return float(sum(getattr(row, f"{part}_seconds") for part in parts))


@panel(ids.causes)
def show_causes(page: Page) -> Any:
    """Causes by organisation."""
    found = _waiting(page)
    if found is None:
        return None
    table = found.organisations
    table = table[~table["too_few"]]
    title = page.t("app_bottlenecks.causes.title")
    if table.empty:
        return card(title, empty_state(page.t("app.few.title"), page.t("app_bottlenecks.causes.few", few=page.few)))
    extraneous = table[table["cause"] == "extraneous"].sort_values("share", ascending=False)
    order = list(extraneous["organisation"])[:_MOST_ORGANISATIONS]
    named = {code: names.organisation(page, code) for code in order}
    drawn = cause_figure(table, named, order, language=page.language)
    return card(
        title, graph(drawn, label=title), caption=page.t("app_bottlenecks.causes.caption"),
        basis=basis_line(page, found.basis),
        tools=data_tools(page, "causes"),
    )  # fmt: skip


@panel(ids.transitions)
def show_transitions(page: Page) -> Any:
    """Pairs of steps with the most waiting."""
    found = _waiting(page)
    if found is None:
        return None
    title = page.t("app_bottlenecks.transitions.title")
    total = float(found.overall["seconds"].sum()) or 1.0
    palette = steps.colours(page)
    rows = []
    for row in records(found.transitions.head(12)):
        parts = {name: getattr(row, f"{name}_seconds") for name in found.overall["cause"]}
        main = max(parts, key=lambda name: parts[name])
        waited = sum(parts.values())
        rows.append(
            [
                steps.chips([row.source, row.target], palette),
                page.n(row.dossiers),
                page.percent(waited / total),
                page.t(f"mining.cause.{main}"),
            ]
        )
    heads = [page.t(f"app_bottlenecks.transitions.{name}") for name in ("path", "dossiers", "share", "cause")]
    return card(
        title, simple_table(heads, rows, numeric=(1, 2), label=title),
        caption=page.t("app_bottlenecks.transitions.caption"), basis=basis_line(page, found.basis),
        tools=data_tools(page, "transitions"),
    )  # fmt: skip


@panel(ids.steps)
def show_steps(page: Page) -> Any:
    """Steps with the time before them."""
    if steps.several_procedures(page):
        return None
    timing: Performance = page.ask_events(performance, page.selection)
    title = page.t("app_bottlenecks.steps.title")
    palette = steps.colours(page)
    working = bool(timing.steps["median_working_seconds"].notna().any())
    column = "median_working_seconds" if working else "median_seconds"
    rows = [
        [
            steps.chip(row.step, palette.get(row.step, "")),
            page.n(row.dossiers),
            short_duration(getattr(row, column), page.language, working=working),
            short_duration(row.p90_seconds, page.language),
            html.Div(html.Div(style={"width": f"{row.share * 100:.1f}%"}), className="wb-bar"),
            page.percent(row.share),
            page.percent(row.breach_share) if row.with_due else "–",
        ]
        for row in records(timing.steps.head(15))
    ]
    heads = [page.t(f"app_bottlenecks.steps.{name}") for name in
             ("step", "dossiers", "median", "p90", "bar", "share", "breaches")]  # fmt: skip
    return card(
        title, simple_table(heads, rows, numeric=(1, 2, 3, 5, 6), label=title),
        caption=page.t("app_bottlenecks.steps.caption"), basis=basis_line(page, timing.basis),
        tools=data_tools(page, "steps", "performance"),
    )  # fmt: skip


@panel(ids.handovers)
def show_handovers(page: Page) -> Any:
    """Hand-overs between units."""
    if steps.several_procedures(page):
        return None
    timing: Performance = page.ask_events(performance, page.selection)
    title = page.t("app_bottlenecks.handovers.title")
    if timing.handovers.empty:
        return card(title, empty_state(page.t("app_bottlenecks.handovers.none"), ""))
    rows = [
        [f"{row.unit} → {row.next_unit}", page.n(row.count), short_duration(row.median_seconds, page.language),
         page.percent(row.share)]
        for row in records(timing.handovers.head(10))
    ]  # fmt: skip
    heads = [page.t(f"app_bottlenecks.handovers.{name}") for name in ("units", "count", "median", "share")]
    caption = page.t("app_bottlenecks.handovers.caption", share=page.percent(timing.handover_share, 0))
    return card(title, simple_table(heads, rows, numeric=(1, 2, 3), label=title), caption=caption,
                basis=basis_line(page, timing.basis), tools=data_tools(page, "handovers", "performance"))  # fmt: skip


@panel(ids.week)
def show_week(page: Page) -> Any:
    """Events by weekday and hour."""
    if page.view.param("hours", "completed", HOURS) == "received":
        return _week_of_receipts(page)
    found: WeekHours = page.ask_events(week_hours, page.selection)
    title = page.t("app_bottlenecks.week.title")
    if found.table.empty:
        return card(title, empty_state(page.t("app_bottlenecks.week.none"), ""))
    caption = page.t("app_bottlenecks.week.caption", share=page.percent(found.timed_share, 0))
    return card(title, graph(week_figure(found.table, page.language), label=title), caption=caption,
                basis=basis_line(page, found.basis), tools=data_tools(page, "week"))  # fmt: skip


def _week_of_receipts(page: Page) -> html.Section:
    found: Workload = page.ask_events(workload, page.selection)
    table = found.by_hour.assign(weekday=found.by_hour["weekday"] - 1, n=found.by_hour["received"])
    title = page.t("app_bottlenecks.week.received")
    return card(title, graph(week_figure(table, page.language), label=title),
                caption=page.t("app_bottlenecks.week.received_text"), basis=basis_line(page, found.basis),
                tools=data_tools(page, "hours", "workload"))  # fmt: skip


@panel(ids.grid)
def show_grid(page: Page) -> Any:
    """The waiting of every heavy transition in every organisation."""
    found = _waiting(page)
    if found is None or found.by_transition.empty:
        return None
    title, enough = (
        page.t("app_bottlenecks.grid.title"),
        found.by_transition[found.by_transition["dossiers"] >= page.few],
    )
    if enough.empty:
        return card(title, empty_state(page.t("app.few.title"), page.t("app_bottlenecks.causes.few", few=page.few)))
    codes = enough["organisation"].drop_duplicates()
    named = {code: names.organisation(page, code) for code in codes}
    drawn = transition_figure(found.by_transition, named, few=page.few, language=page.language)
    plot = html.Div(
        graph(drawn, label=title), className="wb-wide-scroll", tabIndex=0, role="region",
        style={"--wide": f"{max(len(codes) * 26 + 220, 320)}px"}, **{"aria-label": title},
    )  # fmt: skip
    return card(title, plot, caption=page.t("app_bottlenecks.grid.caption", few=page.few),
                basis=basis_line(page, found.basis), tools=data_tools(page, "grid", "waiting", by=page.view.by))  # fmt: skip


@panel(ids.pingpong)
def show_ping_pong(page: Page) -> Any:
    """Work sent on and straight back."""
    if steps.several_procedures(page):
        return None
    found: Handovers = page.ask_events(handovers, page.selection)
    title = page.t("app_bottlenecks.pingpong.title")
    if found.ping_pong.empty:
        why = "none" if len(found.units) else "unknown"
        return card(title, empty_state(page.t(f"app_bottlenecks.pingpong.{why}"), "", icon_name="check"),
                    basis=basis_line(page, found.basis))  # fmt: skip
    rows = [
        [f"{row.unit} ⇄ {row.other}", page.n(row.dossiers), page.n(row.count),
         page.percent(row.dossiers / found.basis.n_dossiers)]
        for row in records(found.ping_pong.head(10))
    ]  # fmt: skip
    heads = [page.t(f"app_bottlenecks.pingpong.{name}") for name in ("units", "dossiers", "count", "share")]
    each = found.per_dossier.set_index("figure").loc["handovers"].to_dict()
    caption = page.t(
        "app_bottlenecks.pingpong.caption",
        mean=page.n(each["mean"], 1),
        p90=page.n(each["p90"], 0),
        most=page.n(each["max"], 0),
    )
    return card(title, simple_table(heads, rows, numeric=(1, 2, 3), label=title), caption=caption,
                basis=basis_line(page, found.basis), tools=data_tools(page, "pingpong", "handovers"))  # fmt: skip


@panel(ids.signatures)
def show_signatures(page: Page) -> Any:
    """How many signatures a dossier needs where, and what waiting for them takes."""
    if steps.several_procedures(page):
        return None
    found: Signatures = page.ask_events(signatures, page.selection, by=page.view.by, too_few=page.few)
    title = page.t("app_bottlenecks.signatures.title")
    table = found.organisations[~found.organisations["too_few"]]
    if not found.steps:
        return card(title, empty_state(page.t("app_bottlenecks.signatures.none"), "", icon_name="info-circle"))
    if table.empty:
        return card(title, empty_state(page.t("app.few.title"), page.t("app_bottlenecks.causes.few", few=page.few)))
    most = float(table["per_dossier"].max()) or 1.0
    rows = [
        [
            names.organisation(page, row.organisation), page.n(row.dossiers), page.n(row.per_dossier, 2),
            html.Div(html.Div(style={"width": f"{row.per_dossier / most * 100:.1f}%"}), className="wb-bar"),
            short_duration(row.seconds, page.language, working=found.working),
        ]
        for row in records(table)
    ]  # fmt: skip
    heads = [
        page.t(f"app_bottlenecks.signatures.{name}") for name in ("organisation", "dossiers", "count", "bar", "time")
    ]
    body = html.Div(simple_table(heads, rows, numeric=(1, 2, 4), label=title), className="wb-tall")
    taken = steps.chips(list(found.steps), steps.colours(page))
    return card(title, [body, html.P(page.t("app_bottlenecks.signatures.taken"), className="wb-caption wb-sub-caption"), taken],
                caption=page.t("app_bottlenecks.signatures.caption", few=page.few), basis=basis_line(page, found.basis),
                tools=data_tools(page, "signatures"))  # fmt: skip


@panel(ids.rework)
def show_rework(page: Page) -> Any:
    """Supplements, their reasons, and ways back."""
    if steps.several_procedures(page):
        return None
    found: Rework = page.ask_events(rework, page.selection)
    title = page.t("app_bottlenecks.rework.title")
    heads = [page.t(f"app_bottlenecks.rework.{name}") for name in ("supplements", "dossiers", "share", "median")]
    rows = [
        [page.n(row.supplements), page.n(row.dossiers), page.percent(row.share), *_median_or_few(page, row)]
        for row in records(found.supplements.head(6))
    ]
    reasons = [
        [page.t(f"app_bottlenecks.rework.reason.{row.reason}") if row.reason in ("supplement", "financial_duty")
         else row.reason, page.n(row.count), page.n(row.dossiers), short_duration(row.median_seconds, page.language)]
        for row in records(found.reasons)
    ]  # fmt: skip
    loops = [
        [steps.chips([row.source, row.target], steps.colours(page)), page.n(row.dossiers),
         page.percent(row.dossiers / found.basis.n_dossiers)]
        for row in records(found.loops.head(6))
    ]  # fmt: skip
    parts: list[Any] = [simple_table(heads, rows, numeric=(0, 1, 2, 3), label=title)]
    for name, columns, body in (("reasons", ("reason", "count", "dossiers", "median"), reasons),
                                ("loops", ("back", "dossiers", "share"), loops)):  # fmt: skip
        if body:
            label = page.t(f"app_bottlenecks.rework.{name}")
            words = [page.t(f"app_bottlenecks.rework.{'reason_is' if c == 'reason' else c}") for c in columns]
            parts += [html.H3(label, className="wb-sub"),
                      simple_table(words, body, numeric=tuple(range(1, len(columns))), label=label)]  # fmt: skip
    share = found.dossiers_with_rework / found.basis.n_dossiers if found.basis.n_dossiers else None
    return card(title, parts, caption=page.t("app_bottlenecks.rework.caption", share=page.percent(share, 0)),
                basis=basis_line(page, found.basis), tools=data_tools(page, "rework", "rework"))  # fmt: skip


def _median_or_few(page: Page, row: Any) -> list[Any]:
    if row.dossiers < page.few:
        return [html.Span(page.t("app_bottlenecks.below", few=page.few), className="wb-few wb-few-flush")]
    return [short_duration(row.median_seconds, page.language)]


@panel(ids.breaches)
def show_breaches(page: Page) -> Any:
    """Steps completed after their own deadline."""
    if steps.several_procedures(page):
        return None
    table = page.ask_events(recorded_breaches, page.selection, by=page.view.by)
    title = page.t("app_bottlenecks.breaches.title")
    basis = basis_line(page, page.basis())
    if table.empty:
        return card(
            title, empty_state(page.t("app_bottlenecks.breaches.none"), "", icon_name="info-circle"), basis=basis
        )
    shown = table[table["events"] >= page.few].sort_values(["breach_share", "events"], ascending=False)
    rows = [
        [names.organisation(page, row.organisation), steps.chip(row.step, steps.colours(page).get(row.step, "")),
         page.n(row.events), page.n(row.breaches), page.percent(row.breach_share),
         short_duration(row.median_over_seconds, page.language)]
        for row in records(shown.head(40))
    ]  # fmt: skip
    heads = [
        page.t(f"app_bottlenecks.breaches.{name}") for name in ("organisation", "step", "n", "late", "share", "over")
    ]
    body = html.Div(simple_table(heads, rows, numeric=(2, 3, 4, 5), label=title), className="wb-tall")
    few = len(table) - len(shown)
    caption = page.t("app_bottlenecks.breaches.caption", few=page.few, left=page.n(few))
    return card(title, body if rows else empty_state(page.t("app.few.title"), ""), caption=caption, basis=basis,
                tools=data_tools(page, "breaches"))  # fmt: skip


@panel(ids.load)
def show_load(page: Page) -> Any:
    """Received, finished and open by month."""
    found: Workload = page.ask_events(workload, page.selection)
    title = page.t("app_bottlenecks.load.title")
    return card(title, graph(open_figure(found.by_month, page.language), label=title),
                caption=page.t("app_bottlenecks.load.caption"), basis=basis_line(page, found.basis),
                tools=data_tools(page, "load", "workload"))  # fmt: skip


@panel(ids.staff)
def show_staff(page: Page) -> Any:
    """Units with their officers and how much each does."""
    found: Workload = page.ask_events(workload, page.selection)
    title = page.t("app_bottlenecks.staff.title")
    if found.by_unit.empty:
        return card(title, empty_state(page.t("app_bottlenecks.handovers.none"), ""))
    known = bool(found.by_unit["officers"].sum())
    most = float(found.by_unit["events"].max()) or 1.0
    rows = [
        [
            row.unit, page.n(row.events), html.Div(html.Div(style={"width": f"{row.events / most * 100:.1f}%"}),
                                                   className="wb-bar"),
            page.n(row.officers) if row.officers else "–", page.n(row.events_per_month, 0),
            page.n(row.events_per_officer_month, 1) if row.officers else "–",
        ]
        for row in records(found.by_unit.head(40))
    ]  # fmt: skip
    heads = [page.t(f"app_bottlenecks.staff.{name}") for name in ("unit", "events", "bar", "officers", "month", "each")]
    body = html.Div(simple_table(heads, rows, numeric=(1, 3, 4, 5), label=title), className="wb-tall")
    caption = page.t(f"app_bottlenecks.staff.{'caption' if known else 'unknown'}")
    return card(title, body, caption=caption, basis=basis_line(page, found.basis),
                tools=data_tools(page, "staff", "workload"))  # fmt: skip


panel(ids.beside)(waiting_comparison_panel)
dash.register_page(__name__, path="/bottlenecks", name="bottlenecks", icon="hourglass-high", order=4, layout=layout)
