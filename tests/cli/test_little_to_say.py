"""Logs about which little can be said: every command says what and why in both languages, and makes up no number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_procedure_change import UNSOUND
from tests.harmonise.logs import closed_log, traces
from tests.harmonise.test_bad_input import opened, tied
from workbench.export.bpmn import write_bpmn
from workbench.i18n import catalogue
from workbench.store import open_store
from workbench.store.loading import Staged, StagedFile, load_staged

PROCEDURE = "1.000001"
SPELT = ("Thẩm định hồ sơ", "Tham dinh ho so", "THẨM ĐỊNH HS")


def spelt() -> dict[tuple[str, str], tuple[str, ...]]:
    """Three organisations that name one step in three ways."""
    return {
        (name, f"{name}{k}"): ("Tiếp nhận hồ sơ", step, "Trả kết quả")
        for name, step in zip("ABC", SPELT, strict=True)
        for k in range(40)
    }


LOGS: dict[str, Callable[[], dict[str, Any]]] = {
    "one_organisation": lambda: closed_log(traces(A="a b c x40")),
    "two_cases": lambda: closed_log(traces(A="a b c", B="a b c")),
    "no_shared_step": lambda: closed_log(traces(A="a b x40", B="c d x40", C="e f x40")),
    "unreviewed": lambda: closed_log(spelt()),
    "ties_only": lambda: tied(closed_log(traces(A="a b c x40", B="a b c x40", C="a b c x20, a c x20"))),
    "all_open": lambda: opened(closed_log(traces(A="a b c x40", B="a b c x40", C="a b x40"))),
}


@pytest.fixture(scope="module")
def stores(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("little")
    made = {}
    for name, log in LOGS.items():
        made[name] = folder / f"{name}.duckdb"
        with open_store(made[name]) as store:
            names = {}
            for table, frame in log().items():
                kind = table.removesuffix("s")
                store.con.register(f"given_{kind}", frame)
                store.con.execute(f"create or replace temp table staged_{kind} as select * from given_{kind}")
                names[kind] = f"staged_{kind}"
            files = (StagedFile("test", name, 0, "log", 1),)
            load_staged(store, Staged(files=files, format="test", **names), now=datetime(2024, 6, 1))
    return made


NOTES = [
    ("one_organisation", {"one_organisation"}),
    ("two_cases", {"few_organisations", "few_cases"}),
    ("no_shared_step", {"no_shared_step"}),
    ("unreviewed", {"unreviewed_vocabulary"}),
    ("ties_only", {"ties_only"}),
    ("all_open", {"all_open"}),
]


@pytest.mark.parametrize(("log", "codes"), NOTES, ids=[name for name, _ in NOTES])
def test_recommend_says_what_cannot_be_said(invoke, stores, log, codes):
    words = ("recommend", "--store", stores[log], "--procedure", PROCEDURE, "--quiet")
    found = invoke(*words, "--json").json
    assert codes <= set(found["notes"])
    for row in found["recommendations"]:
        assert row["verdict"] != "recommended"
        assert (row["effect_working_hours"], row["interval"], row["working_days_a_year"]) == (None, None, None)
        assert row["days_reason"]
        assert row["vnd_a_year"] is not None or row["vnd_reason"]
    for language in ("vi", "en") if log == "one_organisation" else ("vi",):  # both have the same keys
        done = invoke(*words, "--language", language)
        assert done.code == 0
        assert all(catalogue(language)[f"harmonise.note.{code}"] in done.err for code in codes)


ERRORS = [
    ("compare", "one_organisation", 6, "one organisation only: A", "Phạm vi chọn chỉ có một đơn vị: A"),
    ("harmonise", "one_organisation", 6, "one organisation only: A", "Phạm vi chọn chỉ có một đơn vị: A"),
    ("compare", "two_cases", 6, "more than one dossier", "Không đơn vị nào có hơn một hồ sơ"),
    ("harmonise", "two_cases", 6, "more than one dossier", "Không đơn vị nào có hơn một hồ sơ"),
    ("configure", "two_cases", 6, "one dossier only", "A chỉ có một hồ sơ"),
    ("harmonise", "no_shared_step", 7, "no step in common", "không có bước nào chung"),
    ("migrate", "unsound", 7, "not sound", "không đúng đắn: có trạng thái không đi tới kết thúc"),
    ("track", "unsound", 7, "not sound", "không đúng đắn: có trạng thái không đi tới kết thúc"),
    ("configure", "unsound", 7, "not sound", "không đúng đắn: có trạng thái không đi tới kết thúc"),
    ("migrate", "all_open", 6, "no closed dossier", "không có hồ sơ nào đã kết thúc"),
    ("track", "all_open", 6, "no closed dossier", "không có hồ sơ nào đã kết thúc"),
]


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> dict[str, Path]:
    """A folder of a straight model and one of a model that is not sound."""
    from tests.mining.models import bpmn

    out = {name: tmp_path_factory.mktemp(name) for name in ("sound", "unsound")}
    write_bpmn(bpmn("s>a a>b b>c c>e"), out["sound"] / "unified.bpmn")
    (out["unsound"] / "unified.bpmn").write_text(UNSOUND, "utf-8")
    return out


@pytest.mark.parametrize(("command", "log", "code", "english", "vietnamese"), ERRORS)
def test_commands_refuse_with_a_reason(*, invoke, stores, models, tmp_path, command, log, code, english, vietnamese):
    out = tmp_path / "out.bpmn"
    store = stores["ties_only" if log == "unsound" else log]
    words = [command, "--store", store, "--procedure", PROCEDURE, "--quiet"]
    if command in ("migrate", "track", "configure"):
        words += ["--model", models["unsound" if log == "unsound" else "sound"]]
    words += ["--organisation", "A", "--out", out] if command == "configure" else []
    words += ["--out", out] if command == "harmonise" else []
    for language, text in (("en", english), ("vi", vietnamese)):
        done = invoke(*words, "--language", language)
        assert (done.code, done.out) == (code, "")
        assert text in done.err
    assert not out.exists()
