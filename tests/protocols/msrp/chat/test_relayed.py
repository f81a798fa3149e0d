"""Putting relays before the path of a chat."""

from __future__ import annotations

import pytest

from sipsimple.errors import SessionStateError
from sipsimple.protocols.msrp.chat import chat, relayed

OWN, PEER = "msrp://192.0.2.1:2855/alice01;tcp", "msrp://192.0.2.2:2856/bob01;tcp"
INNER, OUTER = "msrp://192.0.2.8:2855/inner;tcp", "msrp://192.0.2.9:2855/outer;tcp"


def test_relays_stand_before_our_own_uri_and_we_send_to_the_nearest_first():
    value, outputs = relayed.through(chat.create((OWN,), "seed"), (OUTER, INNER))
    assert (value.session.local_path, outputs) == ((OUTER, INNER, OWN), ())
    value, _ = chat.start(value, (PEER,), ("*",), ("*",), True)
    assert value.session.terms.to_path == f"{INNER} {OUTER} {PEER}"


def test_relays_may_be_replaced_as_long_as_the_chat_lives():
    value, _ = relayed.through(chat.create((OWN,), "seed"), (OUTER, INNER))
    value, _ = relayed.through(value, (INNER,))
    assert value.session.local_path == (INNER, OWN)
    value, _ = chat.start(value, (PEER,), ("*",), ("*",), True)
    value, _ = relayed.through(value, (OUTER,))
    assert (value.session.local_path, value.session.terms.to_path) == ((OUTER, OWN), f"{OUTER} {PEER}")
    value, _ = chat.connection_lost(value, True)
    with pytest.raises(SessionStateError):
        relayed.through(value, (INNER,))


def test_a_peer_that_moves_is_followed():
    """RFC 4975 section 8: a new path of the peer is where we send from then on."""
    value, _ = chat.start(chat.create((OWN,), "seed"), (PEER,), ("*",), ("*",), True)
    value, outputs = relayed.follow(value, (OUTER, PEER))
    assert (value.session.terms.to_path, value.session.terms.peer, outputs) == (f"{OUTER} {PEER}", PEER, ())
    assert relayed.follow(value, (OUTER, PEER)) == (value, ())
    assert relayed.follow(value, ()) == (value, ())
