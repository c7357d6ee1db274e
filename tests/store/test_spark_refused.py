"""What is said where Spark is not there; needs neither pyspark nor Java."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from workbench.cli.main import run
from workbench.errors import SettingError, StoreError
from workbench.store.spark import session
from workbench.store.spark.files import Item, fingerprint, location


def test_pyspark_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(StoreError, match=r"pip install 'workbench\[spark\]'"):
        session.connect("local[1]")


def test_java_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(session, "_pyspark", lambda: None)
    monkeypatch.setattr(session.shutil, "which", lambda name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(StoreError, match="openjdk-17-jre-headless"):
        session.connect("local[1]")


@pytest.mark.parametrize("master", ["nonsense", "spark://host-without-port"])
def test_a_master_that_is_none(master: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(session, "_pyspark", lambda: None)
    monkeypatch.setattr(session, "_java", lambda: None)
    with pytest.raises(SettingError, match="spark://HOST:7077"):
        session.connect(master)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["mine", "dfg", "--store", "x", "--engine", "spark"], 8, "--master"),
        (["mine", "dfg", "--store", "x", "--master", "local[1]"], 8, "--engine spark"),
        (["prepare", "--store", "x"], 8, "--engine spark"),
        (["clocks", "--store", "x", "--engine", "spark", "--master", "local[1]", "--spark-option", "x=y"], 8, "spark."),
    ],
)
def test_options_that_do_not_fit(words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]):
    assert run(words) == code
    assert said in capsys.readouterr().err


def test_an_address_stays_and_a_path_becomes_one(tmp_path: Path):
    assert location("s3a://bucket/log/") == "s3a://bucket/log"
    assert location("hdfs:///log") == "hdfs:///log"
    assert location(tmp_path) == tmp_path.as_uri()


def test_the_fingerprint_follows_the_files():
    one, two = Item("a", "events.parquet", 10, 1, False), Item("a", "events.parquet", 10, 2, False)
    assert fingerprint([one], "1") == fingerprint([one], "1")
    assert len({fingerprint([one], "1"), fingerprint([two], "1"), fingerprint([one], "2")}) == 3
