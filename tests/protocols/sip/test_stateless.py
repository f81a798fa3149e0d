"""The refusal that costs nothing is the one that `response_to` makes."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.message import Response, parse, response_to
from sipsimple.protocols.sip.stateless import refuse
from tests.protocols.sip.transaction.messages import request


def test_it_is_what_response_to_makes_with_another_tag():
    invite = request().replacing({"Via": ["SIP/2.0/UDP a;branch=z9hG4bKx;received=192.0.2.7", "SIP/2.0/TCP b"]})
    refused = parse(refuse(invite, 503, "secret", "Retry-After: 2"))

    assert isinstance(refused, Response)
    assert refused == response_to(invite, 503, to_tag=refused.to.tag, headers=[("Retry-After", "2")])
    assert refused.retry_after == 2


def test_a_repeat_gets_the_same_bytes_and_another_call_another_tag():
    first, second = request(), request().replacing({"Call-ID": "other"})

    assert refuse(first, 503, "s") == refuse(request(), 503, "s")
    assert len({parse(refuse(each, 503, key)).to.tag for each in (first, second) for key in "st"}) == 4


def test_a_tag_that_is_there_stays():
    assert parse(refuse(request(to="<sip:b@h>;tag=old"), 503, "s")).get("to") == "<sip:b@h>;tag=old"


@pytest.mark.parametrize("name", ["From", "Call-ID", "CSeq"])
def test_what_the_request_lacks_the_answer_lacks(name):
    refused = parse(refuse(request().replacing({name: None}), 503, "s"))

    assert (refused.status, refused.get(name)) == (503, None)
