"""Views with a name, kept beside the store."""

from __future__ import annotations

import json
import threading
from datetime import datetime

import dash
import pytest
from dash._callback_context import context_value
from dash._utils import AttributeDict

from tests.app.conftest import LAND, text_of
from workbench.app import saved_menu, shell
from workbench.app.kept import KeptFile, locked
from workbench.app.saved import SavedViews, clean
from workbench.app.workspace import Page
from workbench.errors import StoreError, StoreLocked
from workbench.store.loading import retract

NOW = datetime(2026, 3, 2, 9)


def test_a_view_is_kept_opened_renamed_and_deleted(tmp_path):
    views = SavedViews(tmp_path / "s.duckdb")
    kept = views.save("  Đất đai\tHà Nội ", "/process", "?procedure=1.012783&lang=vi", loads=(1, 2), now=NOW)
    again = SavedViews(tmp_path / "s.duckdb")
    assert again.all() == [kept]
    assert kept.name == "Đất đai Hà Nội"
    assert kept.address == f"/process?procedure=1.012783&lang=vi&saved={kept.id}"
    again.rename(kept.id, "Land")
    assert views.get(kept.id).name == "Land"
    again.delete(kept.id)
    again.rename(kept.id, "Back")
    assert views.all() == []


def test_names_are_unique_and_not_empty(tmp_path):
    views = SavedViews(tmp_path / "s.duckdb")
    one = views.save("Land", "/", "?", loads=(), now=NOW)
    other = views.save("Sea", "/", "?", loads=(), now=NOW)
    with pytest.raises(StoreError, match="already"):
        views.save("LAND", "/", "?", loads=(), now=NOW)
    with pytest.raises(StoreError, match="already"):
        views.rename(other.id, "land")
    views.rename(one.id, "land")
    with pytest.raises(StoreError, match="no name"):
        clean(" \n ")
    assert [view.name for view in views.all()] == ["land", "Sea"]


def test_two_tabs_that_save_at_once_lose_nothing(tmp_path):
    def save(number):
        SavedViews(tmp_path / "s.duckdb").save(f"view {number}", "/", "?", loads=(), now=NOW)

    threads = [threading.Thread(target=save, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(SavedViews(tmp_path / "s.duckdb").all()) == 8


def test_a_file_that_is_not_ours_is_said_and_left_alone(tmp_path):
    file = tmp_path / "s.duckdb.views.json"
    file.write_text("not json")
    with pytest.raises(StoreError, match="cannot be read"):
        SavedViews(tmp_path / "s.duckdb").all()
    with pytest.raises(StoreError, match="cannot be read"):
        KeptFile(file).change(lambda kept: {})
    assert file.read_text() == "not json"


def test_a_lock_that_is_held_is_waited_for_and_then_said(tmp_path):
    with locked(tmp_path / "x"), pytest.raises(StoreLocked, match="being written"), locked(tmp_path / "x", wait=0.1):
        pass


def asked(app, triggered, search, *, name=None, rows=()):
    """The menu's callback as the browser calls it; `triggered` is the prop that changed."""
    context_value.set(AttributeDict(triggered_inputs=[{"prop_id": triggered, "value": 1}]))
    try:
        new_names, ids = [row[1] for row in rows], [{"type": "saved-new-name", "view": row[0]} for row in rows]
        return saved_menu.change(1, 1, [], [], name, new_names, ids, "/process", search)
    finally:
        context_value.set(AttributeDict())


def test_the_menu_keeps_the_view_and_says_what_is_wrong(country_app):
    with country_app.server.test_request_context():
        rows, said, _ = asked(country_app, f"{saved_menu.ids.keep}.n_clicks", f"{LAND}&colour=duration", name="Mine")
        assert "Mine" in text_of(rows)
        assert said == "Saved as “Mine”."
        kept = Page.of(LAND).space.saved.all()[0]
        assert (kept.path, "colour=duration" in kept.search, kept.loads) == ("/process", True, (1,))
        same, wrong, _ = asked(country_app, f"{saved_menu.ids.keep}.n_clicks", LAND, name="mine")
        assert same is dash.no_update
        assert "already" in text_of(wrong)
        target = json.dumps({"type": "saved-rename", "view": kept.id}, separators=(",", ":"))
        asked(country_app, f"{target}.n_clicks", LAND, rows=[(kept.id, "Ours")])
        assert Page.of(LAND).space.saved.get(kept.id).name == "Ours"
        assert "Saved view: Ours" in text_of(shell._banner(Page.of(f"{LAND}&saved={kept.id}")))
        target = target.replace("rename", "delete")
        rows, _, _ = asked(country_app, f"{target}.n_clicks", LAND)
        assert "No view is saved yet" in text_of(rows)
        assert "was deleted" in text_of(shell._banner(Page.of(f"{LAND}&saved={kept.id}")))


def test_a_view_whose_load_was_retracted_says_so_and_leads_on(empty_app, tmp_path):
    from tests.conftest import trace_events
    from workbench.app.saved import loads_in_force
    from workbench.store.loading import Staged, StagedFile, load_staged

    with empty_app.server.test_request_context():
        page = Page.of("?lang=en")
        for number in (1, 2):
            events = trace_events({("H26", f"D{number}"): "a b"})
            heads = events[["province_code", "dossier_code"]].drop_duplicates().assign(procedure_code="1.000001")
            for name, frame in (("event", events), ("dossier", heads)):
                page.store.con.register(f"given_{name}", frame)
                page.store.con.execute(f"create or replace temp table staged_{name} as select * from given_{name}")
            file = StagedFile("x", f"x{number}", 0, "log", len(events))
            load_staged(
                page.store,
                Staged(files=(file,), format="test", event="staged_event", dossier="staged_dossier"),
                now=NOW,
            )
        view = page.space.saved.save("Both", "/", "?lang=en", loads=loads_in_force(page.store), now=NOW)
        assert view.loads == (1, 2)
        retract(page.store, load_id=2)
        shown = text_of(shell._banner(Page.of(f"?lang=en&saved={view.id}")))
    assert "load 2" in shown
    assert "See the loads" in shown
    assert "Go on without it" in shown
