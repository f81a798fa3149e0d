"""RFC 4976: what a relay must do. The tester is one client, or two, each on a connection of its own."""

from __future__ import annotations

from typing import Any

from sipsimple.testing.msrp.case import (
    Answered,
    Authorize,
    Capture,
    Case,
    Connect,
    Level,
    Look,
    NotAccepted,
    Received,
    Refused,
    Reported,
    Role,
    Send,
    Step,
    View,
)
from sipsimple.testing.msrp.cases.building import request, send

NEEDS = frozenset({"relay"})


def auth(t: str, *headers: str, on: str = "a", frm: str = "[[from]]", to: str = "[[relay]]") -> Send:
    """An AUTH."""
    data = request(t, "AUTH", m=None, to=to, frm=frm, span="", extra=headers, body=None)
    return Send(data, on=on)


def log_in(
    name: str, first: str, second: str, *headers: str, user: int = 0, on: str = "a", frm: str = "[[from]]"
) -> tuple[Step, ...]:
    """Ask, be challenged, answer, keep the path under `name`."""
    return (
        auth(first, *headers, on=on, frm=frm),
        Answered(first, (401,), on=on),
        Authorize(f"answer_{name}", first, user, on=on),
        auth(second, f"Authorization: [[answer_{name}]]", *headers, on=on, frm=frm),
        Answered(second, on=on),
        Capture(f"path_{name}", second, "Use-Path", on=on),
    )


def both() -> tuple[Step, ...]:
    """Two clients, each with a path: `[[path_x]]` of the first, `[[path_y]]` of the second, whose URI is `[[far]]`."""
    return (
        *log_in("x", "t91", "t92"),
        Connect("b"),
        *log_in("y", "t93", "t94", user=1, on="b", frm="[[far]]"),
    )


THROUGH = "[[path_x]] [[path_y]] [[far]]"


def through(t: str = "t1", **options: Any) -> Send:
    """A SEND from the first client over both paths to the second."""
    return send(t, to=THROUGH, frm="[[from]]", **options)


def challenge_is_digest(view: View) -> str | None:
    """The challenge is Digest with realm, nonce and qop."""
    answer = view.response("t1")
    text = answer.get("WWW-Authenticate") if answer else ""
    missing = [each for each in ("realm=", "nonce=", "qop=") if each not in text]
    return None if text.startswith("Digest ") and not missing else f"WWW-Authenticate is {text!r}"


def grant_is_whole(view: View) -> str | None:
    """The grant has an MSRP URI with a session id, and a time."""
    answer = view.response("t92")
    if answer is None:
        return "no grant"
    is_path = answer.get("Use-Path").startswith(("msrp://", "msrps://")) and answer.get("Use-Path").count("/") > 2
    return None if is_path and answer.get("Expires").isdigit() else f"it is {answer.lines}"


def paths_moved_on(view: View) -> str | None:
    """What arrives is addressed to us alone, and came over both paths."""
    first = next((each for each in view.sends if each.body is not None), None)
    if first is None:
        return "nothing came"
    due = view.names["far"], f"{view.names['path_y']} {view.names['path_x']} {view.names['from']}"
    told = first.get("To-Path"), first.get("From-Path")
    return None if told == due else f"the paths are {told}, not {due}"


def bounds_are_named(view: View) -> str | None:
    """A 423 names a bound."""
    answer = view.response("t92")
    if answer is None or answer.code != 423:
        return None
    return None if answer.get("Min-Expires") or answer.get("Max-Expires") else "423 without Min-Expires or Max-Expires"


def case(id_: str, rule: str, *steps: Step, level: Level = Level.MUST) -> Case:
    """A case for a relay."""
    return Case(id_, rule, steps, level, Role.RELAY, needs=NEEDS)


WRONG = (
    auth("t91"),
    Answered("t91", (401,)),
    Authorize("answer_x", "t91", 0, "not the password"),
    auth("t92", "Authorization: [[answer_x]]"),
)

CASES = (
    case(
        "4976-9.1-challenge",
        "AUTH without credentials is challenged",
        auth("t1"),
        Answered("t1", (401,)),
        Look(challenge_is_digest),
    ),
    case(
        "4976-6.3-grant",
        "AUTH with credentials is granted a path and a time",
        *log_in("x", "t91", "t92"),
        Look(grant_is_whole),
    ),
    case("4976-9.1-wrong-password", "A wrong password is refused", *WRONG, Answered("t92", (401, 403))),
    case(
        "4976-9.1-replay",
        "An answer to a challenge is good once",
        *log_in("x", "t91", "t92"),
        auth("t1", "Authorization: [[answer_x]]"),
        Answered("t1", (401,)),
        level=Level.SHOULD,
    ),
    case(
        "4976-9.1-garbage",
        "Credentials that cannot be read are refused",
        auth("t1", 'Authorization: Digest username="'),
        NotAccepted("t1"),
    ),
    case(
        "4976-6.3-bounds",
        "A time of thirty years is granted, or refused with the bound",
        auth("t91", "Expires: 999999999"),
        Answered("t91", (401, 423)),
        Authorize("answer_x", "t91"),
        auth("t92", "Authorization: [[answer_x]]", "Expires: 999999999"),
        Answered("t92", (200, 423)),
        Look(bounds_are_named),
    ),
    case(
        "4976-6.3-expires",
        "A time that is asked for is granted, or refused with the bound",
        auth("t91", "Expires: 600"),
        Answered("t91", (401,)),
        Authorize("answer_x", "t91"),
        auth("t92", "Authorization: [[answer_x]]", "Expires: 600"),
        Answered("t92", (200, 423)),
        Look(bounds_are_named),
    ),
    case(
        "4976-6.3-refresh",
        "A path is refreshed by asking again",
        *log_in("x", "t91", "t92"),
        *log_in("z", "t93", "t94"),
    ),
    case(
        "4976-6.4-forwards",
        "A SEND goes through to the other client",
        *both(),
        through(),
        Answered("t1"),
        Received(b"hello", on="b"),
    ),
    case(
        "4976-6.4-paths",
        "A relay moves its URI from To-Path to From-Path",
        *both(),
        through(),
        Received(b"hello", on="b"),
        Look(paths_moved_on, on="b"),
    ),
    case(
        "4976-6.4-report",
        "The REPORT of the other client comes back",
        *both(),
        through(success="yes"),
        Answered("t1"),
        Received(b"hello", on="b"),
        Reported("m1", size=5),
    ),
    case(
        "4976-6.4-no-response",
        "With Failure-Report no the relay forwards and says nothing",
        *both(),
        through(failure="no"),
        Received(b"hello", on="b"),
        Look(lambda view: "it is answered" if view.response("t1") else None),
    ),
    case(
        "4976-6.4-chunks",
        "Chunks go through, and are one message",
        *both(),
        through("t1", body=b"first", span="1-*/10", flag="+"),
        through("t2", body=b"secon", span="6-*/10"),
        Received(b"firstsecon", on="b"),
    ),
    case(
        "4976-6.4-large",
        "A message of 100,000 bytes goes through",
        *both(),
        through(body=b"x" * 100_000, span="1-*/100000"),
        Received(b"x" * 100_000, on="b"),
    ),
    case(
        "4976-6.4-unknown-path",
        "A SEND for a path that was not granted is answered 481",
        *log_in("x", "t91", "t92"),
        send(to="msrp://127.0.0.1:9/notgranted;tcp [[far]]"),
        Answered("t1", (481,)),
    ),
    case(
        "4976-6.4-report-unanswered",
        "A REPORT for a path that was not granted is not answered",
        *log_in("x", "t91", "t92"),
        Send(
            request(
                "t1",
                "REPORT",
                to="msrp://127.0.0.1:9/notgranted;tcp [[far]]",
                span="1-5/5",
                extra=("Status: 000 200 OK",),
                body=None,
            )
        ),
        auth("t2"),
        Answered("t2", (401,)),
        Look(lambda view: "it is answered" if view.response("t1") else None),
    ),
    case(
        "4976-6.4-dead-end",
        "A SEND whose next hop cannot be reached is told as failed",
        *log_in("x", "t91", "t92"),
        send(to="[[path_x]] msrp://127.0.0.1:1/nobody;tcp"),
        Refused("t1", "m1"),
        level=Level.SHOULD,
    ),
)
