"""RFC 6714 (to where one connects), RFC 7701 (chat rooms) and the rest of RFC 6135: most need a call."""

from __future__ import annotations

import re
from typing import Any

from sipsimple.testing.msrp.case import (
    Alive,
    Answered,
    Case,
    Description,
    Look,
    NotAccepted,
    Offer,
    Reported,
    Role,
    Send,
    Spoken,
)
from sipsimple.testing.msrp.cases.building import must, request, send
from sipsimple.testing.msrp.cases.offers import SIP, has_line, is_refused, offer, sends_at_once

CEMA_TOO = SIP | {"cema"}
NICKNAME_CODES = (200, 403, 423, 424, 425, 501)
ROOM = "chatroom:nickname private-messages"


def has_cema(told: Description) -> str | None:
    """The answer has CEMA too."""
    return has_line(told) or (None if told.get("msrp-cema") is not None else "no a=msrp-cema in the answer")


def has_no_cema(told: Description) -> str | None:
    """The answer has no CEMA, which was not offered."""
    return None if told.get("msrp-cema") is None else "a=msrp-cema in the answer, and none was offered"


def leads_to_path(told: Description) -> str | None:
    """With CEMA the port of the line is that of the first URI in the path."""
    found = re.match(r"msrps?://(?:\[[^]]*\]|[^:/ ]+)(?::([0-9]+))?/", told.get("path") or "")
    at = int(found[1] or 2855) if found else None
    return None if told.get("msrp-cema") is None or at == told.port else f"port {told.port}, path {told.get('path')!r}"


def has_setup(told: Description) -> str | None:
    """With CEMA there is a setup."""
    is_right = told.get("msrp-cema") is None or told.get("setup") in ("active", "passive")
    return None if is_right else f"a=msrp-cema with a=setup {told.get('setup')!r}"


def has_tokens(told: Description) -> str | None:
    """What the answer says of a chat room is a list of tokens."""
    text = told.get("chatroom")
    is_right = text is None or re.fullmatch(r"(?:[A-Za-z0-9!#$%&'*+.^_`|~-]+(?: (?!$)|$))*", text)
    return has_line(told) or (None if is_right else f"a=chatroom is {text!r}")


def holds(told: Description) -> str | None:
    """The line is refused, or the connection held."""
    if is_refused(told) is None or told.get("setup") == "holdconn":
        return None
    return f"a=setup is {told.get('setup')!r}"


def nickname(t: str = "t1", value: str | None = '"Conformance"', **options: Any) -> Send:
    """Ask for a nickname."""
    extra = () if value is None else (f"Use-Nickname: {value}",)
    return Send(request(t, "NICKNAME", m=None, span="", kind=None, body=None, extra=extra, **options))


def malformed(id_: str, rule: str, value: str | None, **options: Any) -> Case:
    """A request for a nickname that is not granted, and does no harm."""
    return must(id_, rule, nickname(value=value, **options), NotAccepted("t1"), Alive())


LED_ELSEWHERE: dict[str, Any] = {
    "role": Role.PASSIVE,
    "needs": CEMA_TOO,
    "offer": Offer("passive", ("msrp-cema",), elsewhere=True),
}

CEMA = (
    must(
        "6714-4.3-in-kind",
        "CEMA is answered with CEMA",
        role=Role.OFFER,
        needs=CEMA_TOO,
        answer=has_cema,
        offer=Offer(attributes=("msrp-cema",)),
    ),
    offer("6714-4.3-not-offered", "CEMA is not in the answer to an offer without", has_no_cema),
    offer("6714-4.3-line", "The answer leads to where its path does", leads_to_path, attributes=("msrp-cema",)),
    offer("6714-4.3-setup", "An answer with CEMA says who connects", has_setup, attributes=("msrp-cema",)),
    must(
        "6714-4.4-by-the-line",
        "Who connects goes to where c= and m= say, when the path leads elsewhere",
        Spoken(),
        Look(sends_at_once),
        **LED_ELSEWHERE,
    ),
    must(
        "6714-4.4-messages",
        "Then messages go by the path, as ever",
        Spoken(),
        send(success="yes"),
        Answered("t1"),
        Reported("m1", size=5),
        **LED_ELSEWHERE,
    ),
)

ROOMS = (
    offer("7701-8.1-offer", "An offer with a=chatroom is taken", has_line, attributes=(ROOM,)),
    offer("7701-8.1-empty", "a=chatroom may say nothing", has_line, attributes=("chatroom",)),
    offer(
        "7701-8.1-unknown", "a=chatroom may say what nobody knows", has_line, attributes=("chatroom:x-odd nickname",)
    ),
    offer("7701-8.1-tokens", "a=chatroom in an answer is a list of tokens", has_tokens, attributes=(ROOM,)),
    must(
        "7701-7.1-answered",
        "A request for a nickname is answered, with 501 by who gives none",
        nickname(),
        Answered("t1", NICKNAME_CODES),
        Alive(),
    ),
    must(
        "7701-7.1-session-goes-on",
        "A request for a nickname disturbs no message",
        nickname(),
        send("t2", success="yes"),
        Answered("t1", NICKNAME_CODES),
        Answered("t2"),
        Reported("m1", size=5),
    ),
    malformed("7701-7.1-no-name", "A request without a name is not granted", None),
    malformed("7701-7.1-no-quotes", "A name without quotes is not granted", "Conformance"),
    malformed("7701-7.1-open-quote", "A name whose quote is never closed is not granted", '"Conformance'),
    malformed("7701-7.1-not-utf8", "A name that is not UTF-8 is not granted", '"\udcff\udcfe"'),
    malformed(
        "7701-7.1-stranger", "Who is not of the session is given no name", '"M"', frm="msrp://127.0.0.1:9/other;tcp"
    ),
)

SETUP = (offer("6135-4-holdconn", "An offer to hold the connection is held or refused", holds, setup="holdconn"),)

CASES = (*CEMA, *ROOMS, *SETUP)
