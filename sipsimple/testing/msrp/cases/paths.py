"""RFC 4975 sections 5.4, 6.1, 7.2 and 7.3: paths, sessions and connections."""

from __future__ import annotations

from sipsimple.testing.msrp.case import Alive, Answered, Connect, Look, NotAccepted, Reported, Send, View
from sipsimple.testing.msrp.cases.building import must, request, send, several, should

STRANGER = "msrp://192.0.2.66:2855/stranger0123456789;tcp"
RELAY = "msrp://192.0.2.77:2855/relay0123456789;tcp"
RELAYED = f"{RELAY} [[from]]"


def response_paths(view: View) -> str | None:
    """The response's paths are the request's, turned round."""
    answer = view.response("t1")
    if answer is None:
        return "no response"
    paths = answer.get("To-Path"), answer.get("From-Path")
    return None if paths == (view.names["from"], view.names["to"]) else f"its paths are {paths}"


def one_hop_back(view: View) -> str | None:
    """The response to a SEND goes to the last hop only."""
    answer = view.response("t1")
    to_path = answer.get("To-Path") if answer else ""
    return None if to_path == RELAY else f"To-Path is {to_path!r}"


def all_the_way_back(view: View) -> str | None:
    """A REPORT goes the whole way back."""
    to_path = view.reports("m1")[0].get("To-Path")
    return None if to_path == f"{RELAY} {view.names['from']}" else f"To-Path is {to_path!r}"


CASES = (
    must(
        "4975-7.2-response-paths",
        "A response bears the paths of its request, turned round",
        send(),
        Answered("t1"),
        Look(response_paths),
    ),
    must(
        "4975-7.2-response-one-hop",
        "The response to a SEND that came over relays goes back one hop",
        send(frm=RELAYED),
        Answered("t1"),
        Look(one_hop_back),
    ),
    must(
        "4975-7.1.2-report-all-the-way",
        "The REPORT about a SEND that came over relays goes all the way back",
        send(frm=RELAYED, success="yes"),
        Reported("m1"),
        Look(all_the_way_back),
    ),
    must(
        "4975-7.3-other-session",
        "A SEND for another session on this connection is answered 481",
        send(to=STRANGER),
        Answered("t1", (481,)),
    ),
    should(
        "4975-7.3-other-session-survives",
        "A SEND for another session does the session no harm",
        send(to=STRANGER),
        Answered("t1", (481,)),
        Alive(),
    ),
    must(
        "4975-5.4-other-session-between-chunks",
        "What is for another session may come between two chunks: sessions share a connection",
        several(
            request("t1", span="1-*/8", body=b"aaaa", flag="+"),
            request("t2", m="m2", to=STRANGER),
            request("t3", span="5-8/8", body=b"AAAA"),
        ),
        Answered("t1"),
        Answered("t2", (481,)),
        Answered("t3"),
        Alive(),
    ),
    must(
        "4975-5.4-other-session-large",
        "A large chunk for another session holds nothing up for good",
        several(request("t1", to=STRANGER, body=bytes(100_000)), request("t2", m="m2")),
        Answered("t2"),
        Alive(),
    ),
    must(
        "4975-7.3-path-too-long",
        "A SEND whose To-Path goes on after us is not taken",
        send(to=f"[[to]] {STRANGER}"),
        NotAccepted("t1"),
    ),
    should(
        "4975-7.3-stranger",
        "A SEND of a stranger on this connection is refused",
        send(frm=STRANGER),
        NotAccepted("t1"),
    ),
    should(
        "4975-6.1-parameters",
        "Parameters of a URI do not count when URIs are compared",
        send(to="[[to]];foo=bar"),
        Answered("t1"),
    ),
    should(
        "4975-6.1-transport-case",
        "The transport of a URI is not sensitive to case",
        send(to="[[to_loud]]"),
        Answered("t1"),
    ),
    must(
        "4975-6.1-session-id-case",
        "The session id of a URI is sensitive to case",
        send(to="[[to_swapped]]"),
        NotAccepted("t1"),
    ),
    must("4975-7.3-no-to-path", "A SEND without To-Path is not accepted", send(to=None), NotAccepted("t1")),
    must("4975-7.3-no-from-path", "A SEND without From-Path is not accepted", send(frm=None), NotAccepted("t1")),
    must(
        "4975-7.3-bad-path",
        "A SEND whose To-Path is no MSRP URI is not accepted",
        send(to="sip:bob@example.com"),
        NotAccepted("t1"),
        is_judged=False,
    ),
    must(
        "4975-7.3-bad-from-path",
        "A SEND whose From-Path is no MSRP URI is not accepted",
        send(frm="sip:bob@example.com"),
        NotAccepted("t1"),
        is_judged=False,
    ),
    # Sessions and connections
    must(
        "4975-7.3-unknown-session",
        "A new connection for a session that is not there is answered 481",
        Connect("b"),
        send(to="msrp://127.0.0.1:9/none0123456789;tcp", on="b"),
        Answered("t1", (481,), on="b"),
    ),
    must(
        "4975-7.3-unknown-session-harmless",
        "A connection for a session that is not there does others no harm",
        Connect("b"),
        send(to="msrp://127.0.0.1:9/none0123456789;tcp", on="b"),
        NotAccepted("t1", on="b"),
        Alive(),
    ),
    must("4975-5.4-data-first", "The first SEND may carry data", send(), Answered("t1"), binds=False),
    must(
        "4975-5.4-data-first-reported",
        "Data in the first SEND is a message like any other",
        send(success="yes"),
        Answered("t1"),
        Reported("m1", size=5),
        binds=False,
    ),
    must(
        "4975-5.4-bind-in-pieces",
        "A first SEND that comes byte by byte binds the session",
        Send(request(body=None, span="1-0/0"), pieces=1),
        Answered("t1"),
        Alive(),
        binds=False,
    ),
    must(
        "4975-5.4-bind-pipelined",
        "What comes in one go with the first SEND is taken too",
        Send(request(body=None, span="1-0/0") + request("t2", m="m2")),
        Answered("t1"),
        Answered("t2"),
        binds=False,
    ),
    must(
        "4975-7.3-second-connection",
        "A session that has its connection is not bound to another: 506",
        Connect("b"),
        send(on="b"),
        Answered("t1", (506,), on="b"),
    ),
    must(
        "4975-7.3-second-connection-harmless",
        "Another connection for the same session does it no harm",
        Connect("b"),
        send(on="b"),
        NotAccepted("t1", on="b"),
        Alive(),
    ),
)
