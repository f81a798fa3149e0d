"""Which INVITE may become a call: RFC 3261 8.2.3, 13.3.1; RFC 3264 6."""

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.usage.setup.admission import admit
from tests.protocols.sip.usage.descriptions import chat_media, sdp, str_of
from tests.protocols.sip.usage.party import UDP, Party
from tests.protocols.sip.usage.scenes import invite

NONE = ("Content-Type", "")


def refused(request):
    with pytest.raises(RemoteProtocolError) as error:
        admit(request, UDP, 1)
    assert error.value.reason
    return error.value


@pytest.mark.parametrize(
    ("headers", "body", "status", "header"),
    [
        ((("Content-Type", "text/plain"),), b"hello", 415, "Accept"),
        ((NONE,), sdp(), 415, "Accept"),
        ((("Content-Encoding", "gzip"),), sdp(), 415, "Accept-Encoding"),
        ((), b"not sdp", 488, "Warning"),
        ((), sdp("m=audio 4000 RTP/AVP 0\r\n"), 488, "Warning"),
        ((), sdp("m=message 2855 TCP/MSRP *\r\n"), 488, "Warning"),
        ((), sdp(str_of(chat_media(file_selector="size:3"))), 488, "Warning"),
        ((), sdp().partition(b"m=")[0], 488, "Warning"),
    ],
    ids=["text", "untyped", "packed", "junk", "audio", "bare chat", "file", "no lines"],
)
def test_an_unusable_body_is_refused_with_its_status_and_a_reason(headers, body, status, header):
    error = refused(invite(*headers, body=body))
    assert (error.status, error.header[0]) == (status, header)


@pytest.mark.parametrize("contact", ["", "*", "<sip:[bad>"])
def test_an_invite_without_a_usable_contact_is_refused_with_400(contact):
    assert refused(invite(("Contact", contact))).status == 400


@pytest.mark.parametrize("kind", ["application/sdp", "Application/SDP", "application/sdp;charset=utf-8"])
def test_the_content_type_is_compared_without_case_and_parameters(kind):
    assert admit(invite(("Content-Type", kind)), UDP, 1).streams[0].kind == "chat"


def test_an_admitted_invite_rings_with_our_tag_in_its_dialog():
    party = Party()
    party.receive(invite())
    assert (party.call.dialog.local_tag, party.call.dialog.remote_cseq) == (party.call.identity.token, 1)


def test_text_of_the_peer_stands_harmlessly_in_the_warning():
    body = sdp('m=message 1 T\x01"\\\xe9\r *\r\n')
    _, value = refused(invite(body=body)).header
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') - value.count('\\"') == 2
