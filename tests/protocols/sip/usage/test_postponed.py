"""Requests of the peer that come while nobody can be told of them: RFC 3261 21.5.4."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.usage import events, step
from tests.protocols.sip.usage.scenes import established, in_dialog


def postpone(party, request):
    return party.feed(step.request_postponed, events.RequestArrived(request, party.call.flow))


@pytest.mark.parametrize("method", ["INFO", "INVITE", "UPDATE", "REFER", "MESSAGE"])
def test_it_is_to_come_again_and_nothing_has_changed(method):
    party = established()
    before, told = party.call, list(party.told)
    postpone(party, in_dialog(party, method, 5))
    answer = party.last
    assert (answer.status, answer.get("retry-after")) == (503, "5")
    assert (party.call.state, party.call.dialog, party.told) == (before.state, before.dialog, told)


def test_a_repeat_gets_its_answer_whatever_that_was():
    party = established()
    taken, refused = in_dialog(party, "INFO", 5, body=b"x"), in_dialog(party, "INFO", 6, body=b"x")
    party.receive(taken)
    postpone(party, taken)
    postpone(party, refused)
    party.receive(refused)
    assert party.statuses("INFO") == [200, 200, 503, 503]
    assert party.names.count("SCSessionGotInfo") == 1
