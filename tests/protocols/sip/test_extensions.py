"""The extensions that we support, and the refusal of all others: RFC 3261 8.2.2.3."""

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.extensions import SUPPORTED, TAGS, check_require, requires, supports
from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.usage.within.options import CAPABILITIES


def request(*headers, method="INVITE"):
    return Request(method, "sip:a@example.org", headers)


def test_what_is_said_to_be_supported_may_be_required():
    assert dict(CAPABILITIES)["Supported"] == SUPPORTED
    check_require(request(("Require", SUPPORTED.upper())))
    assert {"100rel", "timer", "replaces", "norefersub"} == TAGS == set(SUPPORTED.split(", "))


def test_what_is_not_supported_is_refused_and_named():
    with pytest.raises(RemoteProtocolError) as caught:
        check_require(request(("Require", "timer, foo"), ("Require", "bar")))
    assert (caught.value.status, caught.value.header) == (420, ("Unsupported", "foo, bar"))


@pytest.mark.parametrize("method", ["ACK", "CANCEL"])
def test_ack_and_cancel_are_past_asking(method):
    check_require(request(("Require", "foo"), method=method))


def test_who_requires_an_extension_supports_it():
    message = request(("Require", "100REL"), ("Supported", "Timer"))
    assert [supports(message, each) for each in ("100rel", "timer", "foo")] == [True, True, False]
    assert [requires(message, each) for each in ("100rel", "timer")] == [True, False]


def test_a_header_that_cannot_be_read_means_no_support():
    message = request(("Supported", "<>"), ("Require", "<>"))
    assert not supports(message, "timer")
