"""A store is closed while it is still asked."""

from __future__ import annotations

import threading
import time

import duckdb

from workbench.store import open_store

LONG = "select sum(a.range * b.range) from range(100000) a, range(1000000) b"


def test_a_store_is_closed_while_another_thread_still_asks_it(tmp_path):
    store = open_store(tmp_path / "s.duckdb")
    begun, said = threading.Event(), []

    def ask():
        begun.set()
        try:
            store.con.execute(LONG).fetchall()
        except duckdb.Error as error:
            said.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    begun.wait()
    time.sleep(0.3)
    store.close()
    thread.join(10)
    assert len(said) == 1


def test_a_handle_that_ends_while_it_is_closed_is_closed(tmp_path):
    """Between being told that the handle is busy and stopping what is asked, that may have ended with the handle."""
    store = open_store(tmp_path / "s.duckdb")
    real, said = store.con, []

    class Busy:
        def close(self):
            said.append("close")
            if len(said) == 1:
                raise duckdb.ResourceInUseException("busy")
            real.close()

        def interrupt(self):
            said.append("interrupt")
            real.close()
            real.interrupt()

    store.con = Busy()
    store.close()
    assert said == ["close", "interrupt", "close"]
