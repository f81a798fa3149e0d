"""Calls whose ends use extensions of SIP: session timers, reliable provisional responses, UPDATE."""

from __future__ import annotations

from sipsimple.protocols.sip.message import Request, Response, response_to
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.policy import DEFAULT, Policy
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, sdp, str_of
from tests.protocols.sip.usage.party import ALICE, BOB, CONTACT, TAG, UDP, Header, Party, Wire
from tests.protocols.sip.usage.scenes import TERMS, answer_to, in_dialog, invite, talking

TIMED = Policy(1800, 90)
"""Asks for a session timer."""

SUPPORTS = ("Supported", "100rel, timer")
SDP = ("Content-Type", "application/sdp")
OURS = ("Session-Expires", "1800;refresher=uac")
THEIRS = ("Session-Expires", "1800;refresher=uas")
TAKES_UPDATE = ("Allow", "INVITE, ACK, BYE, UPDATE")
NO_UPDATE = ("Allow", "INVITE, ACK, BYE")


def timed(*kinds: str) -> tuple[Party, Party, Wire]:
    """Return what `talking` does; both ends want a session timer."""
    return talking(*kinds, policy=TIMED)


def calling(policy: Policy = DEFAULT, *kinds: str) -> Party:
    """Return a party whose INVITE is out."""
    party = Party(audio=TERMS, policy=policy)
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", kinds or ("chat",)))
    party.do(events.TargetResolved(UDP))
    party.prepare_all()
    return party


def ringing(*headers: Header, policy: Policy = DEFAULT, body: bytes | None = None) -> Party:
    """Return a party that is called."""
    party = Party(audio=TERMS, policy=policy)
    party.receive(invite(*headers, body=body))
    return party


def accepted(*headers: Header, policy: Policy = DEFAULT) -> Party:
    """Return an incoming call that is established."""
    party = ringing(*headers, policy=policy)
    party.do(events.Accept(("chat",)))
    party.prepare()
    party.receive(in_dialog(party, "ACK", 1))
    assert party.state is State.ESTABLISHED
    return party


def reply(request: Request, status: int, *headers: Header, body: bytes = b"") -> Response:
    """Return the peer's response to a request of ours."""
    kind = "application/sdp" if body else None
    return response_to(request, status, to_tag=TAG, headers=headers, body=body, content_type=kind)


def reliable(party: Party, rseq: int, status: int = 180, tag: str = TAG, body: bytes = b"") -> Response:
    """Return a reliable provisional response to the INVITE of `party`."""
    headers = (CONTACT, ("Require", "100rel"), ("RSeq", str(rseq)))
    kind = "application/sdp" if body else None
    request = party.requests("INVITE")[-1]
    return response_to(request, status, to_tag=tag, headers=headers, body=body, content_type=kind)


def audio(port: int, *more: str) -> bytes:
    """Return a description with an audio line of the peer."""
    return sdp(str_of(audio_media(port)), *more)


def refreshing(allow: Header = TAKES_UPDATE) -> Party:
    """Return an outgoing call that refreshes itself, at the moment when it is due."""
    party = calling(TIMED)
    party.receive(answer_to(party, 200, OURS, allow))
    party.sent.clear()
    party.fire("refresh")
    return party
