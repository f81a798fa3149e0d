"""OPTIONS inside a call, and methods that are not supported: RFC 3261 11.2, 8.2.1."""

import pytest

from sipsimple.protocols.sip.usage import events
from tests.protocols.sip.usage.scenes import answered, answering, calling, established, in_dialog, ringing

ALL = pytest.mark.parametrize("make", [calling, ringing, answering, established, answered])


@ALL
def test_options_is_answered_in_every_state(make):
    party = make()
    before = party.state
    party.receive(in_dialog(party, "OPTIONS", 5))
    assert party.last.status == 200
    assert set(party.last.allow) > {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "PRACK", "UPDATE"}
    assert set(party.last.supported) >= {"100rel", "timer"}
    assert party.last.get("accept") == "application/sdp"
    assert party.state is before


@ALL
@pytest.mark.parametrize("method", ["MESSAGE", "REGISTER", "PUBLISH", "X-NEW"])
def test_a_method_that_is_not_supported_gets_405_with_allow(make, method):
    party = make()
    party.receive(in_dialog(party, method, 5))
    assert party.last.status == 405
    assert "BYE" in party.last.allow
    assert party.notes[-1].data == {"method": method, "status": 405, "reason": f"method {method}"}


def test_options_is_answered_while_the_call_ends():
    party = established()
    party.do(events.Terminate())
    party.receive(in_dialog(party, "OPTIONS", 5))
    assert party.last.status == 200
