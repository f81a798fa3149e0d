"""RFC 6135 (who connects), RFC 4975 section 8 (SDP) and RFC 5547 (file offers): needs a call."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sipsimple.testing.msrp.case import Alive, Answered, Case, Description, Look, Offer, Reported, Role, Spoken, View
from sipsimple.testing.msrp.cases.building import must, send, should

SIP = frozenset({"sip"})
FINAL = range(200, 700)
HASH = "sha-1:AA:24:5F:E8:65:3D:DA:F3:71:36:2F:86:D4:71:91:3E:E4:A2:CE:2E"
SELECTOR = f'file-selector:name:"a picture of ours.jpg" type:image/jpeg size:4092 hash:{HASH}'
Check = Callable[[Description], str | None]


def setup_is(*allowed: str | None) -> Check:
    """The answer's a=setup is one of these."""
    return lambda told: None if told.get("setup") in allowed else f"a=setup is {told.get('setup')!r}"


def has_line(told: Description) -> str | None:
    """The answer is 200 with a line that is in use."""
    return None if told.status == 200 and told.port else f"the answer is {told.status}, port {told.port}"


def has_path(told: Description) -> str | None:
    """The path is MSRP, with a port and a session id of at least 80 random bits (14 characters)."""
    found = re.search(r"msrps?://[^/ ]+:([0-9]+)/([^; ]+);tcp$", told.get("path") or "")
    if found is None or int(found[1]) != told.port:
        return f"a=path is {told.get('path')!r} with port {told.port}"
    return None if len(found[2]) >= 14 else f"the session id is short: {found[2]!r}"


def has_types(told: Description) -> str | None:
    """The answer has accept-types."""
    return None if told.get("accept-types") else "no a=accept-types"


def same_protocol(told: Description) -> str | None:
    """The protocol is the one offered."""
    return None if told.protocol in ("TCP/MSRP", "TCP/TLS/MSRP") else f"the protocol is {told.protocol!r}"


def is_refused(told: Description) -> str | None:
    """The line, or the call, is refused."""
    is_so = 300 <= told.status < 600 or (told.status == 200 and not told.port)
    return None if is_so else f"the answer is {told.status}, port {told.port}"


def is_decided(told: Description) -> str | None:
    """The call is taken or refused for a reason, without a server error."""
    return None if told.status in FINAL and told.status != 500 else f"the answer is {told.status}"


def file_answer(direction: str) -> Check:
    """The file is refused, or taken with the direction turned round, its selector and its id."""

    def check(told: Description) -> str | None:
        if is_refused(told) is None:
            return None
        if told.get(direction) is None:
            return f"taken without a={direction}"
        if told.get("file-selector") is None:
            return "taken without a=file-selector: a file would go to a chat"
        same = told.get("file-transfer-id") == "conformancetransfer0123456789abc"
        return None if same else f"a=file-transfer-id is {told.get('file-transfer-id')!r}"

    return check


def chat_beside(told: Description) -> str | None:
    """Two lines are answered with two, and the chat is taken."""
    if told.status != 200:
        return f"the answer is {told.status}"
    return None if len(told.ports) == 2 and told.ports[1] else f"the ports are {told.ports}"


def sends_at_once(view: View) -> str | None:
    """The first thing is a SEND with our path."""
    first = view.chunks[0] if view.chunks else None
    if first is None or first.method != "SEND":
        return f"the first thing is {first}"
    to_path = first.get("To-Path")
    return None if to_path == view.names["from"] else f"its To-Path is {to_path!r}"


def first_is_empty(view: View) -> str | None:
    """The first SEND has no body."""
    return None if view.chunks and view.chunks[0].body is None else "its first SEND has a body"


def offer(id_: str, rule: str, answer: Check, *, strict: bool = True, **options: Any) -> Case:
    """A case about the answer to an offer."""
    make = must if strict else should
    return make(id_, rule, role=Role.OFFER, needs=SIP, answer=answer, offer=Offer(**options))


def file_offer(direction: str, selector: str = SELECTOR) -> dict[str, Any]:
    """The options of an offer of a file."""
    lines = (direction, selector, "file-transfer-id:conformancetransfer0123456789abc", "file-disposition:attachment")
    return {"attributes": lines, "types": "* message/cpim text/plain"}


SETUP = (
    offer("6135-4.1-active", "An offer of active is answered passive", setup_is("passive")),
    offer(
        "6135-4.1-actpass",
        "An offer of actpass is answered active or passive",
        setup_is("active", "passive"),
        setup="actpass",
    ),
    offer("6135-4.1-passive", "An offer of passive is answered active", setup_is("active"), setup="passive"),
    offer(
        "6135-4.2-none", "Without an offer of setup the answerer is not active", setup_is(None, "passive"), setup=None
    ),
    must(
        "6135-4.2-connects-to-us",
        "The active side may connect when setup is active",
        Alive(),
        offer=Offer("active"),
        needs=SIP,
    ),
    must("4975-5.4-offerer-connects", "Without setup the offerer connects", Alive(), offer=Offer(None), needs=SIP),
)

PASSIVE: dict[str, Any] = {"role": Role.PASSIVE, "needs": SIP, "offer": Offer("passive")}

CONNECTING = (
    must("4975-5.4-active-sends", "The active side sends at once", Spoken(), Look(sends_at_once), **PASSIVE),
    should("4975-5.4-first-is-empty", "The first SEND has no body", Spoken(), Look(first_is_empty), **PASSIVE),
    must("4975-5.4-passive-speaks", "After that both sides speak", Spoken(), Alive(), **PASSIVE),
    must(
        "6135-4.2-message-to-the-active",
        "The side that connected takes messages",
        Spoken(),
        send(success="yes"),
        Answered("t1"),
        Reported("m1", size=5),
        **PASSIVE,
    ),
)

SDP = (
    offer("4975-8-line", "A chat is answered 200, with a port", has_line),
    offer("4975-8.1-path", "The answer's path has a port and a session id that cannot be guessed", has_path),
    offer("4975-8.6-accept-types", "The answer says which types are taken", has_types),
    offer("4975-8.2-protocol", "The answer has the protocol of the offer", same_protocol),
    offer("4975-8.1-no-path", "An offer without a=path is refused", is_refused, has_path=False),
    offer("4975-8.6-no-accept-types", "An offer without accept-types is refused", is_refused, strict=False, types=""),
    offer("4975-8-unknown-attributes", "Unknown attributes are ignored", has_line, attributes=("x-odd", "y-odd:a b c")),
    offer("4975-8.7-max-size", "An offer with max-size is taken", has_line, attributes=("max-size:100000",)),
    offer("6714-4-msrp-cema", "An offer of CEMA is taken", has_line, attributes=("msrp-cema",)),
)

FILES = (
    offer(
        "5547-8.2-push",
        "An offer of a file is refused, or taken as a file",
        file_answer("recvonly"),
        **file_offer("sendonly"),
    ),
    offer(
        "5547-8.2-pull",
        "A request for a file is refused, or taken as a file",
        file_answer("sendonly"),
        **file_offer("recvonly"),
    ),
    offer(
        "5547-8-chat-beside",
        "A chat that is offered beside a file is taken whatever becomes of the file",
        chat_beside,
        chat_too=True,
        **file_offer("sendonly"),
    ),
    offer(
        "5547-6-escaped-name",
        "A name may have escapes",
        is_decided,
        **file_offer("sendonly", 'file-selector:name:"100%25 %22quoted%22 na%C3%AFve.txt" type:text/plain size:1'),
    ),
    offer(
        "5547-6-utf8-name",
        "A name may be UTF-8",
        is_decided,
        **file_offer("sendonly", 'file-selector:name:"na\u00efve \u732b.txt" type:text/plain size:1'),
    ),
    offer(
        "5547-6-type-parameters",
        "A type may have parameters",
        is_decided,
        **file_offer("sendonly", 'file-selector:type:text/plain;charset="utf-8" size:1'),
    ),
    offer(
        "5547-6-directories",
        "A name with directories is no reason to fail",
        is_decided,
        **file_offer("sendonly", 'file-selector:name:"../../etc/passwd" size:1'),
    ),
    offer(
        "5547-6-garbage",
        "A selector without sense is refused",
        is_refused,
        strict=False,
        **file_offer("sendonly", "file-selector:what:ever size:many"),
    ),
    offer("5547-6-empty", "An empty selector does no harm", is_decided, **file_offer("sendonly", "file-selector")),
)

CASES = (*SETUP, *CONNECTING, *SDP, *FILES)
