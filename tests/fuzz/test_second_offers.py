"""Whatever comes between a first offer with CEMA and one without: a chat that runs was started (RFC 6714 4.2)."""

from __future__ import annotations

from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.media import Connection
from sipsimple.protocols.sdp.message_media import MessageMedia
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, sdp, str_of
from tests.protocols.sip.usage.party import ALICE, BOB, TAG, UDP, Party
from tests.protocols.sip.usage.scenes import TERMS, answer_to, in_dialog

SDP = ("Content-Type", "application/sdp")
TYPES = ("message/cpim", "text/*")
THEIRS = MessageMedia(("msrp://192.0.2.66:2855/peer;tcp",), TYPES)
LINES = {
    "astray": THEIRS.to_media(Connection.to("192.0.2.80")),
    "alike": THEIRS.to_media(Connection.to("192.0.2.66")),
    "between": MessageMedia(("msrp://192.0.2.80:9000/between;tcp",), TYPES, port=9000).to_media(),
    "refused": THEIRS.to_media().with_(port=0),
}
OURS = MessageMedia(("msrp://192.0.2.9:2855/s1;tcp",), TYPES, cema=True).to_media()
RELAYED = MessageMedia(("msrp://192.0.2.77:2855/r;tcp", "msrp://192.0.2.9:2855/s1;tcp"), TYPES, cema=True).to_media()
COMMANDS = {
    "hold": events.Hold(),
    "unhold": events.Unhold(),
    "choose": events.StreamOutdated("audio"),
    "move audio": events.StreamMoved("audio", audio_media(7000)),
    "move chat": events.StreamMoved("chat", RELAYED),
    "remove audio": events.RemoveStream("audio"),
    "remove chat": events.RemoveStream("chat"),
    "break chat": events.StreamFailed("chat", "the relay is gone"),
    "crash": events.Resumed(),
}
STEPS = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(sorted(LINES))),
    st.tuples(st.just("refuse"), st.sampled_from([403, 488, 491, 491, 500, 503])),
    st.tuples(st.just("offer"), st.sampled_from(sorted(LINES))),
    st.tuples(st.just("do"), st.sampled_from(sorted(COMMANDS))),
    st.tuples(st.sampled_from(["prepare", "retry", "acknowledge"]), st.just("")),
)


class Scene:
    """A caller with audio and a chat that has CEMA, and a peer that answers as it is told."""

    def __init__(self) -> None:
        self.party = party = Party(audio=TERMS)
        self.cseq, self.version = 1, 0
        party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("audio", "chat")))
        party.do(events.TargetResolved(UDP))
        party.prepare("audio")
        party.prepare("chat", OURS)

    def take(self, what: str, how: str | int) -> None:
        party, pending = self.party, self.party.call.pending
        if party.state is State.TERMINATED:
            return
        if what in ("answer", "refuse") and pending is not None and pending.is_ours:
            body = self.description(party.requests("INVITE")[-1].body, str(how)) if what == "answer" else b""
            party.receive(answer_to(party, 200 if what == "answer" else int(how), tag=TAG, body=body))
        elif what == "offer" and party.state is State.ESTABLISHED and (pending is None or pending.is_ours):
            local = party.call.negotiation.local_description
            self.cseq += 1
            body = self.description(bytes(local), str(how))
            party.receive(in_dialog(party, "INVITE", self.cseq, SDP, body=body))
        elif what == "acknowledge" and pending is not None and pending.success is not None:
            party.receive(in_dialog(party, "ACK", self.cseq))
        elif what == "do" and party.state is State.ESTABLISHED and self.is_possible(str(how)):
            party.do(COMMANDS[str(how)])
        elif what == "retry" and "retry" in party.running:
            party.fire("retry")
        elif what == "prepare" and party.unprepared:
            party.prepare(party.unprepared[0].kind)

    def is_possible(self, name: str) -> bool:
        kind = next((each for each in ("audio", "chat") if name.endswith(each) or (name == "choose")), None)
        if name == "move audio":
            self.party.unprepared = [each for each in self.party.unprepared if each.kind != "audio"]
        return kind is None or self.party.call.runs("audio" if name == "choose" else kind)

    def description(self, ours: bytes, chat: str) -> bytes:
        self.version += 1
        lines = []
        for mine in SessionDescription.parse(ours).media:
            if mine.port == 0:
                theirs = mine
            elif mine.kind == "audio":
                theirs = audio_media(5000, {"sendonly": "recvonly", "inactive": "inactive"}.get(mine.direction))
            else:
                theirs = LINES[chat]
            lines.append(str_of(theirs))
        return sdp(*lines, version=self.version)

    def come_to_rest(self) -> None:
        """Let the peer agree to whatever is left."""
        for _ in range(60):
            for what in ("prepare", "acknowledge", "answer", "retry"):
                self.take(what, "between")
            if self.party.state is State.PROPOSED:
                self.party.do(events.RejectProposal())
            if not self.party.call.is_busy and not self.party.unprepared:
                return
        raise AssertionError("it never comes to rest")


@given(st.sampled_from(["astray", "astray", "alike"]), st.lists(STEPS, max_size=25))
@example(
    "alike",
    [("answer", "alike"), ("do", "remove audio"), ("answer", "alike"), ("do", "move chat"), ("do", "break chat")],
)
@settings(max_examples=200, deadline=None)
def test_a_chat_that_runs_was_started_and_nothing_waits_for_ever(first, steps):
    scene = Scene()
    scene.take("answer", first)
    for step in steps:
        scene.take(*step)
    scene.come_to_rest()
    party = scene.party
    event(f"{len(party.requests('INVITE'))} INVITEs, {party.state}")
    if party.state is State.ESTABLISHED and party.call.runs("chat"):
        assert [each for each in party.asked if isinstance(each, outputs.StartStream) and each.kind == "chat"]
