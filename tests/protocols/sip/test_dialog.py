from __future__ import annotations

import pytest

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.dialog import State
from sipsimple.protocols.values import replace
from tests.protocols.sip.transaction.messages import request, response

VIA = "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnew;rport"
ANSWERED = ("Contact", "<sip:bob@192.0.2.1:5062>")
LOOSE = (("Record-Route", "<sip:p1.example.org;lr>"), ("Record-Route", "<sip:p2.example.org;lr>;x=y"))


@pytest.fixture
def invite():
    return request(cseq=5)


@pytest.fixture
def caller(invite):
    return dialogs.from_response(invite, response(invite, 200, ANSWERED))


@pytest.fixture
def callee(invite):
    return dialogs.from_request(invite, "b-tag")


def routed(dialog, *routes):
    return replace(dialog, route_set=routes)


def test_the_caller_makes_its_dialog_from_request_and_response(caller):
    """RFC 3261 §12.1.2."""
    assert caller == dialogs.Dialog(
        call_id="call-1",
        local_tag="a-tag",
        remote_tag="b-tag",
        local='"Alice" <sip:alice@example.org>',
        remote="<sip:bob@example.org>",
        local_cseq=5,
        remote_cseq=None,
        remote_target="sip:bob@192.0.2.1:5062",
        route_set=(),
        secure=False,
        state=State.CONFIRMED,
        is_caller=True,
    )


def test_the_callee_makes_its_dialog_from_the_request(callee):
    """RFC 3261 §12.1.1."""
    assert callee == dialogs.Dialog(
        call_id="call-1",
        local_tag="b-tag",
        remote_tag="a-tag",
        local="<sip:bob@example.org>",
        remote='"Alice" <sip:alice@example.org>',
        local_cseq=0,
        remote_cseq=5,
        remote_target="sip:alice@192.0.2.2:5060",
        route_set=(),
        secure=False,
        state=State.EARLY,
        is_caller=False,
    )


def test_both_ends_match_the_ids_of_the_other(caller, callee):
    _, bye = dialogs.request(caller, "BYE", VIA)
    assert dialogs.matches(callee, bye.call_id, bye.to.tag, bye.from_.tag)
    assert not dialogs.matches(caller, bye.call_id, bye.to.tag, bye.from_.tag)
    assert not dialogs.matches(callee, "call-2", bye.to.tag, bye.from_.tag)
    assert not dialogs.matches(callee, bye.call_id, "other", bye.from_.tag)


def test_the_route_set_is_reversed_for_the_caller_only(invite):
    recorded = request(headers=(ANSWERED, *LOOSE))
    values = tuple(value for _, value in LOOSE)
    assert dialogs.from_request(recorded, "b-tag").route_set == values
    assert dialogs.from_response(invite, response(invite, 200, ANSWERED, *LOOSE)).route_set == values[::-1]


@pytest.mark.parametrize("value", ["<sip:p1.example.org;lr>, <sip:p2.example.org;lr>"])
def test_a_route_set_in_one_header_line_is_the_same(value):
    dialog = dialogs.from_request(request(headers=(ANSWERED, ("Record-Route", value))), "b-tag")
    assert dialog.route_set == ("<sip:p1.example.org;lr>", "<sip:p2.example.org;lr>")


def test_a_provisional_response_makes_it_early_and_a_2xx_confirms_it(invite):
    early = dialogs.from_response(invite, response(invite, 180, ANSWERED))
    assert early.state is State.EARLY
    confirmed = dialogs.confirmed(early, response(invite, 200, ("Contact", "<sip:bob@moved>"), *LOOSE))
    assert (confirmed.state, confirmed.remote_target) == (State.CONFIRMED, "sip:bob@moved")
    assert confirmed.route_set == tuple(value for _, value in LOOSE[::-1])


def test_confirming_keeps_the_numbers_of_requests_sent_meanwhile(invite):
    """RFC 3261 §13.2.2.4: only the route set is computed again."""
    early = dialogs.from_response(invite, response(invite, 180, ANSWERED))
    early, _ = dialogs.request(early, "PRACK", VIA)
    assert dialogs.confirmed(early, response(invite, 200, ANSWERED)).local_cseq == 6


def test_a_later_2xx_does_not_change_the_route_set(caller, invite):
    assert dialogs.confirmed(caller, response(invite, 200, ANSWERED, *LOOSE)).route_set == ()


def test_the_callee_confirms_by_sending_its_2xx(callee):
    confirmed = dialogs.confirmed(callee)
    assert confirmed == replace(callee, state=State.CONFIRMED)


def test_a_response_without_contact_leaves_the_request_uri_as_target(invite):
    assert dialogs.from_response(invite, response(invite, 180)).remote_target == invite.uri


def test_a_request_without_contact_makes_no_dialog():
    with pytest.raises(RemoteProtocolError, match="without Contact") as error:
        dialogs.from_request(request(headers=()), "b-tag")
    assert error.value.status == 400


def test_a_caller_of_rfc_2543_that_gives_no_contact_is_where_its_from_says():
    """Its branch tells what it is; a tel URI leads nowhere."""
    old = request(headers=()).replacing({"Via": "SIP/2.0/UDP 192.0.2.9", "From": "<sip:alice@example.org>"})
    assert dialogs.from_request(old, "b-tag").remote_target == "sip:alice@example.org"
    with pytest.raises(RemoteProtocolError, match="without Contact"):
        dialogs.from_request(old.replacing({"From": "<tel:+15551234>"}), "b-tag")


def test_tags_that_rfc_2543_left_out_are_left_out_again(invite):
    """RFC 3261 §12.1, §12.2.1.1."""
    null = dialogs.from_response(invite, response(invite, 200, ANSWERED, tag=None))
    _, bye = dialogs.request(null, "BYE", VIA)
    assert bye.get("To") == "<sip:bob@example.org>"
    assert dialogs.matches(null, "call-1", "a-tag", None)
    assert dialogs.from_request(request(from_="<sip:alice@example.org>"), "b-tag").remote_tag == ""


@pytest.mark.parametrize(
    "written", ["<sip:a@b>;tag=T;x=y", "<sip:a@b>;x=y;tag=T", "<sip:a@b>;x=y ;TAG=T", "<sip:a@b> ; tag = T;x=y"]
)
def test_the_tag_is_taken_out_of_the_address_wherever_it_stands(written):
    dialog = dialogs.from_request(request(from_=written), "b-tag")
    _, bye = dialogs.request(dialog, "BYE", VIA)
    assert (dialog.remote_tag, bye.to.tag, bye.to.parameter("x")) == ("T", "T", "y")
    assert "tag" not in dialog.remote.lower()


@pytest.mark.parametrize(("uri", "secure"), [("sips:bob@x", True), ("SIPS:bob@x", True), ("sip:sips@x", False)])
def test_a_sips_uri_makes_it_secure(uri, secure):
    invite = request(uri=uri)
    assert dialogs.from_request(invite, "b-tag").secure is secure
    assert dialogs.from_response(invite, response(invite, 200)).secure is secure


def test_a_request_within_the_dialog_has_its_ids_and_the_next_number(caller):
    """RFC 3261 §12.2.1.1."""
    after, info = dialogs.request(caller, "INFO", VIA, [("Content-Type", "text/plain")], b"hello")
    assert (info.method, info.uri, info.body) == ("INFO", "sip:bob@192.0.2.1:5062", b"hello")
    assert info.get_all("Via") == [VIA]
    assert (info.from_.tag, info.to.tag, info.call_id) == ("a-tag", "b-tag", "call-1")
    assert str(info.cseq) == "6 INFO"
    assert (info.max_forwards, info.content_length, info.get("Content-Type")) == (70, 5, "text/plain")
    assert info.get("Route") is None
    assert after == replace(caller, local_cseq=6)


def test_the_callees_first_number_is_one(callee):
    _, bye = dialogs.request(callee, "BYE", VIA)
    assert bye.cseq.number == 1


def test_loose_routers_are_written_as_routes(caller):
    _, bye = dialogs.request(routed(caller, "<sip:p1;lr>", "<sip:p2>"), "BYE", VIA)
    assert bye.uri == caller.remote_target
    assert bye.get_all("Route") == ["<sip:p1;lr>", "<sip:p2>"]


def test_a_strict_router_is_the_request_uri_and_the_target_comes_last(caller):
    """RFC 3261 §12.2.1.1; what a Request-URI may not have is left out, §19.1.1."""
    strict = routed(caller, "<sip:p1;method=X;transport=tcp?Subject=y>", "<sip:p2;lr>")
    _, bye = dialogs.request(strict, "BYE", VIA)
    assert bye.uri == "sip:p1;transport=tcp"
    assert bye.get_all("Route") == ["<sip:p2;lr>", "<sip:bob@192.0.2.1:5062>"]


@pytest.mark.parametrize("method", ["ACK", "CANCEL"])
def test_ack_and_cancel_take_no_number(caller, method):
    with pytest.raises(LocalProtocolError, match=method):
        dialogs.request(caller, method, VIA)


def test_numbers_end_before_2_to_the_31(caller):
    last, _ = dialogs.request(replace(caller, local_cseq=2**31 - 2), "INFO", VIA)
    with pytest.raises(LocalProtocolError, match="used up"):
        dialogs.request(last, "INFO", VIA)


def test_the_ack_of_a_2xx_has_the_number_of_its_invite(caller):
    """RFC 3261 §13.2.2.4: and its credentials, and the answer of a late offer."""
    moved_on, _ = dialogs.request(routed(caller, "<sip:p1;lr>"), "INFO", VIA)
    ack = dialogs.ack_for_success(moved_on, 5, VIA, [("Proxy-Authorization", "Digest x")], b"v=0")
    assert (str(ack.cseq), ack.uri, ack.get("Route")) == ("5 ACK", caller.remote_target, "<sip:p1;lr>")
    assert (ack.get("Proxy-Authorization"), ack.body) == ("Digest x", b"v=0")


def test_requests_are_accepted_in_order_gaps_allowed(callee):
    """RFC 3261 §12.2.2."""
    for number in (6, 9, 9):
        callee, error = dialogs.accepts(callee, request("INFO", cseq=number))
        assert (callee.remote_cseq, error) == (number, None)


def test_an_overtaken_request_is_refused_with_500(callee):
    after, error = dialogs.accepts(callee, request("BYE", cseq=4))
    assert isinstance(error, RemoteProtocolError)
    assert error.status == 500
    assert after == callee


def test_the_first_request_sets_the_number(caller):
    after, error = dialogs.accepts(caller, request("BYE", cseq=0))
    assert (after.remote_cseq, error) == (0, None)


@pytest.mark.parametrize("method", ["ACK", "CANCEL"])
def test_ack_and_cancel_of_an_earlier_invite_are_in_order(callee, method):
    after, _ = dialogs.accepts(callee, request("INFO", cseq=6))
    assert dialogs.accepts(after, request(method, cseq=5)) == (after, None)


@pytest.mark.parametrize(
    ("method", "moves"),
    [
        *((each, True) for each in ("INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER")),
        *((each, False) for each in ("ACK", "BYE", "INFO", "MESSAGE", "OPTIONS", "PRACK", "PUBLISH")),
    ],
)
def test_only_target_refresh_requests_and_their_2xx_move_the_target(callee, method, moves):
    """RFC 3261 §12.2.1.2, §12.2.2."""
    new = ("Contact", "<sip:new@192.0.2.3>")
    target = "sip:new@192.0.2.3" if moves else callee.remote_target
    incoming = request(method, cseq=6, headers=(new,))
    assert dialogs.retargeted(callee, incoming).remote_target == target
    assert dialogs.retargeted(callee, response(request(method, headers=()), 200, new)).remote_target == target


def test_a_refresh_without_contact_keeps_the_target(callee):
    assert dialogs.retargeted(callee, request(headers=())) is callee


def test_accepting_the_order_of_a_request_does_not_move_the_target(callee):
    """RFC 3261 §12.2.2: a request that is refused changes nothing."""
    moved = request(cseq=6, headers=(("Contact", "<sip:new@192.0.2.3>"),))
    assert dialogs.accepts(callee, moved)[0].remote_target == callee.remote_target
