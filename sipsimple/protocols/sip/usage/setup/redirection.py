"""Redirection: a 3xx says where the callee may be reached, and the INVITE goes there if the application allows it.

The new INVITE is the same request to another target: Call-ID, From and To stay,
CSeq counts on. The targets are tried one after the other, the likeliest first,
none twice, and never a `sip:` one in place of a `sips:` one.

RFC: 3261 8.1.3.4, 19.1.5, 20.10, 21.3, 26.4.4.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.uri import URI
from sipsimple.protocols.sip.usage.ending import ending
from sipsimple.protocols.sip.usage.outputs import Note, Notify, Resolve
from sipsimple.protocols.sip.usage.pending import Pending
from sipsimple.protocols.sip.usage.streams import streams
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.headers.address import Address
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.ending.failure import Failure
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

STATUSES = frozenset({300, 301, 302, 303, 305, 380})
USE_PROXY = 305
MOST = 16
"""Contacts that are read of one response."""


class Redirection(Value):
    """Where an INVITE of ours may still go.

    Attributes:
        left: How many more targets may be tried.
        tried: The targets that were, the first one included.
        waiting: Those that wait for their turn, each with the Route values for it.
    """

    left: int
    tried: tuple[str, ...] = ()
    waiting: tuple[tuple[str, tuple[str, ...]], ...] = ()


def told(call: Call, response: Response) -> tuple[tuple[str, ...] | None, Outputs]:
    """Return the contacts of a 3xx, the likeliest first, and what names them to an application that follows them."""
    if not 300 <= response.status < 400:
        return None, ()
    contacts = tuple([str(each.uri) for each in _contacts(response)])
    if call.redirection is None:
        return contacts, ()
    return contacts, (Notify("SCSessionGotRedirect", {"code": response.status, "contacts": contacts}),)


def followed(call: Call, response: Response) -> tuple[Call, Outputs] | None:
    """Go to the next target after a final failure; None where there is none, or nobody wants it.

    A 6xx says that there is nobody at all: then nothing else is tried.
    """
    redirection = call.redirection
    if redirection is None or response.status >= 600:
        return None
    if response.status in STATUSES:
        redirection = _with_targets(call, redirection, response)
    return _go_on(call, redirection)


def unreached(call: Call, failure: Failure) -> tuple[Call, Outputs]:
    """Go to the next target after one that does not answer or has no address; fail where there is none."""
    again = None if call.redirection is None else _go_on(call, call.redirection)
    return ending.fail(call, failure) if again is None else again


def _go_on(call: Call, redirection: Redirection) -> tuple[Call, Outputs] | None:
    pending = call.pending
    if pending is None or pending.request is None or not redirection.waiting or not redirection.left:
        return None
    (target, routes), *others = redirection.waiting
    redirection = Redirection(
        redirection.left - 1, (*redirection.tried, routes[0] if routes else target), tuple(others)
    )
    call = replace(
        call,
        target=target,
        routes=routes,
        flow=None,
        pending=Pending(is_ours=True, request=pending.request),
        redirection=redirection,
        authorization=replace(call.authorization, logins=()),  # they are not for whoever answers there
    )
    note = Note("session.redirected", {"target": target})
    return call, (note, streams.guard(call), Resolve(routes[0] if routes else target))


def _with_targets(call: Call, redirection: Redirection, response: Response) -> Redirection:
    """Add the contacts of a response that were not tried yet; they come before those of one before it."""
    tried = redirection.tried or (call.target,)
    known = [URI.parse(_bare(each)) for each in (*tried, *[target for target, _ in redirection.waiting])]
    first = URI.parse(call.target)
    fresh: list[tuple[str, tuple[str, ...]]] = []
    for address in _contacts(response):
        uri = address.uri
        if uri.scheme not in ("sip", "sips") or (first.scheme == "sips" and uri.scheme != "sips"):
            continue
        if any(uri.matches(each) for each in known):
            continue
        known.append(uri)
        fresh.append(_place(call, response, uri))
    return Redirection(redirection.left, tried, (*fresh, *redirection.waiting))


def _place(call: Call, response: Response, uri: URI) -> tuple[str, tuple[str, ...]]:
    if response.status == USE_PROXY:
        route = dataclasses.replace(uri, headers=(), parameters=(*uri.parameters, ("lr", None)))
        return call.target, (f"<{route}>",)
    parameters = tuple([each for each in uri.parameters if each[0] != "method"])
    return str(dataclasses.replace(uri, password=None, headers=(), parameters=parameters)), call.routes


def _bare(text: str) -> str:
    return text.strip("<>")


def _contacts(response: Response) -> list[Address]:
    """Return the contacts with the highest q first; of those that cannot be read, none."""
    try:
        contacts = response.contacts
        found = [] if contacts == "*" else [each for each in contacts[:MOST] if each.uri]
    except RemoteProtocolError:
        return []
    return sorted(found, key=_preference, reverse=True)


def _preference(contact: Address) -> float:
    try:
        value = float(contact.parameter("q") or 1.0)
    except ValueError:
        return 0.0
    return value if 0.0 <= value <= 1.0 else 0.0
