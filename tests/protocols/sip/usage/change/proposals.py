"""Scenes of proposals: what a side offers beside what runs, and what becomes of it."""

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events
from tests.protocols.sip.usage.scenes import talking

SDP = ("Content-Type", "application/sdp")
OFFERED, ACCEPTED, REJECTED = "GotStreamProposal", "AcceptedStreamProposal", "RejectedStreamProposal"
OPENING = ["ESTABLISHED>PROPOSING", OFFERED]


def lines(message):
    return [(each.kind, each.port) for each in SessionDescription.parse(message.body).media]


def proposing(kind="chat", *running):
    caller, callee, wire = talking(*running)
    caller.do(events.AddStream(kind))
    caller.prepare_all()
    return caller, callee, wire


def proposed(kind="chat", *running):
    caller, callee, wire = proposing(kind, *running)
    wire.carry()
    return caller, callee, wire
