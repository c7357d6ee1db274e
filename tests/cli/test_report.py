"""`workbench report`: every report in every format, verified; kept harmonisations; what it refuses."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from docx import Document

from tests.cli.conftest import PROCEDURE, THREE, Invoke
from workbench.cli.exit_codes import ExitCode
from workbench.cli.main import run
from workbench.cli.report import NAMES

OTHER = "1.013225"
VERIFIED_BELOW = ("national", "province", "procedure")
"""Reports whose verification is tested on the level below; here the longer way by the command is left out."""
needs_libreoffice = pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")


@pytest.fixture(scope="module")
def models(small: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Kept harmonisations of two procedures."""
    out = {code: tmp_path_factory.mktemp("models") / code for code in (PROCEDURE, OTHER)}
    for code, folder in out.items():
        words = [
            "harmonise",
            "--store",
            str(small),
            "--procedure",
            code,
            *THREE,
            "--out",
            str(folder),
            "--seconds",
            "3",
        ]
        assert run([*words, "--quiet"]) == 0
    return out


def words_of(name: str, models: dict[str, Path]) -> list[object]:
    """The words a report needs beside its store and file."""
    one, two = models[PROCEDURE], models[OTHER]
    return {
        "national": [],
        "province": ["--province", "H29"],
        "procedure": ["--procedure", PROCEDURE],
        "decision": ["--model", one],
        "indicators": ["--province", "H29"],
        "internal_process": ["--model", one],
        "simplification": ["--model", one, "--model", two, "--cost", "gdp_per_head_vnd=124000000"],
        "annex": ["--model", one, "--model", two],
    }[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_report_is_written_and_verified(invoke: Invoke, small, models, tmp_path, name):
    path = tmp_path / f"{name}.html"
    words = words_of(name, models)
    assert invoke("report", name, "--store", small, "--out", path, *words, "--quiet").code == 0
    text = path.read_text("utf-8")
    assert "Dữ liệu giả lập" in text, "a synthetic log is never shown as a real one"
    assert "Nguồn số liệu của văn bản này" in text and "Cách tính thời hạn" in text
    if name in VERIFIED_BELOW:
        return
    given = [word for k, word in enumerate(words) if "--model" in (word, words[k - 1])]
    found = invoke("report", "--store", small, "--verify", path, *given, "--json", "--quiet")
    assert found.code == 0 and found.json["same"] and found.json["reasons"] == []
    recipe = found.json["recipe"]
    assert {"report", "selection", "language", "as_of", "store", "loads", "software"} <= recipe.keys()


@needs_libreoffice
@pytest.mark.slow
def test_pdf_is_verified_byte_by_byte(invoke: Invoke, small, models, tmp_path):
    path = tmp_path / "a.pdf"
    words = words_of("annex", models)
    assert invoke("report", "annex", "--store", small, "--out", path, *words, "--quiet").code == 0
    verify = ("report", "--store", small, "--verify", path, *words, "--json", "--quiet")
    found = invoke(*verify)
    assert found.code == 0 and found.json["same"]
    assert found.json["recipe"]["printer"].startswith("LibreOffice")


@pytest.mark.slow
def test_a_changed_file_or_harmonisation_is_noticed(invoke: Invoke, small, models, tmp_path):
    path = tmp_path / "a.html"
    words = words_of("annex", models)
    assert invoke("report", "annex", "--store", small, "--out", path, *words, "--quiet").code == 0
    verify = ("report", "--store", small, "--verify", path, "--json", "--quiet")
    moved = invoke(*verify, *words[2:], *words[:2])
    assert moved.code == ExitCode.NOT_VERIFIED and "model_changed" in moved.json["reasons"]
    path.write_bytes(path.read_bytes().replace("Trình tự".encode(), "Trật tự".encode()))
    changed = invoke(*verify, *words)
    assert changed.code == ExitCode.NOT_VERIFIED and changed.json["reasons"] == ["content_differs"]


@needs_libreoffice
@pytest.mark.slow
def test_word_in_english_is_verified(invoke: Invoke, small, tmp_path):
    path = tmp_path / "p.docx"
    words = ("--province", "H29", "--language", "en", "--as-of", "2026-10-31")
    assert invoke("report", "province", "--store", small, "--out", path, *words, "--quiet").code == 0
    text = "\n".join(p.text for p in Document(str(path)).paragraphs)
    assert "Synthetic" in text and "địa phương" not in text
    found = invoke("report", "--store", small, "--verify", path, "--json", "--quiet")
    assert found.code == 0 and found.json["recipe"]["as_of"] == "2026-10-31T23:59:59"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Hãy nêu một báo cáo"),
        (("national",), "Báo cáo cần một tệp"),
        (("national", "--out", "r.odt"), "r.odt"),
        (("national", "--out", "nowhere/r.html"), "Không ghi được"),
        (("province", "--out", "r.html"), "--province"),
        (("procedure", "--out", "r.html", "--procedure", "9.999999"), "9.999999"),
        (("annex", "--out", "r.html"), "--model"),
        (("decision", "--out", "r.html", "--model", "nowhere"), "unified.json"),
        (("simplification", "--out", "r.html", "--procedure", PROCEDURE, "--cost", "gdp=x"), "không phải là số"),
        (("indicators", "--out", "r.html", "--portal", "none.json"), "none.json"),
        (("indicators", "--out", "r.html", "--unit-is", "x"), "TÊN=GIÁ_TRỊ"),
    ],
)
def test_what_cannot_be_made_is_said_in_vietnamese(invoke: Invoke, small, tmp_path, words, said):
    done = invoke("report", *words, "--store", small, "--quiet")
    assert done.code != 0 and done.out == "" and said in done.err, done.err
    assert list(tmp_path.glob("*.html")) == [], "nothing is left half made"


def test_a_file_without_a_recipe_is_refused(invoke: Invoke, small, tmp_path):
    for name, content in (
        ("a.html", b"<p>x</p>"),
        ("a.pdf", b"no pdf"),
        ("a.docx", b"no zip"),
        ("b.html", b"workbench-report {}"),
    ):
        (tmp_path / name).write_bytes(content)
        done = invoke("report", "--store", small, "--verify", tmp_path / name)
        assert done.code not in (0, ExitCode.NOT_VERIFIED) and "Traceback" not in done.err, name


@pytest.mark.slow
def test_a_harmonisation_of_another_store_is_refused(invoke: Invoke, own, models, tmp_path):
    path = tmp_path / "d.html"
    assert invoke("report", "annex", "--store", own, "--out", path, "--model", models[PROCEDURE], "--quiet").code == 0
    basis = json.loads((models[PROCEDURE] / "evaluation.json").read_text("utf-8"))["basis"]
    words = ("--procedure", PROCEDURE, "--from", "2025-01-01", "--model", models[PROCEDURE])
    other = invoke("report", "decision", "--store", own, "--out", path, *words, "--quiet")
    assert other.code != 0 and "hồ sơ khác với báo cáo" in other.err
    broken = tmp_path / "old"
    shutil.copytree(models[PROCEDURE], broken)
    text = (broken / "evaluation.json").read_text("utf-8").replace(basis["store_version"], "0" * 12)
    (broken / "evaluation.json").write_text(text, "utf-8")
    old = invoke("report", "annex", "--store", own, "--out", tmp_path / "x.html", "--model", broken, "--quiet")
    assert old.code != 0 and "trạng thái khác" in old.err
    (broken / "unified.json").write_text("{}", "utf-8")
    empty = invoke("report", "annex", "--store", own, "--out", tmp_path / "x.html", "--model", broken, "--quiet")
    assert empty.code != 0 and "không phải là kết quả hài hòa" in empty.err
    unnamed = invoke("report", "--store", own, "--verify", path)
    assert unnamed.code != 0 and "thư mục hài hòa" in unnamed.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words", "gap"),
    [
        ("national", (), "ít hơn 30 hồ sơ"),
        ("indicators", (), "ít hơn 30 hồ sơ"),
        ("procedure", ("--procedure", PROCEDURE), "Không có sự kiện nào trong phạm vi chọn."),
        ("internal_process", ("--procedure", PROCEDURE), "Chưa lập được quy trình thống nhất"),
        ("simplification", ("--procedure", PROCEDURE), "Chưa có nội dung đơn giản hóa nào đủ căn cứ."),
    ],
)
def test_an_empty_period_is_an_explicit_gap(invoke: Invoke, small, tmp_path, name, words, gap):
    path = tmp_path / "e.html"
    period = ("--from", "1999-01-01", "--to", "1999-01-31")
    done = invoke("report", name, "--store", small, "--out", path, *words, *period, "--quiet")
    assert done.code == 0, done.err
    text = path.read_text("utf-8")
    assert gap in text and "Dữ liệu giả lập" in text
    assert re.findall(r"<td[^>]*>\s*\d[\d.,]* %", text) == [], "a rate of nothing is not shown"
