"""What applications may say of events, types and headers."""

from __future__ import annotations

import pytest

from sipsimple.api.asking.events import PACKAGES, checked_event, checked_events, checked_packages
from sipsimple.api.asking.header_lines import checked_content_type, checked_lines
from sipsimple.api.engine.options import EngineOptions


def test_the_known_packages_are_there_beside_those_of_the_application():
    options = EngineOptions(events={"x-tea": ["Application/X-Tea"], "presence": ["text/plain"]})

    assert options.events == {**PACKAGES, "x-tea": ("application/x-tea",), "presence": ("text/plain",)}
    assert EngineOptions().events == PACKAGES


@pytest.mark.parametrize(
    "options", [{"events": ["x"]}, {"events": {"x": "a/b"}}, {"message_types": "a/b"}, {"unsolicited_events": "a"}]
)
def test_what_is_no_collection_is_refused(options):
    with pytest.raises(TypeError):
        EngineOptions(**options)


@pytest.mark.parametrize(
    "options", [{"events": {"a b": []}}, {"message_types": ["text"]}, {"unsolicited_events": [""]}]
)
def test_what_is_no_name_is_refused(options):
    with pytest.raises(ValueError, match="must be"):
        EngineOptions(**options)


def test_an_event_may_have_an_id():
    assert checked_event("presence;id=7").id == "7"
    assert checked_packages("x", ["presence;id=7"]) == ("presence",)
    with pytest.raises(TypeError):
        checked_event(7)


def test_no_events_are_those_that_are_known_by_themselves():
    assert checked_events("x", None) == PACKAGES


@pytest.mark.parametrize(
    "headers", [{"X A": "b"}, {"": "b"}, {"X": "a\nb"}, {"X": ""}, {"Via": "x"}, {"v": "x"}, {"Event": "x"}]
)
def test_headers_that_cannot_stand_are_refused(headers):
    with pytest.raises(ValueError, match=r"header|applications"):
        checked_lines(headers, ("event",))


@pytest.mark.parametrize("headers", [{7: "b"}, {"X": 7}])
def test_headers_are_text(headers):
    with pytest.raises(TypeError):
        checked_lines(headers)


def test_headers_are_copied():
    given = {"X-Own": "1"}
    checked = checked_lines(given)
    given["X-Own"] = "2"
    assert checked == {"X-Own": "1"}


@pytest.mark.parametrize("text", ["text", "te xt/plain", "text/", "/plain", "text/plain\r\nX: y"])
def test_what_is_no_content_type_is_refused(text):
    with pytest.raises(ValueError, match="content"):
        checked_content_type(text)
