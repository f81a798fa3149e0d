"""What the ranges of an Accept header take: RFC 3261 20.1."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.media_type import accepts


@pytest.mark.parametrize(
    ("values", "is_taken"),
    [
        (["application/sdp"], True),
        (["Application/SDP;level=1"], True),
        (["application/*"], True),
        (["*/*"], True),
        (["text/plain", "application/sdp, text/html"], True),
        (["text/plain"], False),
        (["text/*"], False),
        (["application/sdpng"], False),
        ([], False),
        ([""], False),
        (["application/sdp,"], True),
    ],
)
def test_a_type_is_taken_by_its_name_or_by_a_range_that_has_it(values, is_taken):
    assert accepts(values, "application", "sdp") is is_taken


@pytest.mark.parametrize("q", ["0", "0.0", "0.000", "0."])
def test_a_quality_of_nothing_is_a_refusal(q):
    assert not accepts([f"application/sdp;q={q}"], "application", "sdp")


@pytest.mark.parametrize("q", ["1", "1.0", "0.001", "0.5", "10", ".0", "", "x"])
def test_any_other_quality_is_none(q):
    assert accepts([f'application/sdp;q="{q}"'], "application", "sdp")


@pytest.mark.parametrize(
    ("values", "is_taken"),
    [
        (["*/*, application/sdp;q=0"], False),
        (["application/*;q=0, application/sdp"], True),
        (["*/*;q=0, application/*"], True),
        (["application/*;q=0, */*"], False),
    ],
)
def test_of_several_that_fit_the_narrowest_decides(values, is_taken):
    assert accepts(values, "application", "sdp") is is_taken


def test_a_range_that_is_none_is_refused():
    with pytest.raises(RemoteProtocolError):
        accepts(["application"], "application", "sdp")
