"""What belongs to no dialog: which of it is taken."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.outside import ALLOW, CAPABILITIES, METHODS, Policy, receive


def request(method, *headers, body=b""):
    lines = [("From", '"C" <sip:c@h>;tag=1'), ("To", "<sip:b@h>"), ("User-Agent", "peer"), *headers]
    return Request(method, "sip:b@h", lines, body)


def refusal(request, policy):
    with pytest.raises(RemoteProtocolError) as refused:
        receive(request, policy)
    return refused.value.status


TEXT = ("Content-Type", "Text/Plain;charset=utf-8")


def test_a_message_tells_who_what_and_by_which_program():
    told = receive(request("MESSAGE", TEXT, body=b"hi"), Policy())

    assert told.name == "SCEngineGotMessage"
    assert {
        name: told.data[name] for name in ("from_uri", "content_type", "content_subtype", "body", "user_agent")
    } == {
        "from_uri": '"C" <sip:c@h>;tag=1',
        "content_type": "text",
        "content_subtype": "plain",
        "body": b"hi",
        "user_agent": "peer",
    }


def test_a_message_tells_who_has_proven_to_have_sent_it():
    assert receive(request("MESSAGE"), Policy(), "carol").data["authenticated_user"] == "carol"
    assert receive(request("MESSAGE"), Policy()).data["authenticated_user"] is None


@pytest.mark.parametrize("types", [("*",), ("*/*",), ("text/*",), ("x/y", "text/plain")])
def test_types_may_be_ranges(types):
    assert receive(request("MESSAGE", TEXT, body=b"hi"), Policy(types)).data["body"] == b"hi"


def test_a_message_without_a_body_has_no_type_to_refuse():
    assert receive(request("MESSAGE"), Policy(("x/y",))).data["content_type"] is None


@pytest.mark.parametrize(
    ("message", "policy", "status"),
    [
        (request("MESSAGE", TEXT, body=b"hi"), Policy(("text/html",)), 415),
        (request("MESSAGE", TEXT, body=b"hi"), Policy(()), 405),
        (request("MESSAGE", body=b"hi"), Policy(), 400),
        (request("MESSAGE", TEXT, ("Content-Encoding", "gzip"), body=b"hi"), Policy(), 415),
        (request("SUBSCRIBE", ("Event", "presence")), Policy(), 489),
        (request("SUBSCRIBE"), Policy(), 400),
        (request("NOTIFY"), Policy(), 400),
        (request("NOTIFY", ("Event", "presence")), Policy(), 481),
        (request("NOTIFY", ("Event", "a"), TEXT, body=b"x"), Policy((), {"a": ("x/y",)}, frozenset({"a"})), 415),
    ],
)
def test_what_is_not_taken_is_refused(message, policy, status):
    assert refusal(message, policy) == status


def test_an_unknown_package_that_is_wanted_may_carry_anything():
    told = receive(request("NOTIFY", ("Event", "a;id=1"), TEXT, body=b"x"), Policy(unsolicited=frozenset({"a"})))
    assert (told.name, told.data["event"]) == ("SCEngineGotNotify", "a")


def test_credentials_are_not_told():
    told = receive(request("MESSAGE", ("Authorization", "Digest x"), ("Proxy-Authorization", "Digest y")), Policy())
    assert not [name for name in told.data["headers"] if "Authorization" in name]


def test_allow_names_what_is_taken():
    assert METHODS - {"SUBSCRIBE"} <= set(ALLOW.split(", "))
    assert dict(CAPABILITIES)["Allow"] == ALLOW


def test_what_is_subscribed_to_and_what_is_served_is_allowed():
    policy = Policy(events={"presence": ("application/pidf+xml",)}, served=frozenset({"x-tea", "presence"}))
    assert policy.allowed_events == "presence, x-tea"
