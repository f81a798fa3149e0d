"""How streams enter offer and answer, and what their loss means: RFC 3264 6, RFC 4975 8."""

import pytest

from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams import streams
from tests.protocols.sip.usage.scenes import answered, established, in_dialog


def test_the_last_stream_that_breaks_takes_the_call_with_it():
    for make in (established, answered):
        party = make()
        party.do(events.StreamFailed("chat", "connection reset"))
        assert party.last.method == "BYE"
        assert party.failure == ("local", 0, "connection reset")


def test_a_stream_that_breaks_without_a_reason_still_gives_one():
    party = established()
    party.do(events.StreamFailed("chat", ""))
    assert party.failure[2]


def test_the_peer_closes_the_last_stream_and_its_bye_has_time_to_come():
    party = established()
    party.do(events.StreamEnded("chat", "closed"))
    assert party.running["grace"] == streams.GRACE
    assert not party.call.has("chat")
    party.receive(in_dialog(party, "BYE", 2))
    assert "SCSessionDidFail" not in party.names


def test_the_peer_closes_the_last_stream_and_no_bye_comes():
    party = established()
    party.do(events.StreamEnded("chat", "closed"))
    party.fire("grace")
    assert party.last.method == "BYE"
    assert party.failure[:2] == ("remote", 0)


@pytest.mark.parametrize("event", [events.StreamEnded, events.StreamFailed])
def test_what_a_forgotten_stream_says_later_changes_nothing(event):
    party = established()
    party.do(events.StreamEnded("chat", "closed"))
    assert party.do(event("chat", "again")) == []
    assert party.state is State.ESTABLISHED


def test_grace_ends_nothing_while_a_stream_runs():
    party = established()
    assert party.fire("grace") == []
