"""RSeq and RAck: RFC 3262 7.1, 7.2."""

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.cseq import CSeq
from sipsimple.protocols.sip.headers.rack import RAck, parse_rseq
from sipsimple.protocols.sip.message import Request, Response


def test_rack_names_a_response_and_its_request():
    rack = RAck.parse("776656  1 INVITE")
    assert rack == RAck(776656, CSeq(1, "INVITE"))
    assert str(rack) == "776656 1 INVITE"


@pytest.mark.parametrize(
    "text", ["", "1", "1 INVITE", "0 1 INVITE", "x 1 INVITE", "1 1", "4294967296 1 INVITE", "1 1 a b"]
)
def test_anything_else_is_no_rack(text):
    with pytest.raises(RemoteProtocolError):
        RAck.parse(text)


@pytest.mark.parametrize("text", ["", "0", "-1", "4294967296", "1 2"])
def test_rseq_is_one_number_from_1_on(text):
    with pytest.raises(RemoteProtocolError):
        parse_rseq(text)


def test_messages_have_them():
    assert Response(180, None, [("RSeq", "17")]).rseq == 17
    assert Response(180).rseq is None
    assert Request("PRACK", "sip:a@b", [("RAck", "17 1 INVITE")]).rack.rseq == 17
    assert Request("PRACK", "sip:a@b").rack is None
