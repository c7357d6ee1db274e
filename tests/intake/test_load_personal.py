"""Names and numbers never reach the store in clear, and the same person has the same key."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from pathlib import Path

import pytest

from tests.intake.conftest import NOW, csv
from workbench.errors import StoreError
from workbench.intake import load
from workbench.intake.personal import LENGTH, key_file, load_key

HEADING = "Mã hồ sơ,Bước,Thời điểm,Người xử lý,Chủ hồ sơ,Số CCCD,Số điện thoại,Email,Địa chỉ"
SECRETS = ("Trần Thị Bích Ngọc", "Nguyễn Hoàng Long", "079123456789", "0987654321", "long@nha.vn", "12 phố Huế")
ROW = "{},a,{},Trần Thị Bích Ngọc,Nguyễn Hoàng Long,079123456789,0987654321,long@nha.vn,12 phố Huế"


def test_no_secret_is_in_any_file_of_the_store(loaded, target, tmp_path: Path):
    loaded({"log.csv": csv(ROW.format("H1", "2025-01-01 08:00"), ROW.format("H1", "no time"), heading=HEADING)})
    (row,) = target.con.execute('select "row", value from quarantine').fetchall()
    assert row[0].count("***") == 6
    target.con.execute("checkpoint")
    for path in tmp_path.glob("s.duckdb*"):
        content = path.read_bytes()
        for secret in SECRETS:
            assert secret.encode() not in content, (path, secret)
    tables = target.con.execute(
        "select table_name from information_schema.tables where table_catalog <> 'temp'"
    ).fetchall()
    for (name,) in tables:
        text = str(target.con.execute(f'select * from "{name}" limit 1000').fetchall())
        assert [secret for secret in SECRETS if secret in text] == []


def test_nothing_is_left_on_the_connection(loaded, target):
    loaded({"log.csv": csv(ROW.format("H1", "2025-01-01 08:00"), heading=HEADING)})
    left = target.con.execute(
        "select table_name from information_schema.tables where table_catalog = 'temp' "
        "and regexp_matches(table_name, '^(staged|typed|intake)_')"
    ).fetchall()
    variables = target.con.execute("select name from duckdb_variables()").fetchall()
    assert (left, variables) == ([], [])


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_the_key_lies_beside_the_store_for_its_owner_only(loaded, target):
    loaded({"log.csv": csv("H1,a,2025-01-01 08:00")})
    path = key_file(target.path)
    assert path.name == "s.duckdb.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(path.read_text().strip())) == 32


def test_the_hash_is_hmac_sha256(loaded, target, ask):
    loaded({"log.csv": csv(ROW.format("H1", "2025-01-01 08:00"), heading=HEADING)})
    key, _ = load_key(target.path)

    def keyed(text: str) -> str:
        return hmac.new(key, text.lower().encode(), hashlib.sha256).hexdigest()[:LENGTH]

    assert ask("select officer_key from event") == [(keyed("Trần Thị Bích Ngọc"),)]
    assert ask("select applicant_key from dossier") == [(keyed("079123456789"),)]


def test_the_same_person_has_the_same_key_in_every_load(loaded, ask):
    loaded({"a.csv": csv(ROW.format("H1", "2025-01-01 08:00"), heading=HEADING)})
    loaded({"b.csv": csv(ROW.format("H2", "2025-01-02 08:00").replace("Trần Thị", "TRẦN  THỊ"), heading=HEADING)})
    assert ask(
        "select count(distinct officer_key), count(distinct applicant_key) from event join dossier using (dossier_key)"
    ) == [(1, 1)]


@pytest.mark.parametrize("number", ["000000001", "0000000000", "111111111", "123456789"])
def test_a_placeholder_number_is_nobodys(loaded, ask, number: str):
    heading = "Mã hồ sơ,Ngày tiếp nhận,Chủ hồ sơ,Số CCCD"
    loaded({"d.csv": csv(f"H1,2025-01-01,Người A,{number}", f"H2,2025-01-01,Người B,{number}", heading=heading)})
    assert ask("select count(distinct applicant_key), min(extra) from dossier") == [
        (2, '{"artefact":"placeholder_identity"}')
    ]


def test_another_store_has_other_keys(tmp_path: Path):
    one, _ = load_key(tmp_path / "a.duckdb")
    two, _ = load_key(tmp_path / "b.duckdb")
    again, made = load_key(tmp_path / "a.duckdb")
    assert (one != two, again == one, made) == (True, True, False)


def test_a_broken_key_file_is_said(tmp_path: Path):
    key_file(tmp_path / "s.duckdb").write_text("hello")
    with pytest.raises(StoreError, match="not a key file"):
        load_key(tmp_path / "s.duckdb")


def test_a_lost_key_is_said(loaded, target):
    loaded({"a.csv": csv("H1,a,2025-01-01 08:00")})
    key_file(target.path).unlink()
    report = loaded({"b.csv": csv("H2,a,2025-01-01 08:00")})
    assert "key_made_anew" in [notice.code for notice in report.notices]


def test_hashing_can_be_switched_off_and_that_is_said(loaded, ask):
    report = loaded({"log.csv": csv(ROW.format("H1", "2025-01-01 08:00"), heading=HEADING)}, hash_personal=False)
    assert ask("select officer_key from event") == [("Trần Thị Bích Ngọc",)]
    assert "personal_in_clear" in [notice.code for notice in report.notices]


def test_a_failed_first_load_leaves_no_key(write, target):
    from workbench.errors import MappingError

    with pytest.raises(MappingError):
        load(target, write({"log.csv": csv("H1,a", heading="Mã hồ sơ,Bước")}), now=NOW)
    assert not key_file(target.path).exists()
