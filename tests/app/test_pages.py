"""Pages as component trees, panels called directly."""

from __future__ import annotations

import importlib
import time
from collections import Counter

import dash
import pytest

from tests.app.conftest import LAND, ids_of, text_of
from workbench.app import shell
from workbench.app.panels import answer
from workbench.app.workspace import Page, Waiting
from workbench.mining.performance import performance, throughput


def module(name):
    """A page's module; pages register themselves with an app, so they are imported after one is made."""
    return importlib.import_module(f"workbench.app.pages.{name}")


def entries():
    return shell.entries()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_lays_out_with_ids_of_its_own(page_of, language):
    page = page_of(f"?procedure=1.012783&lang={language}")
    everything = ids_of(shell.frame(page))
    for entry in entries():
        found = ids_of(entry["layout"](page))
        assert all(one.startswith((f"{entry['name']}-", "{")) for one in found), entry["name"]
        everything += found
    assert [one for one, n in Counter(everything).items() if n > 1] == []


def test_the_navigation_is_the_registry_in_order(page_of):
    assert [entry["path"] for entry in entries()][:3] == ["/", "/compare", "/process"]
    assert len(entries()) == len(dash.page_registry)
    text = text_of(shell.frame(page_of("?lang=en")))
    for entry in entries():
        assert page_of("?lang=en").t(f"app_{entry['name']}.nav") in text


def test_the_page_is_not_laid_out_again_while_path_and_language_stay(country_app):
    with country_app.server.test_request_context():
        _, shown = shell.show_page("/", LAND, 0, None)
        again, _ = shell.show_page("/", f"{LAND}&provinces_2025=H26", 0, shown)
        other, _ = shell.show_page("/", "?lang=vi", 0, shown)
    assert again is dash.no_update
    assert other is not dash.no_update


def test_an_empty_store_offers_two_ways_on(empty_app):
    with empty_app.server.test_request_context():
        content, _ = shell.show_page("/process", "?lang=en", 0, None)
        assert "Load my file" in text_of(content)
        assert "Try the synthetic country" in text_of(content)
        assert "Load my file" in text_of(answer("?lang=en", module("process").draw_map))
        data, _ = shell.show_page("/data", "?lang=en", 0, None)
        assert "Load my file" not in text_of(data)


def test_key_figures_are_those_of_the_store(country_app):
    with country_app.server.test_request_context():
        shown = text_of(answer("?lang=en", module("overview").figures))
    assert "600" in shown
    assert "national portal" in shown


def test_every_figure_says_what_it_rests_on(country_app):
    with country_app.server.test_request_context():
        for draw in (
            module("overview").country,
            module("overview").by_months,
            module("overview").clocks,
            module("process").show_variants,
            module("bottlenecks").show_steps,
        ):
            shown = text_of(answer(LAND, draw))
            n = Page.of(LAND).basis().n_dossiers
            assert f"n = {n} dossiers" in shown, draw.__name__


def test_every_key_figure_says_on_hover_what_it_rests_on(country_app):
    """n, period and selection; the clock where verdicts are counted."""
    with country_app.server.test_request_context():
        n = Page.of(LAND).basis().n_dossiers
        shown = answer(LAND, module("overview").figures).children
    hints = [text_of(one.label) for one in shown if hasattr(one, "label")]
    assert len(hints) == len(shown) == 5
    assert all(f"n = {n} dossiers" in hint and "1.012783" in hint and " – " in hint for hint in hints)
    assert sum("national portal clock" in hint for hint in hints) == 2


def test_too_few_cases_are_said(country_app):
    with country_app.server.test_request_context():
        shown = text_of(answer(f"{LAND}&provinces_2025=H18", module("overview").by_months))
    assert "too few cases (below 30)" in shown


def test_without_a_procedure_the_map_asks_for_one(country_app):
    with country_app.server.test_request_context():
        shown = text_of(answer("?lang=en", module("process").draw_map))
    assert "Choose a procedure" in shown
    assert "1.012783" in shown


def test_a_wrong_address_becomes_a_sentence_and_a_way_on(country_app):
    with country_app.server.test_request_context():
        content, shown = shell.show_page("/", "?lang=en&start=yesterday", 0, None)
    assert "not valid" in text_of(content)
    assert shown is None


def test_an_unexpected_error_does_not_break_the_page(country_app):
    def broken(page):
        raise ZeroDivisionError("by hand")

    with country_app.server.test_request_context():
        assert "ZeroDivisionError" in text_of(answer("?lang=en", broken))


def test_a_long_result_is_waited_for_and_then_kept(country_app):
    with country_app.server.test_request_context():
        page = Page.of(LAND)
        assert module("compare")._comparison(page) is None
        with pytest.raises(Waiting) as raised:
            module("compare").show_finding(page)
        job = raised.value.job
        for _ in range(600):
            if job.finished:
                break
            time.sleep(0.05)
        assert job.state == "done", job.error
        assert "nearest to the others" in text_of(answer(LAND, module("compare").show_finding))
        assert (
            "Cohen h" in text_of(answer(LAND, module("compare").show_differences))
            or module("compare")._comparison(page) is not None
        )


def test_panels_show_progress_while_a_job_runs(country_app):
    def slow(page):
        return page.long("app_compare.job", _never_done)

    with country_app.server.test_request_context():
        shown = answer("?lang=en", slow)
        assert "Working" in text_of(shown)
        Page.of("?lang=en").space.jobs.latest(("proposed", *Page.of("")._key(_never_done, (), {}))).cancel()


def _never_done(store, *, progress):
    for _ in range(2000):
        progress("cross", 0, 1)
        time.sleep(0.01)


def test_downloads_are_formula_safe_files_of_the_view(country_app):
    client = country_app.server.test_client()
    got = client.get(f"/download/variants.csv{LAND}")
    assert got.status_code == 200
    assert got.data.startswith(b"\xef\xbb\xbfrank")
    assert client.get(f"/download/paths.xlsx{LAND}").data[:2] == b"PK"
    assert client.get("/download/secrets.csv").status_code == 404
    assert client.get(f"/download/waiting.csv{LAND}").status_code == 404
    assert client.get(f"/download/causes.csv{LAND}").status_code == 409
    assert client.get("/download/paths.csv?start=never").status_code == 409


def test_the_python_behind_a_figure_runs_as_it_is(page_of):
    from workbench.app.card_tools import python_call

    text = python_call(page_of(f"{LAND}&provinces_2025=H26"), "dfg", {})
    assert "log.dfg(procedure='1.012783', provinces_2025=('H26',))" in text
    compile(text, "figure", "exec")


def test_a_step_over_many_events_is_answered_in_the_background(country_app, monkeypatch):
    from workbench.app import workspace as workspaces

    monkeypatch.setattr(workspaces, "LARGE_EVENTS", 100)
    with country_app.server.test_request_context():
        page = Page.of("?procedure=1.012783&lang=en&start=2024-02-01")
        page.waits = True
        page.space.cache.clear()
        for _ in range(300):
            try:
                found = page.ask_events(performance, page.selection)
                break
            except Waiting as waiting:
                assert waiting.job.title == "app.job.asking"
                time.sleep(0.05)
        page.waits = False
        assert found.throughput["n"].tolist() == page.ask_events(performance, page.selection).throughput["n"].tolist()
        page.waits = True
        # a step that reads no events answers at once, however many there are
        assert page.ask(throughput, page.selection).table["n"].tolist() == found.throughput["n"].tolist()
