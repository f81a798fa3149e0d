"""What `Session.connect()` was given, checked and copied before anything of it counts.

RFC: 3261 19.1.1 (which part of a URI may stand where), 26.2.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.api.identity import Credentials, Route, checked_credentials, checked_route
from sipsimple.api.uri import SIPURI, required_uri
from sipsimple.errors import SIPCoreError
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.usage.events import Connect

if TYPE_CHECKING:
    from sipsimple.api.accounts.account import Account
    from sipsimple.api.configuration import MSRPConfiguration, RTPConfiguration
    from sipsimple.protocols.sip.uri import URI

_NOT_OF_A_PARTY = frozenset({"transport", "maddr", "ttl", "method", "lr"})
_NOT_OF_A_TARGET = frozenset({"method"})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An outgoing call as it was asked for: copies that the application cannot change, and what the actor is told.

    Attributes:
        callee: Who is called.
        credentials: Who calls.
        route: The outbound proxy.
        command: For the actor.
        rtp_config: In place of that of the session; None: no other.
        msrp_config: Likewise.
    """

    callee: SIPURI
    credentials: Credentials
    route: Route | None
    command: Connect
    rtp_config: RTPConfiguration | None = None
    msrp_config: MSRPConfiguration | None = None


def outgoing(
    callee: SIPURI,
    credentials: Credentials | None,
    route: Route | None,
    kinds: tuple[str, ...],
    redirects: int = 0,
    account: Account | None = None,
) -> Outgoing:
    """Check and copy the arguments of a call; what is not given is the account's to say.

    The URIs may have been changed since they were made: a copy is checked anew.

    Raises:
        TypeError: An argument is of the wrong type, or nobody says who calls.
        ValueError: A part of an address has a bad value.
        SIPCoreError: A `sips:` call would go out in clear.
    """
    required_uri("callee_uri", callee)
    asked: tuple[str, ...] = ()
    if account is not None:
        _check_account(account)
        asked = account.service_route if route is None else ()
        credentials, route = credentials or account.credentials, route or account.route
    callee, local, route = callee.copy(), checked_credentials(credentials), checked_route(route)
    refuse_in_clear(callee, route)
    command = Connect(
        local=party_value(local.uri),
        remote=party_value(callee),
        request_uri=request_uri(callee),
        kinds=kinds,
        routes=asked or (() if route is None else (route.header_value(),)),
        contact_user=local.token,
        redirects=redirects,
        accounts=local.accounts,
    )
    if account is None:
        return Outgoing(callee, local, route, command)
    return Outgoing(callee, local, route, command, account.rtp_config, account.msrp_config)


def _check_account(account: object) -> None:
    from sipsimple.api.accounts.account import Account  # it has a registration, which needs this module

    checking.instance("account", account, Account)


def refuse_in_clear(callee: SIPURI, route: Route | None) -> None:
    """Raise SIPCoreError where a `sips:` URI would be reached in clear."""
    if not callee.secure:
        return
    transport = callee.uri().transport if route is None else route.transport
    if transport == "udp" or (transport == "tcp" and route is not None):  # in a sips: URI "tcp" stands for TLS over TCP
        raise SIPCoreError(f"a sips: URI is reached over tls, not over {transport}: {callee}")


def party_value(party: SIPURI) -> str:
    """Return the value for From or To: who it is, without the ways to get there and without a password."""
    uri = replace(_without(party.uri(), _NOT_OF_A_PARTY), port=None)
    return str(Address(party.display or "", uri, ()))


def request_uri(callee: SIPURI) -> str:
    """Return the Request-URI: how to get there, without headers and without a password."""
    return str(_without(callee.uri(), _NOT_OF_A_TARGET))


def _without(uri: URI, names: frozenset[str]) -> URI:
    parameters = tuple([each for each in uri.parameters if each[0] not in names])
    return replace(uri, password=None, parameters=parameters, headers=())
