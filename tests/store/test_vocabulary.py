"""Reviewed step names: in force, replaced, undone, without loading anew."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.store.worlds import NOW, event, load, new_store
from workbench.errors import StoreError
from workbench.selection import Selection
from workbench.store.loading import retract
from workbench.store.vocabulary import (
    Judgement,
    read_vocabulary,
    undo_vocabulary,
    vocabulary_changes,
    write_vocabulary,
)


@pytest.fixture
def store(tmp_path):
    with new_store(tmp_path / "s") as made:
        load(made, {"event": [event("1", "Tiếp nhận HS", 0), event("1", "ký", 1),
                              event("2", "tiep nhan", 0, province="H02"), event("2", "ký", 1, province="H02")]}, sha="one")  # fmt: skip
        yield made


def reviewed(province, label, step):
    return Judgement(
        province, label, step, confidence=0.9, method="text", reviewed_by="an", reviewed_at=datetime(2024, 5, 1)
    )


def steps(store, selection=None):
    """Per dossier the steps in order."""
    events = store.fetch(store.events(selection))
    names = store.labels()
    codes = store.sql("select dossier_key, dossier_code from dossier").set_index("dossier_key")["dossier_code"]
    out = {}
    for row in events.sort_values(["dossier_key", "position"]).itertuples():
        out.setdefault(codes[row.dossier_key], []).append(names[row.step_id])
    return out


def test_labels_become_steps_and_back(store):
    version = store.version()
    change = write_vocabulary(
        store, [reviewed("*", "Tiếp nhận HS", "Tiếp nhận"), reviewed("*", "tiep nhan", "Tiếp nhận")], now=NOW
    )
    assert steps(store) == {"1": ["Tiếp nhận", "ký"], "2": ["Tiếp nhận", "ký"]}
    assert store.version() != version
    following = store.fetch(store.events())
    assert following["next_step_id"].dropna().map(store.labels()).tolist() == ["ký", "ký"]
    assert undo_vocabulary(store) == change
    assert steps(store) == {"1": ["Tiếp nhận HS", "ký"], "2": ["tiep nhan", "ký"]}
    assert "Tiếp nhận" not in store.labels().values()
    assert undo_vocabulary(store) is None


def test_an_organisations_own_line_beats_the_one_for_all(store):
    write_vocabulary(store, [reviewed("*", "ký", "Ký duyệt"), reviewed("H02", "ký", "Ký nháy")], now=NOW)
    assert steps(store) == {"1": ["Tiếp nhận HS", "Ký duyệt"], "2": ["tiep nhan", "Ký nháy"]}
    assert steps(store, Selection(steps=("Ký nháy",))) == {"2": ["tiep nhan", "Ký nháy"]}


def test_proposals_are_kept_but_not_in_force(store):
    write_vocabulary(store, [Judgement("*", "ký", "Ký duyệt", confidence=0.4)], now=NOW)
    assert not store.has_vocabulary()
    assert steps(store)["1"] == ["Tiếp nhận HS", "ký"]
    assert read_vocabulary(store)["step"].tolist() == ["Ký duyệt"]


def test_changes_are_undone_one_after_another(store):
    write_vocabulary(store, [reviewed("*", "ký", "A")], now=NOW)
    write_vocabulary(store, [reviewed("*", "ký", "B"), reviewed("H01", "Tiếp nhận HS", "C")], now=NOW)
    assert vocabulary_changes(store)[["change_id", "lines"]].values.tolist() == [[2, 2], [1, 1]]
    assert write_vocabulary(store, [reviewed("*", "ký", "B")], now=NOW) is None  # says nothing new
    undo_vocabulary(store)
    assert steps(store)["1"] == ["Tiếp nhận HS", "A"]
    write_vocabulary(store, [Judgement("*", "ký", None)], now=NOW)
    assert read_vocabulary(store).empty
    undo_vocabulary(store)
    assert steps(store)["1"] == ["Tiếp nhận HS", "A"]


def test_labels_loaded_later_are_mapped_too(store):
    write_vocabulary(store, [reviewed("*", "đóng dấu", "Phát hành")], now=NOW)
    load(store, {"event": [event("3", "đóng dấu", 0)]}, sha="two")
    assert steps(store)["3"] == ["Phát hành"]
    retract(store, 2)
    assert "đóng dấu" not in store.labels().values()


def test_a_line_without_a_label_is_refused(store):
    with pytest.raises(StoreError, match="no organisation or no label"):
        write_vocabulary(store, [Judgement("*", None, "x")], now=NOW)  # type: ignore[arg-type]
