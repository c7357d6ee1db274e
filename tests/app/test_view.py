"""Views and addresses."""

from __future__ import annotations

from datetime import date

import pytest

from workbench.app.view import View, language_of
from workbench.errors import SelectionError
from workbench.selection import Selection


def test_an_address_and_its_view_are_the_same_thing():
    view = View(
        selection=Selection(procedure="1.012783", provinces_2025=("H26", "H29"), start=date(2025, 1, 1), closed=True),
        language="en",
        clock="law",
        by="agency_code",
        names="labels",
        params={"paths": "80"},
    )
    assert View.from_search(view.search()) == view


def test_what_the_address_leaves_out_comes_from_the_settings():
    assert View.from_search("", {"lang": "en", "clock": "local"}).clock == "local"
    assert View.from_search("?clock=law", {"clock": "local"}).clock == "law"


def test_language_and_clock_are_always_written_so_that_pasting_keeps_them():
    assert "clock=portal" in View().search()
    assert "lang=vi" in View().search()


def test_page_parameters_stay_behind_when_going_to_another_page():
    view = View.from_search("?procedure=1&paths=80&lang=en")
    assert "paths" not in view.search(page=False)
    assert "procedure=1" in view.search(page=False)


@pytest.mark.parametrize("search", ["?clock=sundial", "?lang=fr", "?by=shoe_size", "?names=mine", "?start=31/12/2025"])
def test_a_value_that_is_not_allowed_is_named(search):
    with pytest.raises(SelectionError) as raised:
        View.from_search(search)
    assert search.partition("=")[2] in str(raised.value)


def test_the_language_is_read_whatever_else_is_wrong():
    assert language_of("?lang=en&clock=sundial", "vi") == "en"
    assert language_of("?lang=fr", "vi") == "vi"


def test_a_parameter_outside_its_choices_counts_as_not_given():
    view = View.from_search("?colour=plaid&paths=many")
    assert view.param("colour", "frequency", ("frequency", "duration")) == "frequency"
    assert view.number("paths", 90) == 90
