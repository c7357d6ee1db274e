"""`workbench glance`: files before they are loaded."""

from __future__ import annotations


def test_tables_for_people_and_json_for_machines(invoke, simple_csv, tmp_path):
    said = invoke("glance", simple_csv, "--language", "en")
    assert said.code == 0
    assert "Tiếp nhận" in said.out
    assert "2 dossiers, 5 events, 2 variants" in said.err
    found = invoke("glance", simple_csv, "--json").json
    assert (found["dossiers"], found["events"], found["variants_in_all"]) == (2, 5, 2)
    assert found["duration_seconds"]["median"] == (25 + 47.5) / 2 * 3600
    assert found["refused"] == []
    assert not list(tmp_path.glob("*.duckdb*"))


def test_a_column_can_be_given(invoke, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("code,buoc,luc\nA,Tiếp nhận,2024-03-04 08:00\nA,Trả kết quả,2024-03-04 09:00\n", "utf-8")
    given = ("--set", "dossier_code=@column:code", "--set", "completed_at=@column:luc")
    assert invoke("glance", path, *given, "--json").json["edges"][0]["median_seconds"] == 3600
