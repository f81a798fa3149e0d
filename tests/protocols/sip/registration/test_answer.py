"""What a registrar granted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sip.message import Response
from sipsimple.protocols.sip.registration.answer import Binding, min_expires, read
from tests.protocols.sip.registration.registrar import CONTACT, INSTANCE

MINE = f'+sip.instance="<{INSTANCE}>"'


def answer(*headers, asked=600):
    return read(Response(200, headers=headers), CONTACT, INSTANCE, 1, asked)


@pytest.mark.parametrize(
    ("headers", "granted"),
    [
        ((("Contact", f"<{CONTACT}>;expires=120"), ("Expires", "300")), 120),
        ((("Contact", f"<{CONTACT}>"), ("Expires", "300")), 300),
        ((("Contact", f"<{CONTACT}>"),), 600),
        ((("Expires", "300"),), 300),
        ((), 600),
        ((("Contact", f"<{CONTACT}>;expires=0"), ("Expires", "300")), 0),
        ((("Contact", f"<{CONTACT}>;expires=soon"), ("Expires", "300")), 300),
        ((("Contact", "<sip:"),), 600),
        ((("Contact", "*"),), 600),
    ],
)
def test_our_contact_says_first_then_expires_then_what_was_asked_for(headers, granted):
    assert answer(*headers).expires == granted


@pytest.mark.parametrize(
    "ours",
    [
        f"<{CONTACT}>;expires=77",
        f"<sip:alice-token@198.51.100.9:1024>;{MINE};reg-id=1;expires=77",
        f"<sip:rewritten@198.51.100.9:1024>;{MINE};reg-id=1;expires=77",
        f"<sip:rewritten@198.51.100.9:1024>;{MINE};expires=77",
        "<sip:alice-token@198.51.100.9:1024>;expires=77",
    ],
)
def test_our_contact_is_told_from_those_of_others(ours):
    """By instance and flow, by its URI, or by the user part of a registrar that writes another address into it."""
    other = '<sip:bob@192.0.2.5>;+sip.instance="<urn:uuid:11111111-0000-1000-8000-000a95a0e128>";reg-id=1;expires=9'
    assert answer(("Contact", f"{other}, {ours}")).expires == 77


def test_another_flow_of_the_same_instance_is_not_ours():
    other = f"<sip:alice-other@192.0.2.1:5062>;{MINE};reg-id=2;expires=9"
    assert answer(("Contact", f"{other}, <{CONTACT}>;{MINE};reg-id=1;expires=77")).expires == 77


def test_all_bindings_are_reported():
    found = answer(("Contact", f"<{CONTACT}>;expires=60"), ("Contact", "<sip:b@192.0.2.5>, <sip:c@h>;expires=3"))
    assert found.bindings == (Binding(CONTACT, 60), Binding("sip:b@192.0.2.5", None), Binding("sip:c@h", 3))


def test_routes_gruus_and_the_flow_timer_are_remembered():
    gruus = f'{MINE};pub-gruu="sip:alice@example.org;gr=urn:uuid:1";temp-gruu="sip:tgruu.7@example.org;gr"'
    found = answer(
        ("Contact", f"<{CONTACT}>;{gruus};expires=60"),
        ("Service-Route", "<sip:a;lr>, <sip:b;lr>"),
        ("Service-Route", "<sip:c;lr>"),
        ("Path", "<sip:p;lr;ob>"),
        ("Flow-Timer", "120"),
    )
    assert found.service_route == ("<sip:a;lr>", "<sip:b;lr>", "<sip:c;lr>")
    assert (found.path, found.flow_timer) == (("<sip:p;lr;ob>",), 120)
    assert found.public_gruu == "sip:alice@example.org;gr=urn:uuid:1"
    assert found.temporary_gruu == "sip:tgruu.7@example.org;gr"


@pytest.mark.parametrize(("text", "seconds"), [("60", 60), ("", None), ("x", None), (None, None)])
def test_the_least_interval_is_read_where_it_can_be(text, seconds):
    headers = () if text is None else (("Min-Expires", text),)
    assert min_expires(Response(423, headers=headers)) == seconds


NAMES = st.sampled_from(["Contact", "Expires", "Service-Route", "Path", "Flow-Timer"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40)


@given(st.lists(st.tuples(NAMES, TEXTS | st.just(f"<{CONTACT}>;expires=5")), max_size=6))
def test_whatever_a_registrar_says_is_read(headers):
    assert answer(*headers).expires >= 0
