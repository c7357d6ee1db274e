"""XES: streamed, case attributes apart, nothing resolved."""

from __future__ import annotations

import gzip

import pytest

from tests.conftest import shared_log
from workbench.errors import FormatError
from workbench.sources.opening import register
from workbench.sources.xes import read_xes

LOG = """<?xml version="1.0" encoding="UTF-8"?>
<log xmlns="http://www.xes-standard.org/">
 <extension name="Time" prefix="time" uri="http://nowhere.invalid/time.xesext"/>
 <global scope="trace"><string key="concept:name" value="UNKNOWN"/></global>
 <string key="concept:name" value="the log"><string key="nested" value="x"/></string>
 <trace>
  <string key="concept:name" value="c1"/>
  <date key="deadline" value="2024-02-01T00:00:00+01:00"><string key="why" value="nested"/></date>
  <list key="papers"><values><string key="paper" value="a"/></values></list>
  <event><string key="concept:name" value="a"/><date key="time:timestamp" value="2024-01-01T08:00:00Z"/></event>
  <event><string key="concept:name" value="b"/><int key="cost" value="5"/><date key="time:timestamp" value="2024-01-02T08:00:00Z"/></event>
 </trace>
 <trace><string key="concept:name" value="c2"/></trace>
</log>"""


def test_events_and_traces(given, folder, rows):
    events, traces = read_xes(given("log.xes", LOG), folder)
    assert (events.role, traces.role, traces.derived) == ("event", "dossier", True)
    assert rows(events) == [
        ("c1", "a", "2024-01-01T08:00:00Z", None),
        ("c1", "b", "2024-01-02T08:00:00Z", "5"),
    ]
    assert list(traces.columns) == ["case:concept:name", "case:deadline"]
    assert rows(traces) == [("c1", "2024-02-01T00:00:00+01:00"), ("c2", None)]


def test_without_namespace_and_packed(given, folder, rows):
    plain = LOG.replace(' xmlns="http://www.xes-standard.org/"', "")
    events, _ = read_xes(given("log.xes.gz", gzip.compress(plain.encode())), folder)
    assert len(rows(events)) == 2


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8))
    + ']><log><trace><string key="concept:name" value="&i;"/></trace></log>'
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        '<!DOCTYPE log SYSTEM "file:///etc/passwd"><log><trace><string key="concept:name" value="c"/></trace></log>',
    ],
)
def test_a_document_type_is_refused(given, folder, text: str):
    with pytest.raises(FormatError, match=r"XML bomb|not well-formed"):
        read_xes(given("bomb.xes", text), folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LOG[:-40], "not well-formed"),
        ("<log></log>", "without traces"),
        ("<pnml><net/></pnml>", "not XES"),
        ("<html><log/></html>", "not <log>"),
    ],
)
def test_what_is_no_xes_log(given, folder, text: str, message: str):
    with pytest.raises(FormatError, match=message):
        read_xes(given("log.xes", text), folder)


def test_a_truncated_packed_log(given, folder):
    packed = gzip.compress(LOG.encode() * 1)
    with pytest.raises(FormatError, match="damaged or cut off"):
        read_xes(given("log.xes.gz", packed[:-60]), folder)


def test_a_limit_stops_early(given, folder, rows):
    many = LOG.replace(' <trace><string key="concept:name" value="c2"/></trace>', "".join(
        f'<trace><string key="concept:name" value="d{n}"/><event><string key="concept:name" value="a"/></event></trace>'
        for n in range(50)
    ))  # fmt: skip
    events, _ = read_xes(given("log.xes", many), folder, limit=5)
    assert 5 <= len(rows(events)) < 10


def test_late_columns_are_null_before(given, folder, rows, monkeypatch):
    monkeypatch.setattr("workbench.sources.staging.BATCH", 1)
    events, _ = read_xes(given("log.xes", LOG), folder)
    assert [row[-1] for row in rows(events)] == [None, "5"]


def test_the_receipt_log_is_counted_right(folder):
    events, traces = read_xes(register(shared_log("receipt_WABO_CoSeLoG.xes.gz")), folder)
    assert (events.rows, traces.rows) == (8577, 1434)
    assert {"case:deadline", "case:enddate", "case:channel"} <= set(traces.columns)
