"""Khuyến nghị: redesign moves with the evidence they rest on, and what was decided about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, callback, ctx, html, no_update

from workbench.app import names, steps
from workbench.app.asked import recommend_options
from workbench.app.card_tools import data_tools
from workbench.app.change_panels import online_panel
from workbench.app.components import (
    basis_line,
    basis_text,
    card,
    empty_state,
    key_figure,
    page_head,
    said,
    segments,
    simple_table,
    slot,
)
from workbench.app.cost_panel import cost_panel
from workbench.app.cost_parameters import priced
from workbench.app.decisions import Decision, decision_key, keep_decision, read_decisions
from workbench.app.ids import URL, Ids
from workbench.app.panels import panel
from workbench.app.workspace import Page, workspace
from workbench.harmonise.recommendation.recommend import Recommendation, Recommendations, recommend
from workbench.i18n import catalogue

ids = Ids("recommendations", "figures", "cards", "others", "cost", "online")
_SHOWN = ("recommended", "review")


def layout(page: Page) -> html.Div:
    """Totals, cards, and what was not recommended."""
    return html.Div(
        [
            page_head(page, "recommendations"),
            slot(ids.figures, 92),
            slot(ids.cards, 420),
            slot(ids.others, 200),
            slot(ids.cost, 200),
            slot(ids.online, 200),
        ],
        className="wb-stack",
    )


def _found(page: Page) -> Recommendations | None:
    if steps.several_procedures(page):
        return None
    found: Recommendations | None = page.kept(recommend, page.selection, **recommend_options(page))
    return None if found is None else priced(page.store, page.selection.procedure, found)


@panel(ids.figures)
def show_figures(page: Page) -> Any:
    """What the recommended moves save together."""
    if steps.several_procedures(page):
        return steps.choose_procedure(page, "recommendations")
    made: Recommendations = page.long("app_recommendations.job", recommend, page.selection, **recommend_options(page))
    found = priced(page.store, page.selection.procedure, made)
    good = [item for item in found.items if item.verdict == "recommended"]
    days = sum(item.working_days_a_year or 0.0 for item in good)
    basis = basis_text(page, found.basis)
    figures = [
        key_figure(page.t("app_recommendations.moves"), page.n(len(_grouped(good))),
                   hint=page.t("app_recommendations.moves_hint"), basis=basis),
        key_figure(page.t("app_recommendations.organisations"),
                   page.n(len({name for item in good for name in item.organisations})), basis=basis),
        key_figure(page.t("app_recommendations.days"), page.n(days, 0), hint=page.t("app_recommendations.days_hint"),
                   basis=basis),
        _money(page, found, good),
        key_figure(page.t("app_recommendations.tests"), page.n(found.tests), basis=basis,
                   hint=page.t("app_recommendations.tests_hint", rate=page.percent(found.false_discovery, 0))),
    ]  # fmt: skip
    return html.Div(figures, className="wb-kpis")


def _money(page: Page, found: Recommendations, good: list[Recommendation]) -> Any:
    """VND a year, or why none can be given; amounts by unverified parameters say so."""
    saved = [item.vnd_a_year for item in good if item.vnd_a_year is not None]
    reasons = Counter(item.vnd_reason for item in good if item.vnd_reason)
    note = ""
    if not saved:
        note = (
            page.t(f"harmonise.no_vnd.{reasons.most_common(1)[0][0]}")
            if reasons
            else page.t("app_recommendations.money_none")
        )
    elif "unverified_parameters" in found.notes:
        note = page.t("app_recommendations.money_unverified")
    return key_figure(
        page.t("app_recommendations.money"), page.n(sum(saved) / 1e6, 1) if saved else "–", note=note,
        hint=page.t("app_recommendations.money_hint"), basis=basis_text(page, found.basis),
    )  # fmt: skip


Key = tuple[str, tuple[str, ...], str]


def _grouped(items: list[Recommendation]) -> dict[Key, list[Recommendation]]:
    """The same move on the same steps, in all its organisations; most working days first."""
    groups: dict[Key, list[Recommendation]] = defaultdict(list)
    for item in items:
        groups[(item.move, item.steps, item.verdict)].append(item)
    order = sorted(groups, key=lambda key: -sum(item.working_days_a_year or 0.0 for item in groups[key]))
    return {key: groups[key] for key in sorted(order, key=lambda key: _SHOWN.index(key[2]) if key[2] in _SHOWN else 9)}


@panel(ids.cards)
def show_cards(page: Page) -> Any:
    """One card a move."""
    found = _found(page)
    if found is None:
        return None
    groups = _grouped([item for item in found.items if item.verdict in _SHOWN])
    if not groups:
        return card(
            page.t("app_recommendations.none"), empty_state(page.t("app_recommendations.none_text"), "",
                                                            icon_name="check"), basis=basis_line(page, found.basis),
        )  # fmt: skip
    kept = read_decisions(page.store)
    palette = steps.colours(page)
    return html.Div(
        [_card(page, key, items, kept, palette) for key, items in list(groups.items())[:40]], className="wb-stack"
    )


def _card(page: Page, key: Key, items: list[Recommendation], kept: dict[str, Decision], palette: Any) -> html.Section:
    move, stepped, verdict = key
    name = decision_key(page.selection.procedure, move, stepped)
    days = sum(item.working_days_a_year or 0.0 for item in items)
    facts = page.t(
        "app_recommendations.evidence", organisations=page.n(len(items)),
        dossiers=page.n(sum(item.dossiers for item in items)),
    )  # fmt: skip
    saving = page.t("app_recommendations.saving", days=page.n(days, 0)) if days else ""
    return card(
        page.t(f"app_recommendations.move.{move}"),
        [
            html.P(page.t(f"app_recommendations.why.{move}"), className="wb-caption"),
            dmc.Accordion(
                dmc.AccordionItem(
                    [
                        dmc.AccordionControl(page.t("app_recommendations.open")),
                        dmc.AccordionPanel(_evidence(page, items)),
                    ],
                    value="evidence",
                ),
                variant="default",
                chevronPosition="left",
                className="wb-evidence",
            ),
            _decision(page, name, kept.get(name, Decision())),
        ],
        caption=html.Div([steps.chips(list(stepped), palette), html.Span(f"{facts} {saving}")], className="wb-stack-s"),
        tools=[dmc.Badge(page.t(f"app_recommendations.verdict.{verdict}"), variant="light",
                         color="brand" if verdict == "recommended" else "gray", tt="none")],
    )  # fmt: skip


def _evidence(page: Page, items: list[Recommendation]) -> html.Div:
    texts = catalogue(page.language)
    rows = []
    for item in items:
        effect = "–" if item.effect_working_hours is None else page.n(item.effect_working_hours, 1)
        interval = "–" if item.interval is None else " – ".join(page.n(end, 1) for end in item.interval)
        rows.append(
            [
                ", ".join(names.organisation(page, code) for code in item.organisations),
                page.n(item.dossiers),
                page.percent(item.share, 0),
                page.percent(item.usual, 0),
                effect,
                interval,
                _a_year(page, item.working_days_a_year, "days", item.days_reason),
                _a_year(page, item.vnd_a_year, "vnd", item.vnd_reason),
                *(_beside(page, item, outcome) for outcome in ("late", "supplement", "not_done")),
                "–" if item.q_value is None else page.n(item.q_value, 3),
                texts.get(f"app_recommendations.note.{item.note}", item.note),
            ]
        )
    heads = [page.t(f"app_recommendations.head.{name}") for name in
             ("organisation", "dossiers", "share", "usual", "effect", "interval", "days", "vnd", "late", "supplement",
              "not_done", "q", "note")]  # fmt: skip
    return simple_table(heads, rows, numeric=tuple(range(1, 12)), label=page.t("app_recommendations.open"))


def _a_year(page: Page, value: float | None, what: str, reason: str | None) -> str:
    """A yearly figure, or why there is none."""
    if value is not None:
        return page.n(value, 1 if what == "days" else 0)
    return page.t(f"harmonise.no_{what}.{reason}") if reason else "–"


def _beside(page: Page, item: Recommendation, outcome: str) -> str:
    """Points by which a share is higher than the case mix explains, with its interval."""
    known = [one for one in (item.lateness, *item.side_effects) if one is not None and one.outcome == outcome]
    if not known:
        return "–"
    effect, low, high = (page.n(100 * value, 1) for value in (known[0].effect, known[0].low, known[0].high))
    return f"{effect} ({low} – {high})"


def _decision(page: Page, name: str, kept: Decision) -> html.Div:
    verdicts = [(value, page.t(f"app_recommendations.decide.{value}")) for value in ("accepted", "open", "rejected")]
    choice = segments(
        page.t("app_recommendations.decide.label"), {"type": "decide", "key": name}, verdicts, kept.verdict, named=False
    )
    comment = dmc.TextInput(
        id={"type": "decide-comment", "key": name},
        value=kept.comment,
        placeholder=page.t("app_recommendations.comment"),
        debounce=600,
        size="xs",
        w=360,
        maw="100%",
        **{"aria-label": page.t("app_recommendations.comment")},
    )
    state = html.Span(
        page.t("app_recommendations.kept", at=page.moment(datetime.fromisoformat(kept.decided_at)))
        if kept.decided_at
        else "",
        id={"type": "decide-state", "key": name},
        className="wb-basis",
    )
    return html.Div([choice, comment, state], className="wb-decide")


@callback(
    Output({"type": "decide-state", "key": ALL}, "children"),
    Input({"type": "decide", "key": ALL}, "value"),
    Input({"type": "decide-comment", "key": ALL}, "value"),
    State({"type": "decide", "key": ALL}, "id"),
    State(URL, "search"),
    prevent_initial_call=True,
)
def decide(verdicts: list[str], comments: list[str], keys: list[dict[str, str]], search: str | None) -> list[Any]:
    """Keep what was decided."""
    page = Page.of(search)
    if not isinstance(ctx.triggered_id, dict):
        return [no_update] * len(keys)
    touched = ctx.triggered_id["key"]
    place = [key["key"] for key in keys].index(touched)
    before = read_decisions(workspace().store()).get(touched, Decision())
    if (verdicts[place], comments[place] or "") == (before.verdict, before.comment):
        return [no_update] * len(keys)
    now = datetime.now()
    with page.space.writing() as store:
        kept = keep_decision(store, touched, verdict=verdicts[place], comment=comments[place] or "", now=now)
    text = page.t("app_recommendations.kept", at=page.moment(datetime.fromisoformat(kept.decided_at)))
    return [text if key["key"] == touched else no_update for key in keys]


@panel(ids.others)
def show_others(page: Page) -> Any:
    """What was looked at and not recommended, and why."""
    found = _found(page)
    if found is None:
        return None
    rows = [
        [
            page.t(f"app_recommendations.move.{item.move}"), steps.chips(list(item.steps), steps.colours(page)),
            ", ".join(names.organisation(page, code) for code in item.organisations), page.n(item.dossiers),
            page.t(f"app_recommendations.verdict.{item.verdict}"),
        ]
        for item in found.items
        if item.verdict not in _SHOWN
    ]  # fmt: skip
    few = len(found.too_few)
    title = page.t("app_recommendations.others")
    unsaid = [said(page, f"harmonise.note.{note}") for note in found.notes]
    caption = " ".join([page.t("app_recommendations.others_text", few=page.n(few)), *unsaid])
    if not rows:
        return card(title, empty_state(page.t("app_recommendations.others_none"), "", icon_name="check"),
                    caption=caption)  # fmt: skip
    heads = [page.t(f"app_recommendations.head.{name}") for name in
             ("move", "steps", "organisation", "dossiers", "verdict")]  # fmt: skip
    body = html.Div(simple_table(heads, rows[:100], numeric=(3,), label=title), className="wb-tall")
    tools = data_tools(page, "recommendations")
    return card(title, body, caption=caption, basis=basis_line(page, found.basis), tools=tools)


panel(ids.cost)(cost_panel)
panel(ids.online)(online_panel)
dash.register_page(__name__, path="/recommendations", name="recommendations", icon="bulb", order=7, layout=layout)
