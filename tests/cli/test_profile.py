"""A mapping once used is saved and used again."""

from __future__ import annotations

from workbench.cli.main import run

LOG = "Mã hồ sơ,Nội dung,Lúc\nD{n},Tiếp nhận,06/01/2025 08:00\nD{n},Trả kết quả,13/01/2025 09:00\n"


def test_a_saved_profile_maps_the_next_file(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(LOG.format(n=1), "utf-8")
    second.write_text(LOG.format(n=2), "utf-8")
    store, profile = str(tmp_path / "s.duckdb"), tmp_path / "office.toml"
    named = ["--set", "province=H01", "--set", "procedure=1.1", "--set", "label=@column:Nội dung"]
    named += ["--set", "completed_at=@column:Lúc"]
    assert run(["load", str(first), "--store", store, *named, "--save-profile", str(profile), "--quiet"]) == 0
    assert "Nội dung" in profile.read_text("utf-8")
    assert run(["load", str(second), "--store", store, "--profile", str(profile), "--quiet"]) == 0
    from workbench.store import open_store

    with open_store(tmp_path / "s.duckdb", read_only=True) as opened:
        rows = opened.sql("select dossier_code, province_code, event_count from dossier order by 1")
    assert rows.to_numpy().tolist() == [["D1", "H01", 2], ["D2", "H01", 2]]
