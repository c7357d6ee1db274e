"""Uploaded files that cannot be read as they are: what is said, what can be chosen, and what a load remarked."""

from __future__ import annotations

import importlib
import io
import json
import time
from collections import namedtuple
from datetime import datetime

import pytest

from tests.app.conftest import ids_of, text_of
from workbench.app.intake import edited, try_batch
from workbench.app.panels import answer
from workbench.app.workspace import Page
from workbench.intake import load

LEGACY = "ma_ho_so,buoc,thoi_diem_xu_ly\n" + "A,TiÕp nhËn hå s¬,2024-03-04 08:00\nA,Tr¶ kÕt qu¶,2024-03-05 08:00\n" * 20
OCEL = {
    "objectTypes": [{"name": "Order", "attributes": []}, {"name": "Item", "attributes": []}],
    "eventTypes": [{"name": "buy", "attributes": []}],
    "objects": [{"id": "o1", "type": "Order"}, {"id": "i1", "type": "Item"}],
    "events": [
        {"id": "e1", "type": "buy", "time": "2024-03-04T08:00:00Z", "attributes": [],
         "relationships": [{"objectId": "o1", "qualifier": "x"}, {"objectId": "i1", "qualifier": "x"}]},
    ],
}  # fmt: skip


def _page(name):
    return importlib.import_module(f"workbench.app.pages.{name}")


@pytest.fixture
def wizard(empty_app):
    """What the data page shows of an uploaded file, with further parameters in its address."""
    with empty_app.server.test_request_context():
        batches = empty_app.server.extensions["workbench"].batches

        def shown(name, content, more=""):
            batch = batches.new()
            batches.take(batch, name, io.BytesIO(content))
            return answer(f"?lang=en&batch={batch}{more}", _page("data").show_wizard, needs_dossiers=False)

        yield shown


def test_a_legacy_encoding_is_said_chosen_and_read(wizard):
    refused = wizard("cu.csv", LEGACY.encode("latin-1", "replace"))
    assert "Choose the encoding tcvn3 below" in text_of(refused)
    assert any("'name': 'encoding'" in one for part in _parts(refused) for one in ids_of(part))
    assert "data-input" in str(refused)  # the place where other files are dropped
    read = wizard("cu.csv", LEGACY.encode("latin-1", "replace"), "&encoding=tcvn3")
    assert "Columns of" in text_of(read)
    assert "Tiếp nhận hồ sơ" in text_of(read)


def test_the_object_that_is_the_dossier_can_be_chosen(wizard):
    content = json.dumps(OCEL).encode()
    refused = wizard("o.jsonocel", content)
    assert "Choose below which one is the dossier" in text_of(refused)
    select = next(part for part in _parts(refused) if "object_type" in str(getattr(part, "id", "")))
    assert [one["value"] for one in select.data] == ["", "Item", "Order"]
    assert "Columns of" in text_of(wizard("o.jsonocel", content, "&object_type=Order"))


def test_what_is_no_log_leaves_the_way_to_other_files(wizard):
    refused = wizard("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    assert "Drop files here" in text_of(refused)
    assert "without filters" not in text_of(refused)


def test_files_that_are_gone_leave_the_way_to_other_files(empty_app):
    with empty_app.server.test_request_context():
        gone = answer("?lang=en&batch=0123456789abcdef", _page("data").show_wizard, needs_dossiers=False)
    assert "no longer on the server" in text_of(gone)
    assert "Drop files here" in text_of(gone)
    assert not any("data-reading" in one for part in _parts(gone) for one in ids_of(part))


def test_a_load_tells_its_remarks(empty_app, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("ma_ho_so,buoc,thoi_diem_xu_ly\nA,x,25/03/2024 08:00\n")
    with empty_app.server.test_request_context():
        page = Page.of("?lang=en")
        with page.space.writing() as store:
            report = load(store, [file], now=datetime(2026, 1, 5, 9))
        shown = text_of(_page("data")._loaded(page, report))
    assert "Remarks of this load" in shown
    assert "do not say their procedure" in shown
    assert "What the files do not carry" in shown
    assert "day first" in shown
    assert "--" not in shown


Row = namedtuple("Row", "kind dossier_code province_code due_at remaining_working_days idle_working_days")


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (-2.0, "2.0 working days overdue"),
        (8.9, "supplements were asked for more than once"),
        (float("nan"), "supplements were asked for more than once"),
        (0.0, "no working time has passed since"),
    ],
)
def test_a_dossier_late_before_its_due_day_says_why(page_of, left, said):
    row = Row("overdue", "A", "H01", datetime(2026, 11, 12), left, 1.0)
    assert said in text_of(_page("overview")._watched_row(page_of("?lang=en"), row))


def _parts(tree):
    whole = tree if isinstance(tree, list | tuple) else [tree]
    return [part for one in whole if one is not None for part in (one, *one._traverse())]


def test_files_are_tried_before_they_are_loaded_and_choices_are_kept(empty_app):
    page_module = _page("data")
    with empty_app.server.test_request_context():
        space = empty_app.server.extensions["workbench"]
        batch = space.batches.new()
        space.batches.take(batch, "a.csv", io.BytesIO(b"ma_ho_so,buoc,luc\nA,x,25/03/2024 08:00\nB,x,never\n"))
        search = f"?lang=en&batch={batch}"
        assert "Why" in text_of(answer(search, page_module.show_wizard, needs_dossiers=False))
        page = Page.of(search)
        (table,) = page_module._tables(page, batch)
        tried = try_batch(
            space.settings, space.batches.files(batch), [edited(table, {"luc": "completed_at"})],
            constants={"procedure": "1.000001"}, now=datetime(2026, 1, 5, 9),
        )  # fmt: skip
        assert (tried.report.rows_in, tried.report.rows_loaded, tried.report.rows_quarantined) == (2, 1, 1)
        assert not tried.quality.checks.empty
        assert page.empty()  # the store itself has nothing
        space.jobs.start(("try", *page_module._key(page)), "app_data.job.try", lambda progress: tried)
        while not space.jobs.latest(("try", *page_module._key(page))).finished:
            time.sleep(0.01)
        space.batches.keep(batch, {"0/luc": "completed_at", "0/buoc": "nonsense", "procedure_code": "1.000001"})
        shown = answer(search, page_module.show_wizard, needs_dossiers=False)
    assert "What this load would bring" in text_of(shown)
    values = {
        str(part.id): part.value
        for part in _parts(shown)
        if "data-" in str(getattr(part, "id", "")) and hasattr(part, "value")
    }
    assert values["{'type': 'data-map', 'table': 0, 'column': 'luc'}"] == "completed_at"
    assert values["{'type': 'data-map', 'table': 0, 'column': 'buoc'}"] == "label"
    assert values["{'type': 'data-constant', 'name': 'procedure_code'}"] == "1.000001"
