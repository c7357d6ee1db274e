"""`workbench serve`: the address is asked for by its options."""

from __future__ import annotations

import workbench.app


def test_options_reach_the_app(invoke, small, monkeypatch):
    asked = []
    monkeypatch.setattr(workbench.app, "serve", lambda path, settings: asked.append((path, settings)))
    assert invoke("serve", "--store", small, "--host", "127.0.0.2", "--port", 8099).code == 0
    ((path, settings),) = asked
    assert (path, settings["host"], settings["port"]) == (small, "127.0.0.2", 8099)


def test_a_port_that_is_none_is_an_error(invoke, small):
    assert invoke("serve", "--store", small, "--port", "x").code == 2
    assert invoke("serve", "--store", small, "--port", 0).code == 8
