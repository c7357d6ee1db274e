"""Public logs are checked before they are loaded."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.conftest import shared_log
from workbench.errors import FormatError, SettingError
from workbench.intake.datasets import add_dataset, datasets

NOW = datetime(2026, 1, 5)


def test_every_entry_says_what_it_is():
    known = datasets()
    assert {"receipt", "bpic15-1f", "coselog-1", "road-fines"} <= set(known)
    assert all(one.title and one.licence and one.file for one in known.values())
    assert all(len(one.sha256) in (0, 64) for one in known.values())


def test_a_file_that_is_not_the_published_one_is_refused(store, tmp_path):
    file = tmp_path / "receipt.xes.gz"
    file.write_bytes(b"something else")
    with pytest.raises(FormatError, match="sha256"):
        add_dataset(store, "receipt", file, now=NOW)
    assert store.scalar("select count(*) from load") == 0


def test_an_unknown_name_lists_the_known_ones(store, tmp_path):
    with pytest.raises(SettingError, match="bpic15-1f"):
        add_dataset(store, "nothing", tmp_path / "x", now=NOW)


def test_the_receipt_log_loads(store):
    report = add_dataset(store, "receipt", shared_log("receipt_WABO_CoSeLoG.xes.gz"), now=NOW)
    assert (report.dossiers, report.events) == (1434, 8577)
    assert store.scalar("select count(*) from dossier where closed_at is not null and closed_at > due_at") == 377
