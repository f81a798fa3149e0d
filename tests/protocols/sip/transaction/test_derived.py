from __future__ import annotations

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.transaction.derived import make_ack, make_cancel
from sipsimple.protocols.sip.transaction.matching import client_key
from tests.protocols.sip.transaction.messages import request, response

ROUTES = (("Route", "<sip:p1.example.org;lr>"), ("Route", "<sip:p2.example.org;lr>"))


@pytest.fixture
def invite():
    return request(headers=(*ROUTES, ("Require", "100rel"), ("Contact", "<sip:alice@192.0.2.2>")), cseq=7)


@pytest.fixture(params=["ACK", "CANCEL"])
def derived(request, invite):
    return make_ack(invite, response(invite, 486)) if request.param == "ACK" else make_cancel(invite)


def test_both_bear_the_invites_uri_and_identity(invite, derived):
    """RFC 3261 §17.1.1.3, §9.1."""
    assert derived.uri == invite.uri
    assert [derived.get(name) for name in ("From", "Call-ID")] == [invite.get(name) for name in ("From", "Call-ID")]
    assert derived.get_all("Via") == invite.get_all("Via")
    assert derived.get_all("Route") == [value for _, value in ROUTES]
    assert str(derived.cseq) == f"7 {derived.method}"
    assert derived.max_forwards == 70
    assert derived.body == b""


def test_neither_requires_or_contacts(derived):
    assert derived.get("Require") is None
    assert derived.get("Contact") is None


def test_the_ack_has_the_to_of_the_response(invite):
    assert make_ack(invite, response(invite, 486)).to.tag == "b-tag"


def test_the_cancel_has_the_to_of_the_invite(invite):
    assert make_cancel(invite).get("To") == invite.get("To")


def test_of_several_vias_only_the_top_one_is_taken(invite):
    passed_on = invite.replacing({"Via": ["SIP/2.0/UDP top;branch=z9hG4bKt", "SIP/2.0/UDP below;branch=z9hG4bKb"]})
    assert make_cancel(passed_on).get_all("Via") == ["SIP/2.0/UDP top;branch=z9hG4bKt"]


def test_a_cancel_can_say_why(invite):
    cancel = make_cancel(invite, [("Reason", "SIP;cause=200")])
    assert cancel.get("Reason") == "SIP;cause=200"
    assert client_key(cancel) == (client_key(invite)[0], "CANCEL")


def test_only_an_invite_is_cancelled():
    with pytest.raises(LocalProtocolError, match="CANCEL of BYE"):
        make_cancel(request("BYE"))
