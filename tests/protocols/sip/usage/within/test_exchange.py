"""How requests and responses of a call go out: RFC 3261 8.1.1, 12.2.1.1."""

import pytest

from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace
from tests.protocols.sip.usage.party import TCP, UDP, Party
from tests.protocols.sip.usage.scenes import answered, calling, established, in_dialog, invite

LOCAL6 = ("2001:db8::1", 5060)


def test_every_branch_is_new_and_begins_with_the_token():
    party = established()
    party.do(events.Terminate())
    branches = [each.via.branch for each in party.sent]
    assert len(set(branches)) == len(branches) == 3
    assert all(each.startswith("z9hG4bK" + party.call.identity.token) for each in branches)


def test_requests_bear_user_agent_and_responses_server():
    party = answered()
    party.do(events.Terminate())
    assert party.last.user_agent == "ua-a"
    assert {each.server for each in party.sent[:-1]} == {"ua-a"}


@pytest.mark.parametrize(
    ("flow", "contact"),
    [
        (UDP, "<sip:{}@192.0.2.1:5060>"),
        (TCP, "<sip:{}@192.0.2.1:5060;transport=tcp>"),
        (Flow("udp", LOCAL6, LOCAL6), "<sip:{}@[2001:db8::1]:5060>"),
        (Flow("tcp", ("192.0.2.1", 0), LOCAL6), "<sip:{}@192.0.2.1;transport=tcp>"),
    ],
)
def test_the_contact_is_where_we_are_reached(flow, contact):
    call = calling(flow).call
    assert exchange.contact(call) == contact.format(call.identity.token)


@pytest.mark.parametrize(
    ("target", "contact"),
    [
        ("sips:bob@example.com", "<sips:me@192.0.2.1:5061>"),
        ("sips:bob@example.com;transport=tcp", "<sips:me@192.0.2.1:5061>"),
        ("sip:bob@example.com;transport=tls", "<sip:me@192.0.2.1:5061;transport=tls>"),
    ],
)
def test_the_contact_of_a_sips_call_is_sips_and_bears_the_name_that_was_chosen(target, contact):
    """RFC 3261 8.1.1.8."""
    call = calling(Flow("tls", ("192.0.2.1", 5061), ("192.0.2.2", 5061))).call
    identity = replace(call.identity, contact_user="me")
    assert exchange.contact(replace(call, identity=identity, target=target)) == contact


def next_flow(flow, target, direction="outgoing", *routes):
    call = replace(established().call, flow=flow, direction=direction)
    dialog = replace(call.dialog, remote_target=target, route_set=routes)
    return exchange.flow_in_dialog(call, dialog)


@pytest.mark.parametrize(
    ("target", "transport", "remote"),
    [
        ("sip:a@192.0.2.9", "udp", ("192.0.2.9", 5060)),
        ("sip:a@192.0.2.9:5070", "udp", ("192.0.2.9", 5070)),
        ("sip:a@[2001:db8::9]:5070", "udp", ("2001:db8::9", 5070)),
        ("sip:a@192.0.2.9;transport=TCP", "tcp", ("192.0.2.9", 5060)),
        ("sip:a@192.0.2.9;transport=tls", "tls", ("192.0.2.9", 5061)),
        ("sips:a@192.0.2.9", "tls", ("192.0.2.9", 5061)),
        ("sips:a@192.0.2.9;transport=tcp", "tls", ("192.0.2.9", 5061)),
        ("sip:a@192.0.2.9;transport=sctp", "udp", UDP.remote),
        ("sip:a@example.org", "udp", UDP.remote),
        ("tel:+31", "udp", UDP.remote),
    ],
)
def test_a_dialog_by_udp_goes_on_where_the_contact_says(target, transport, remote):
    flow = next_flow(UDP, target)
    assert (flow.transport, flow.remote) == (transport, remote)


def test_the_first_route_comes_before_the_contact():
    assert next_flow(UDP, "sip:a@192.0.2.9", "outgoing", "<sip:192.0.2.50;lr>").remote == ("192.0.2.50", 5060)


THEIRS = Flow("tcp", TCP.local, ("192.0.2.2", 49152), 7, ("192.0.2.2", 5060))
"""A connection that the peer opened, who listens at port 5060."""
AWAY = "sip:a@10.0.0.1:5060;transport=tcp"


def entered(flow, target, *routes, via="192.0.2.2:5060"):
    request = invite(("Via", f"SIP/2.0/TCP {via};branch=z9hG4bKe"))
    call = replace(established().call, flow=flow, direction="incoming")
    return exchange.entered(call, replace(call.dialog, remote_target=target, route_set=routes), request)


def test_a_connection_that_the_peer_opened_is_kept():
    """It may sit behind a NAT, where nothing else reaches it."""
    call = entered(THEIRS, "sip:a@10.0.0.1")
    assert (call.flow, call.search) == (THEIRS, None)


@pytest.mark.parametrize(
    ("route", "via", "remote"),
    [
        ("<sip:192.0.2.2;transport=tcp;lr>", "192.0.2.2:5060", THEIRS.remote),
        ("<sip:192.0.2.2:5060;transport=tcp;lr>", "10.0.0.1:9", THEIRS.remote),
        ("<sip:10.0.0.2:5070;transport=tcp;lr>", "10.0.0.2:5070", THEIRS.remote),
        ("<sip:proxy.example;transport=tcp;lr>", "proxy.example", THEIRS.remote),
        ("<sip:192.0.2.2:5070;transport=tcp;lr>", "192.0.2.2:5060", ("192.0.2.2", 5070)),
        ("<sip:192.0.2.50;transport=tcp;lr>", "192.0.2.2:5060", ("192.0.2.50", 5060)),
    ],
)
def test_it_is_kept_for_a_route_only_if_the_router_opened_it(route, via, remote):
    """The router is at its end, or says in its Via that it is."""
    call = entered(THEIRS, AWAY, route, via=via)
    assert (call.flow.remote, call.search) == (remote, None)
    assert call.flow.connection == (7 if remote == THEIRS.remote else None)


@pytest.mark.parametrize("contact", [AWAY, "sip:other@10.0.0.1:5060;transport=tcp;ob"])
def test_it_is_kept_while_the_peer_says_the_same_place(contact):
    call = entered(THEIRS, AWAY)
    dialog = replace(call.dialog, remote_target=contact)
    request = in_dialog(answered(), "UPDATE", 2)
    assert exchange.led(call, dialog, request) == replace(call, dialog=dialog)


def test_it_is_left_for_a_contact_elsewhere():
    """RFC 3261 12.2.1.1, 12.2.2."""
    call = entered(THEIRS, AWAY)
    dialog = replace(call.dialog, remote_target="sip:a@192.0.2.77:5070;transport=tcp")
    moved = exchange.led(call, dialog, in_dialog(answered(), "UPDATE", 2))
    assert (moved.flow.remote, moved.flow.connection, moved.flow.back) == (("192.0.2.77", 5070), None, None)


def test_another_connection_of_the_peer_takes_its_place():
    """It has connected again, and is behind NAT: what its Via and its Contact say is the same."""
    party = Party()
    party.receive(invite(("Contact", f"<{AWAY}>")), THEIRS)
    again = replace(THEIRS, remote=("192.0.2.2", 49999), connection=8)
    update = in_dialog(party, "UPDATE", 2, ("Contact", "<sip:a@10.9.9.9:5060;transport=tcp>"))
    party.receive(update.replacing({"Via": "SIP/2.0/TCP 10.9.9.9:5060;branch=z9hG4bKu"}), again)
    assert (party.last.status, party.call.flow, party.call.search) == (200, again, None)


def test_our_connection_is_kept_as_long_as_the_next_hop_is_at_its_end():
    for target in ("sip:a@192.0.2.2:5060;transport=tcp", "sip:a@192.0.2.2;transport=tcp", "sip:a@192.0.2.2"):
        assert next_flow(TCP, target) is TCP
    for host, port in (("192.0.2.9", 5060), ("192.0.2.2", 5070)):
        elsewhere = next_flow(TCP, f"sip:a@{host}:{port};transport=tcp")
        assert (elsewhere.remote, elsewhere.connection) == ((host, port), None)


def test_the_maddr_of_the_target_or_of_the_route_is_where_it_goes():
    """RFC 3261 19.1.1, 3263 4."""
    assert next_flow(UDP, "sip:a@example.org:5070;maddr=192.0.2.7").remote == ("192.0.2.7", 5070)
    route = "<sip:192.0.2.50:5080;lr;maddr=192.0.2.51>"
    assert next_flow(UDP, "sip:a@192.0.2.9", "outgoing", route).remote == ("192.0.2.51", 5080)


def test_a_refusal_says_why_in_the_log():
    party = established()
    party.receive(in_dialog(party, "BYE", 2, tag="other"))
    assert party.notes[-1] == outputs.Note(
        "request.rejected", {"method": "BYE", "status": 481, "reason": "not of this dialog"}
    )


@pytest.mark.parametrize("text", ["plain", 'with "quotes" and \\', "\r\nInjected: yes", "snow \u2603", "x" * 5000])
def test_a_warning_is_one_printable_quoted_string(text):
    name, value = exchange.warning(text)
    assert name == "Warning"
    assert value.isascii()
    assert value.isprintable()
    assert len(value) < 400
    assert value.startswith('399 sipsimple "')
    assert value.endswith('"')


@pytest.mark.parametrize("ask", [exchange.flow_of, exchange.dialog_of, exchange.negotiation_of])
def test_what_a_call_does_not_have_yet_is_not_asked_for(ask):
    call = replace(established().call, flow=None, dialog=None, negotiation=None)
    with pytest.raises(AssertionError):
        ask(call)
