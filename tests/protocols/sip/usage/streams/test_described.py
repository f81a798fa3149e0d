"""Which bodies bring a description: RFC 3261 8.2.3, 20.11; RFC 5621."""

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.setup.admission import admit
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams import described
from tests.protocols.sip.usage.descriptions import sdp
from tests.protocols.sip.usage.extended import reliable
from tests.protocols.sip.usage.extended import ringing as ringing_with_audio
from tests.protocols.sip.usage.party import UDP, Party
from tests.protocols.sip.usage.scenes import answer_to, calling, established, in_dialog, invite, ringing

MIXED = ("Content-Type", 'multipart/mixed;boundary="b"')
OPTIONAL = ("Content-Disposition", "render;handling=optional")
TEXT = ("Content-Type", "text/plain")


def part(body: bytes = b"x", *headers: str) -> bytes:
    return b"--b\r\n" + "".join(f"{each}\r\n" for each in headers).encode() + b"\r\n" + body + b"\r\n"


def mixed(*given: bytes) -> bytes:
    return b"".join(given) + b"--b--\r\n"


OURS = part(sdp(), "Content-Type: application/sdp")
ISUP = part(b"\x01\x00", "Content-Type: application/ISUP;version=itu-t92+")
BOTH = mixed(ISUP, OURS)


def of(body, *headers):
    return described.of(invite(*(headers or (MIXED,)), body=body))


@pytest.mark.parametrize(
    "body",
    [
        mixed(OURS),
        BOTH,
        mixed(OURS, ISUP),
        mixed(part(sdp(), "CONTENT-TYPE : Application/SDP ; charset=utf-8", "Content-Disposition: session")),
        mixed(part(b"early", "Content-Type: application/sdp", "Content-Disposition: early-session"), OURS),
        mixed(part(b"bm8=", "Content-Type: application/sdp", "Content-Transfer-Encoding: base64"), OURS),
        mixed(OURS, part(b"second", "Content-Type: application/sdp")),
        mixed(OURS, part(b"x", "Content-Type: a/b", "Content-Disposition: signal;handling=optional")),
        mixed(
            part(
                b"--c\r\nContent-Type: application/sdp\r\n\r\n" + sdp() + b"\r\n--c--",
                "Content-Type: multipart/alternative;boundary=c",
            )
        ),
    ],
)
def test_the_first_description_of_the_session_counts_among_several_parts(body):
    assert of(body) == sdp()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (mixed(ISUP), 415),
        (mixed(), 415),
        (mixed(OURS, part(b"x", "Content-Type: a/b", "Content-Disposition: signal;handling=required")), 415),
        (b"junk", 400),
        (mixed(part(b"x", "Content-Type: x")), 400),
    ],
)
def test_parts_of_which_none_can_be_taken_or_one_must_be_known_are_refused(body, status):
    with pytest.raises(RemoteProtocolError) as error:
        of(body)
    assert error.value.status == status
    with pytest.raises(RemoteProtocolError):
        admit(invite(MIXED, body=body), UDP, 1)


def test_parts_within_parts_are_looked_for_so_deep_and_no_deeper():
    for depth, found in ((described.DEEPEST, True), (described.DEEPEST + 1, False)):
        body, kind = sdp(), "application/sdp"
        for level in range(depth):
            body = f"--b{level}\r\nContent-Type: {kind}\r\n\r\n".encode() + body + f"\r\n--b{level}--".encode()
            kind = f"multipart/mixed;boundary=b{level}"
        assert described.is_in(invite(("Content-Type", kind), body=body)) is found


@pytest.mark.parametrize("headers", [(TEXT, OPTIONAL), (TEXT, ("Content-Disposition", "x; Handling = Optional"))])
def test_a_body_that_may_be_passed_over_is_none(headers):
    assert admit(invite(*headers, body=b"hello"), UDP, 1).offer is None
    party = ringing(*headers, body=b"hello")
    party.do(events.Accept(("chat",)))
    party.prepare()
    assert (party.last.status, bool(party.last.body)) == (200, True)


@pytest.mark.parametrize("disposition", ["render", "render;handling=required", "render;handling", 'a;"', ""])
def test_any_other_body_of_an_unknown_kind_is_refused(disposition):
    with pytest.raises(RemoteProtocolError) as error:
        admit(invite(TEXT, ("Content-Disposition", disposition), body=b"hello"), UDP, 1)
    assert error.value.status == 415


def test_a_description_counts_though_it_might_be_passed_over():
    assert admit(invite(OPTIONAL), UDP, 1).offer is not None


def test_an_invite_among_other_parts_is_answered_as_any_other():
    party = ringing(MIXED, body=BOTH)
    party.do(events.Accept(("chat",)))
    party.prepare()
    assert (party.last.status, party.last.content_type.essence) == (200, "application/sdp")


def in_parts(response):
    return response.replacing({"Content-Type": MIXED[1]})


def test_an_answer_among_other_parts_begins_the_session_and_a_proposed_change():
    party = calling()
    party.receive(in_parts(answer_to(party, 200, body=BOTH)))
    assert (party.state, party.requests("BYE")) == (State.ESTABLISHED, [])
    party.do(events.Hold())
    party.receive(in_parts(answer_to(party, 200, body=BOTH)))
    assert (party.state, party.requests("BYE")) == (State.ESTABLISHED, [])


def test_the_ack_may_bring_the_answer_among_other_parts():
    party = Party()
    party.receive(invite(body=b""))
    party.do(events.Accept(("chat",)))
    party.prepare()
    party.receive(in_dialog(party, "ACK", 1, MIXED, body=BOTH))
    assert party.state is State.ESTABLISHED


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_later_offer_is_found_likewise_and_what_may_be_passed_over_is_no_offer(method):
    party = established()
    party.receive(in_dialog(party, method, 2, MIXED, body=BOTH))
    assert (party.last.status, bool(party.last.body)) == (200, True)
    party = established()
    party.receive(in_dialog(party, method, 2, TEXT, OPTIONAL, body=b"hello"))
    assert (party.last.status, bool(party.last.body)) == (200, method == "INVITE")


def test_a_provisional_response_brings_it_likewise_and_prack_what_may_be_passed_over():
    party = calling()
    party.receive(in_parts(reliable(party, 1, 183, body=BOTH)))
    assert [each.method for each in party.sent] == ["INVITE", "PRACK"]
    (fork,) = party.call.pending.forks
    assert fork.negotiation.remote_description is not None

    party = ringing_with_audio(("Require", "100rel"))
    rack = ("RAck", f"{party.last.get('rseq')} 1 INVITE")
    party.receive(in_dialog(party, "PRACK", 2, rack, TEXT, OPTIONAL, body=b"hello"))
    assert party.last.status == 200
