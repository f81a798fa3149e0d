"""Which transactions have had their final response and only wait for repeats: RFC 3261 17.1, 17.2, RFC 6026."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.transaction.matching import client_key, server_key
from tests.protocols.sip.transaction.messages import UDP, request, response

INVITE, BYE = request(), request("BYE", "z9hG4bKbye", cseq=2)
CALLED, CALLING = server_key(INVITE), client_key(INVITE)
ASKED, ASKING = server_key(BYE), client_key(BYE)


def after(*calls):
    txns = Transactions()
    for function, *arguments in calls:
        txns, _ = function(txns, *arguments)
    return txns


OUT = (layer.send_request, INVITE, UDP)
IN = (layer.receive_request, INVITE, UDP)
BUSY = response(INVITE, 486)
REFUSED = (layer.respond, CALLED, BUSY)
ACKNOWLEDGED = (layer.receive_request, request("ACK", cseq=1), UDP)


@pytest.mark.parametrize(
    "calls",
    [
        (OUT,),
        (OUT, (layer.receive_response, response(INVITE, 180))),
        (IN,),
        (IN, (layer.respond, CALLED, response(INVITE, 180))),
        ((layer.send_request, BYE, UDP),),
        ((layer.receive_request, BYE, UDP),),
    ],
    ids=["calling", "ringing", "called", "rings", "asking", "asked"],
)
def test_who_waits_for_a_final_response_is_live(calls):
    txns = after(*calls)
    assert layer.live(txns)
    assert not layer.lingering(txns).entries


@pytest.mark.parametrize(
    ("calls", "key"),
    [
        ((OUT, (layer.receive_response, BUSY)), CALLING),
        ((OUT, (layer.receive_response, response(INVITE, 200))), CALLING),
        ((IN, REFUSED), CALLED),
        ((IN, REFUSED, ACKNOWLEDGED), CALLED),
        ((IN, (layer.respond, CALLED, response(INVITE, 200))), CALLED),
        (((layer.send_request, BYE, UDP), (layer.receive_response, response(BYE, 200))), ASKING),
        (((layer.receive_request, BYE, UDP), (layer.respond, ASKED, response(BYE, 200))), ASKED),
    ],
    ids=["refused", "answered", "refuses", "was told so", "answers", "done", "did"],
)
def test_who_has_it_lingers_until_no_repeat_can_come(calls, key):
    txns = after(*calls)
    assert not layer.live(txns)
    assert set(layer.lingering(txns).entries) == {key}
