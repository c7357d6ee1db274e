"""A few simulated users against the real server of two workers; `python -m tests.bench.users` is the long run."""

from __future__ import annotations

from functools import partial

import pytest

from tests.bench import users


@pytest.mark.slow
@pytest.mark.browser
def test_a_few_users_meet_no_error(country, browser, monkeypatch, tmp_path):
    import shutil

    store = tmp_path / "c.duckdb"
    shutil.copyfile(country, store)
    monkeypatch.setattr(users, "PAGES", ("/", "/process", "/bottlenecks", "/data"))
    found = users.run(store, users=6, seconds=6, workers=2, think=0.5, recorder=partial(users.record, browser=browser))
    assert found["first_errors"] == []
    assert found["requests"] > 30
    assert all(found["callbacks_of_pages"].values())
    assert found["stopped"] == 0
