"""Profiles are written, found and fit the tables they were made for."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import MappingError
from workbench.sources.mapping import Choice, Mapping
from workbench.sources.profiles import find_profile, profile_of, read_profile, write_profile
from workbench.sources.raw import RawTable

MAPPING = Mapping(
    "event",
    (
        Choice("dossier_code", 'Mã "hồ sơ"', 0.9, "heading"),
        Choice("label", "Bước", 0.9, "heading"),
        Choice("completed_at", "Lúc", 0.9, "heading"),
    ),
    ("Lĩnh vực",),
)


@pytest.mark.parametrize("name", ["p.toml", "p.json"])
def test_a_profile_comes_back_as_it_was_written(tmp_path: Path, name: str):
    profile = profile_of([MAPPING], {"province": "H01", "date_order": "dmy"})
    write_profile(profile, tmp_path / name)
    assert read_profile(tmp_path / name) == profile


def table(*columns: str, role: str | None = None) -> RawTable:
    return RawTable("csv", dict.fromkeys(columns, "VARCHAR"), (), role)


def test_a_profile_fits_the_tables_that_have_its_columns():
    profile = profile_of([MAPPING], {})
    found = profile.mapping_for(table('MÃ "HỒ SƠ"', "Buoc", "Lúc", "Lĩnh vực", "Khác"))
    assert found is not None
    assert found.columns() == {"dossier_code": 'MÃ "HỒ SƠ"', "label": "Buoc", "completed_at": "Lúc"}
    assert (found.extra, found.unused) == (("Lĩnh vực",), (("Khác", "profile"),))
    assert {choice.reason for choice in found.choices} == {"profile"}
    assert profile.mapping_for(table("Bước", "Lúc")) is None
    assert profile.mapping_for(table('Mã "hồ sơ"', "Bước", "Lúc", role="dossier")) is None


def test_the_table_with_most_columns_fits_best():
    small = Mapping("dossier", MAPPING.choices[:1])
    profile = profile_of([small, MAPPING], {})
    found = profile.mapping_for(table('Mã "hồ sơ"', "Bước", "Lúc"))
    assert found is not None
    assert found.role == "event"


def test_profiles_are_found_beside_the_store(tmp_path: Path):
    (tmp_path / "profiles").mkdir()
    write_profile(profile_of([MAPPING], {}), tmp_path / "profiles" / "igate.toml")
    store = tmp_path / "s.duckdb"
    assert find_profile("igate", store) == tmp_path / "profiles" / "igate.toml"
    with pytest.raises(MappingError, match="no profile 'other'") as caught:
        find_profile("other", store)
    assert caught.value.facts["choices"] == ["igate"]


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        "[[table]]\nrole = 'cat'\n[table.columns]\n",
        "[[table]]\nrole = 'event'\n[table.columns]\nfoo = 'x'\n",
    ],
)
def test_what_is_no_profile_is_said(tmp_path: Path, text: str):
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(MappingError, match="is not a profile"):
        read_profile(path)
