"""XES and OCEL files of a selection, read back by pm4py."""

from __future__ import annotations

import gzip
from datetime import datetime

import pandas as pd
import pytest

from tests.conftest import StoreFrom
from workbench.errors import Cancelled, SelectionError, WorkbenchError
from workbench.export.ocel import ocel_bytes, write_ocel
from workbench.export.selection_file import write_selection
from workbench.export.xes import write_xes, xes_bytes
from workbench.mining.pm4py_door import pm4py
from workbench.progress import Cancellable
from workbench.selection import Selection
from workbench.store import LogStore


@pytest.fixture
def log(store_from: StoreFrom) -> LogStore:
    day = datetime(2024, 1, 2, 8)
    rows = [
        ("H1", "d1", "Tiếp nhận <&>", day, "Một cửa", 0),
        ("H1", "d1", "Thẩm định", day.replace(hour=9, microsecond=5000), "Phòng A", 1),
        ("H2", "d2", "Tiếp nhận <&>", day.replace(day=3), None, 0),
        ("H2", "d2", 'Trả "kết quả"', day.replace(day=4), "Một cửa", 1),
        ("H2", "d2", 'Trả "kết quả"', day.replace(day=4, minute=1), "Một cửa", 2),
    ]
    events = pd.DataFrame(
        rows, columns=["province_code", "dossier_code", "label", "completed_at", "unit", "source_order"]
    )
    return store_from(events=events)


@pytest.mark.filterwarnings("ignore::UserWarning:pm4py")
def test_xes_is_read_back_equal(log, tmp_path):
    for name in ("log.xes", "log.xes.gz"):
        frame = pm4py.read_xes(str(write_xes(log, tmp_path / name)))
        assert list(frame["concept:name"]) == [
            "Tiếp nhận <&>",
            "Thẩm định",
            "Tiếp nhận <&>",
            'Trả "kết quả"',
            'Trả "kết quả"',
        ]
        assert list(frame["case:concept:name"]) == ["d1", "d1", "d2", "d2", "d2"]
        times = pd.to_datetime(frame["time:timestamp"], utc=True).dt.tz_convert("Asia/Ho_Chi_Minh").dt.tz_localize(None)
        stored = log.fetch(log.events().order_by("dossier_key", "position").select("completed_at"))["completed_at"]
        assert list(times) == list(stored)
        assert list(frame["org:group"].fillna("")) == ["Một cửa", "Phòng A", "", "Một cửa", "Một cửa"]
        assert set(frame["case:province_code"]) == {"H1", "H2"}
    assert gzip.decompress((tmp_path / "log.xes.gz").read_bytes()) == xes_bytes(log)


def test_a_selection_only(log):
    text = xes_bytes(log, Selection(provinces=("H2",))).decode()
    assert text.count("<trace>") == 1 and text.count("<event>") == 3
    with pytest.raises(SelectionError):
        xes_bytes(log, Selection(provinces=("H9",)))


def test_ocel_is_read_back_equal(log, tmp_path):
    ocel = pm4py.read_ocel2_json(str(write_ocel(log, tmp_path / "log.json")))
    events, objects = ocel.events.sort_values("ocel:eid"), ocel.objects
    assert len(events) == 5 and set(events["ocel:activity"]) == {"Tiếp nhận <&>", "Thẩm định", 'Trả "kết quả"'}
    assert objects["ocel:type"].value_counts().to_dict() == {"dossier": 2, "unit": 2}
    flat = pm4py.ocel_flattening(ocel, "dossier")
    assert sorted(flat.groupby("case:concept:name").size()) == [2, 3]
    dossiers = objects[objects["ocel:type"] == "dossier"]
    assert set(dossiers["dossier_code"]) == {"d1", "d2"}


def test_ocel_names_its_types(log):
    text = ocel_bytes(log).decode()
    assert '"objectTypes"' in text and '"qualifier": "by"' in text


def test_a_stopped_export_leaves_no_file(log, tmp_path):
    progress = Cancellable()
    progress.cancel()
    with pytest.raises(Cancelled):
        write_xes(log, tmp_path / "log.xes", progress=progress)
    assert list(tmp_path.glob("log*")) == []


def test_the_name_decides_the_format(log, tmp_path):
    for name in ("a.xes", "a.xes.gz", "a.jsonocel", "a.csv", "a.xlsx", "a.parquet"):
        assert write_selection(log, tmp_path / name).stat().st_size > 200
    table = pd.read_parquet(tmp_path / "a.parquet")
    assert list(table["label"]) == ["Tiếp nhận <&>", "Thẩm định", "Tiếp nhận <&>", 'Trả "kết quả"', 'Trả "kết quả"']
    assert list(table["position"]) == [0, 1, 0, 1, 2]
    with pytest.raises(WorkbenchError, match="no known format"):
        write_selection(log, tmp_path / "a.txt")
