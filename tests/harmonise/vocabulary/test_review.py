"""Decisions travel through a file into the store and back out."""

from __future__ import annotations

from datetime import datetime

import pytest

from workbench.errors import FormatError
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps
from workbench.harmonise.vocabulary.review import accept, apply_vocabulary, apply_with_effect, read_review, write_review
from workbench.harmonise.vocabulary.vocabulary import propose_vocabulary
from workbench.mining.variants import variants
from workbench.selection import Selection
from workbench.store.vocabulary import undo_vocabulary

NOW = datetime(2026, 1, 5, 9)
TRACES = {("H01", f"a{n}"): ["Tiếp nhận hồ sơ", "Trả kết quả"] for n in range(4)} | {
    ("H02", f"b{n}"): ["Tiep nhan HS", "Tra KQ"] for n in range(4)
}


def test_accepting_merges_variants_and_undo_brings_them_back(store_from):
    store = store_from(TRACES)
    assert len(variants(store, Selection()).counts) == 2
    lines = accept(propose_vocabulary(store, Selection()), reviewer="Lan", now=NOW)
    assert apply_vocabulary(store, lines, now=NOW) == 1
    assert variants(store, Selection()).counts == ((("Tiếp nhận hồ sơ", "Trả kết quả"), 8),)
    assert store.scalar("select distinct reviewed_by from vocabulary") == "Lan"
    undo_vocabulary(store)
    assert len(variants(store, Selection()).counts) == 2


def test_applying_tells_variants_before_and_after(store_from):
    store = store_from(TRACES)
    lines = accept(propose_vocabulary(store, Selection()), reviewer="Lan", now=NOW)
    done = apply_with_effect(store, lines, now=NOW)
    assert (done.change, done.variants_before, done.variants_after) == (1, 2, 1)
    assert done.lines == len(lines) == 4


def test_an_edited_step_splits_and_merges(store_from, tmp_path):
    traces = {("H01", f"a{n}"): ["Ký nháy", "Ký duyệt"] for n in range(4)}
    store, file = store_from(traces), tmp_path / "review.csv"
    head = "organisation,label,step,confidence,decision,reviewed_by\n"
    file.write_text(head + "H01,Ký nháy,Ký,1,accept,\nH01,Ký duyệt,Ký,1,accept,Hoa\n", "utf-8")
    apply_vocabulary(store, read_review(file, reviewer="Minh", now=NOW), now=NOW)
    assert variants(store, Selection()).counts == ((("Ký", "Ký"), 4),)
    assert set(store.sql("select reviewed_by from vocabulary")["reviewed_by"]) == {"Minh", "Hoa"}
    file.write_text(head + "H01,Ký nháy,Ký lần đầu,1,accept,\n", "utf-8")
    apply_vocabulary(store, read_review(file, reviewer="Minh", now=NOW), now=NOW)
    assert variants(store, Selection()).counts == ((("Ký lần đầu", "Ký"), 4),)


def test_a_file_carries_decisions(store_from, tmp_path):
    store, file = store_from(TRACES), tmp_path / "review.csv"
    write_review(propose_vocabulary(store, Selection()), file)
    text = file.read_text("utf-8-sig").splitlines()
    assert text[0] == "organisation,label,step,confidence,relation,covers,decision,reviewed_by"
    decided = [line.removesuffix(",,") + (",reject," if "Tra KQ" in line else ",accept,") for line in text[1:]]
    file.write_text("\n".join([text[0], *decided]), "utf-8")
    lines = read_review(file, reviewer="Minh", now=NOW)
    assert {(line.label, line.step) for line in lines if line.province_code == "H02"} == {
        ("Tiep nhan HS", "Tiếp nhận hồ sơ"),
        ("Tra KQ", "Tra KQ"),
    }


def test_a_decision_nobody_knows_is_refused_with_its_line(tmp_path):
    file = tmp_path / "review.csv"
    file.write_text("organisation,label,step,confidence,decision,reviewed_by\nH01,a,b,1,maybe,\n", "utf-8")
    with pytest.raises(FormatError) as refused:
        read_review(file, reviewer="Minh", now=NOW)
    assert (refused.value.facts["line"], refused.value.facts["value"]) == (2, "maybe")


def test_what_people_decided_is_never_overruled(store_from):
    store = store_from(TRACES)
    with canonical_steps(store, Selection()) as state:
        assert state == "proposed"
        assert len(variants(store, Selection()).counts) == 1
    kept = accept(propose_vocabulary(store, Selection()), reviewer="Lan", now=NOW)
    kept = [line for line in kept if line.province_code == "H02"]
    apply_vocabulary(
        store,
        [line.__class__(line.province_code, line.label, line.label, 1.0, "x", "Lan", NOW) for line in kept],
        now=NOW,
    )
    with canonical_steps(store, Selection()) as state:
        assert state == "reviewed"
        assert len(variants(store, Selection()).counts) == 2
