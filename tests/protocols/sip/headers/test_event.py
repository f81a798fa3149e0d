"""Event and Subscription-State (RFC 6665 8.2)."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.event import Event, SubscriptionState


def test_an_event_may_have_templates_and_an_id():
    event = Event.parse("presence.winfo ; id=7;x")
    assert (event.package, event.id) == ("presence.winfo", "7")
    assert str(event) == "presence.winfo;id=7;x"
    assert Event.parse("presence").id is None


def test_a_state_says_how_long_and_why():
    state = SubscriptionState.parse("Terminated;reason=Probation;retry-after=30")
    assert (state.state, state.reason, state.retry_after, state.expires) == ("terminated", "probation", 30, None)
    assert SubscriptionState.parse("active;expires=60").expires == 60


@pytest.mark.parametrize("text", ["", " ", "a b", "a,b", ";id=1", "a;=b"])
def test_what_is_no_token_is_refused(text):
    for kind in (Event, SubscriptionState):
        with pytest.raises(RemoteProtocolError):
            kind.parse(text)


def test_a_time_that_is_no_number_is_refused():
    with pytest.raises(RemoteProtocolError):
        _ = SubscriptionState.parse("active;expires=soon").expires
