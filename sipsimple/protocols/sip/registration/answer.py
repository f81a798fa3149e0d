"""What a registrar granted: read from the 2xx to a REGISTER.

RFC: 3261 10.2.4, 10.3; 3327 5.1; 3608 5; 5626 4.4, 5; 5627 4.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import split_values
from sipsimple.protocols.sip.headers.tokens import parse_delta_seconds
from sipsimple.protocols.sip.uri import URI
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from sipsimple.protocols.sip.headers.address import Address
    from sipsimple.protocols.sip.message import Response


class Binding(Value):
    """One contact that the registrar has for the address, of whatever user agent.

    Attributes:
        uri: The contact.
        expires: Seconds that it stays; None where the registrar does not say.
    """

    uri: str
    expires: int | None


class Answer(Value):
    """What a 2xx grants.

    Attributes:
        expires: Seconds that our binding stays; 0: there is none.
        bindings: All bindings of the address.
        service_route: Routes that requests of this address are to take.
        path: Proxies through which requests come to us.
        public_gruu: A URI that reaches this instance, and may be known.
        temporary_gruu: One that does not tell who it is.
        flow_timer: Seconds within which the far end of the flow wants to hear of us.
    """

    expires: int
    bindings: tuple[Binding, ...] = ()
    service_route: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    public_gruu: str | None = None
    temporary_gruu: str | None = None
    flow_timer: int | None = None


def read(response: Response, contact_uri: str, instance: str | None, reg_id: int | None, asked: int) -> Answer:
    """Read what was granted.

    How long our binding stays says first its Contact, then Expires, then what was asked for; 0 is said, not absent.
    A header that cannot be read is as if it were not there.

    Args:
        response: The 2xx.
        contact_uri: That we asked to be bound.
        instance: That we asked for it with.
        reg_id: Likewise.
        asked: Seconds.
    """
    contacts = _contacts(response)
    general = _seconds(response.get("expires"))
    ours = _own(contacts, contact_uri, instance, reg_id)
    granted = None if ours is None else _seconds(ours.parameter("expires"))
    return Answer(
        _first(granted, general, asked),
        tuple([Binding(_uri(each), _first_or_none(_seconds(each.parameter("expires")), general)) for each in contacts]),
        _values(response, "service-route"),
        _values(response, "path"),
        None if ours is None else ours.parameter("pub-gruu") or None,
        None if ours is None else ours.parameter("temp-gruu") or None,
        _seconds(response.get("flow-timer")) or None,
    )


def min_expires(response: Response) -> int | None:
    """Return the least seconds that a registrar accepts which answered 423 (RFC 3261 10.2.8)."""
    return _seconds(response.get("min-expires"))


def _contacts(response: Response) -> tuple[Address, ...]:
    try:
        contacts = response.contacts
        for each in () if contacts == "*" else contacts:
            _ = each.uri  # read only now
    except RemoteProtocolError:
        return ()
    return () if contacts == "*" else contacts


def _own(contacts: tuple[Address, ...], uri: str, instance: str | None, reg_id: int | None) -> Address | None:
    """Find our Contact: by who we are, else by its URI, else by the user part if that is of nobody else."""
    for each in contacts:
        named = each.parameter("+sip.instance")
        if instance is not None and named == f"<{instance}>" and each.parameter("reg-id") in (None, str(reg_id)):
            return each
    try:
        own = URI.parse(uri)
    except RemoteProtocolError:
        return None
    same = [each for each in contacts if each.uri.matches(own)]
    if not same:
        same = [each for each in contacts if each.uri.user is not None and each.uri.user == own.user]
        return same[0] if len(same) == 1 else None
    return same[0]


def _uri(address: Address) -> str:
    return str(address.uri)


def _values(response: Response, name: str) -> tuple[str, ...]:
    try:
        return tuple([each for each in split_values(response.get_all(name)) if each])
    except RemoteProtocolError:
        return ()


def _seconds(text: str | None) -> int | None:
    if not text:
        return None
    try:
        return parse_delta_seconds(text)
    except RemoteProtocolError:
        return None


def _first_or_none(*values: int | None) -> int | None:
    return next((each for each in values if each is not None), None)


def _first(granted: int | None, general: int | None, asked: int) -> int:
    found = _first_or_none(granted, general)
    return asked if found is None else found
