"""Public logs are checked before they are loaded; the registry and the data cards agree."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

import pytest

from tests.conftest import LOGS, shared_log
from workbench.cli.reference import cards
from workbench.errors import FormatError, SettingError
from workbench.intake.dataset_cards import MARK
from workbench.intake.datasets import REGISTRY, add_dataset, datasets
from workbench.sources import read_profile

NOW = datetime(2026, 1, 5)
XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0"><trace><string key="concept:name" value="F1"/><event><string key="concept:name" value="Create Fine"/>
<date key="time:timestamp" value="2010-01-04T08:00:00.000+01:00"/></event></trace></log>"""


def registry_with(tmp_path, sha256: str):
    """A registry of one data set."""
    path = tmp_path / "registry.toml"
    path.write_text(
        f'[mine]\ntitle = "t"\ndoi = "10.1/x"\ndoi_source = "public"\nlicence = "l"\nfile = "f.xes"\nsha256 = "{sha256}"\n'
        'card = "card.md"\nmapping = ""\ndossiers = 0\nevents = 0\nsteps = 0\ncounts_from = "unknown"\nnote = ""\n'
        'set = { province = "IT", procedure = "fine" }\n',
        "utf-8",
    )
    return path


# the registry ---------------------------------------------------------------------------------------------
def test_the_logs_named_are_listed():
    wanted = {f"bpic15-{k}" for k in range(1, 6)} | {f"coselog-{k}" for k in range(1, 6)} | {"receipt", "road-fines"}
    assert wanted <= set(datasets())


@pytest.mark.parametrize("one", datasets().values(), ids=list(datasets()))
def test_every_entry_says_what_it_is(one):
    assert one.title and one.licence and one.file and one.note
    assert re.fullmatch(r"10\.\d{4,}/\S+", one.doi)
    assert one.doi_source in ("project", "public")
    assert re.fullmatch(r"([0-9a-f]{64})?", one.sha256)
    assert set(one.constants) == {"province", "procedure"}
    assert one.counts_from in ("loaded", "public", "unknown")
    assert (one.dossiers > 0) == (one.counts_from != "unknown")
    assert (one.counts_from == "loaded") == bool(one.sha256), "what was loaded was at hand to be summed"
    assert one.mapping is None or read_profile(one.mapping).tables


def test_files_and_checksums_are_told_apart():
    known = list(datasets().values())
    assert len({one.file for one in known}) == len(known)
    sums = [one.sha256 for one in known if one.sha256]
    assert len(set(sums)) == len(sums)
    assert len({(one.constants["province"], one.file.partition("f.")[1]) for one in known}) > 10


def test_an_entry_that_lacks_a_field_is_named(tmp_path):
    path = tmp_path / "registry.toml"
    path.write_text('[mine]\ntitle = "t"\n', "utf-8")
    with pytest.raises(FormatError, match="no registry of datasets"):
        datasets(path)


# the cards ------------------------------------------------------------------------------------------------
def test_every_card_has_prose_and_agrees_with_the_registry():
    written = cards()
    assert len(written) == 5
    for file, text in written:
        card = file.read_text("utf-8")
        assert card == text, f"{file.name} lags: run `python -m workbench.cli.reference`"
        head, _, _ = card.partition(MARK)
        for said in (
            "# Data card",
            "**What it is.**",
            "**How it is loaded.**",
            "**Good for**",
            "**Not good for**",
            "**Personal data.**",
        ):
            assert said in head, f"{file.name} does not say {said}"


def test_a_card_names_the_checksum_of_its_sets():
    texts = {file: file.read_text("utf-8") for file, _ in cards()}
    for one in datasets().values():
        assert (one.sha256 or "unknown: only with `--unverified`") in texts[one.card]
        assert one.doi in texts[one.card]
        if one.mapping is not None:
            assert one.mapping.name in texts[one.card]


def test_there_is_no_card_or_mapping_without_a_set():
    folder = REGISTRY.parent
    assert {path for path, _ in cards()} == set((folder / "cards").glob("*.md"))
    assert {one.mapping for one in datasets().values() if one.mapping} == set((folder / "mappings").glob("*.toml"))


# adding ---------------------------------------------------------------------------------------------------
def test_a_file_that_is_not_the_published_one_is_refused(store, tmp_path):
    file = tmp_path / "receipt.xes.gz"
    file.write_bytes(b"something else")
    for unverified in (False, True):
        with pytest.raises(FormatError, match="sha256"):
            add_dataset(store, "receipt", file, now=NOW, unverified=unverified)
    assert store.scalar("select count(*) from load") == 0


def test_an_unknown_name_lists_the_known_ones(store, tmp_path):
    with pytest.raises(SettingError, match="bpic15-1f"):
        add_dataset(store, "nothing", tmp_path / "x", now=NOW)


def test_a_missing_file_names_the_one_to_fetch(store, tmp_path):
    with pytest.raises(FormatError, match="Road_Traffic_Fine"):
        add_dataset(store, "road-fines", tmp_path / "none.xes", now=NOW)


def test_without_a_checksum_it_is_loaded_only_when_asked_for(store, tmp_path):
    file = tmp_path / "fines.xes"
    file.write_text(XES, "utf-8")
    with pytest.raises(SettingError, match="--unverified"):
        add_dataset(store, "road-fines", file, now=NOW)
    assert store.scalar("select count(*) from load") == 0
    report = add_dataset(store, "road-fines", file, now=NOW, unverified=True)
    assert (report.dossiers, report.events) == (1, 1)
    assert store.scalar("select procedure_code || ' ' || province_code from dossier") == "road-fine IT"


def test_a_file_with_the_right_checksum_is_loaded(store, tmp_path):
    file = tmp_path / "fines.xes"
    file.write_text(XES, "utf-8")
    registry = registry_with(tmp_path, hashlib.sha256(XES.encode()).hexdigest())
    assert add_dataset(store, "mine", file, now=NOW, registry=registry).dossiers == 1
    assert add_dataset(store, "mine", file, now=NOW, registry=registry).status == "already"


def test_the_receipt_log_loads(store):
    report = add_dataset(store, "receipt", shared_log("receipt_WABO_CoSeLoG.xes.gz"), now=NOW)
    assert (report.dossiers, report.events) == (1434, 8577)
    assert store.scalar("select count(*) from dossier where closed_at is not null and closed_at > due_at") == 377


@pytest.mark.slow
@pytest.mark.parametrize("name", ["receipt", "bpic15-1f", "coselog-2"])
def test_a_log_at_hand_has_the_counts_of_the_registry(name, store):
    one = datasets()[name]
    report = add_dataset(store, name, shared_log(one.file), now=NOW)
    steps = store.scalar("select count(distinct activity_id) from event where position is not null")
    assert (report.dossiers, report.events, steps) == (one.dossiers, one.events, one.steps)


@pytest.mark.skipif(not LOGS.is_dir(), reason="log not present")
def test_every_log_at_hand_has_the_checksum_of_the_registry():
    here = [one for one in datasets().values() if (LOGS / one.file).exists()]
    assert here
    assert [one.name for one in here if hashlib.sha256((LOGS / one.file).read_bytes()).hexdigest() != one.sha256] == []
