"""What a request says before its way is known."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.request.draft import OwnContact, build, draft_in_dialog
from sipsimple.protocols.sip.transport import Flow
from tests.protocols.sip.transaction.messages import request, response

UDP = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.2", 5060))


@pytest.mark.parametrize(
    ("flow", "secure", "uri"),
    [
        (UDP, False, "sip:bob@192.0.2.1:5060"),
        (Flow("tcp", ("192.0.2.1", 5062), ("192.0.2.2", 5060), 3), False, "sip:bob@192.0.2.1:5062;transport=tcp"),
        (Flow("tcp", ("2001:db8::1", 0), ("2001:db8::2", 5060)), False, "sip:bob@[2001:db8::1];transport=tcp"),
        (Flow("tls", ("192.0.2.1", 5061), ("192.0.2.2", 5061)), True, "sips:bob@192.0.2.1:5061"),
    ],
)
def test_our_contact_is_at_the_address_of_the_flow(flow, secure, uri):
    assert OwnContact("bob", secure).uri(flow) == uri
    assert OwnContact("bob", secure, (("q", "0.5"),)).value(flow) == f"<{uri}>;q=0.5"


def test_a_request_in_a_dialog_takes_its_parties_target_and_routes():
    """RFC 3261 12.2.1.1."""
    subscribe = request("SUBSCRIBE", uri="sip:bob@example.org")
    routes = (("Contact", "<sip:bob@192.0.2.77>"), ("Record-Route", "<sip:p1;lr>, <sip:p2;lr>"))
    dialog = dialogs.from_response(subscribe, response(subscribe, 200, *routes))
    built = build(draft_in_dialog(dialog, "SUBSCRIBE"), UDP, "z9hG4bKx", 2, "")
    assert (built.uri, built.to.tag, built.from_.tag) == ("sip:bob@192.0.2.77", "b-tag", "a-tag")
    assert built.get_all("route") == ["<sip:p2;lr>", "<sip:p1;lr>"]
    assert built.user_agent is None


def test_a_router_of_old_gets_the_request_uri_and_the_target_comes_last():
    """RFC 3261 12.2.1.1: a first route without `lr`."""
    subscribe = request("SUBSCRIBE", uri="sip:bob@example.org")
    routes = (("Contact", "<sip:bob@192.0.2.77>"), ("Record-Route", "<sip:p1;lr>, <sip:p2>"))
    dialog = dialogs.from_response(subscribe, response(subscribe, 200, *routes))
    draft = draft_in_dialog(dialog, "SUBSCRIBE")
    assert (draft.uri, draft.next_hop) == ("sip:p2", "<sip:p2>")
    assert draft.routes == ("<sip:p1;lr>", "<sip:bob@192.0.2.77>")
