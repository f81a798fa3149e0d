"""Who asks a server for something: subscribes, publishes, or sends a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sipsimple.actors.wire.sockets import source_address
from sipsimple.cli.accounts import endpoint_for, mandate
from sipsimple.cli.endpoint import EndpointOptions
from sipsimple.cli.refusal import Refused, sip_uri
from sipsimple.core import SIPURI, Credentials, Route
from sipsimple.protocols.sip.transport import default_port

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Choices:
    """What the options of a command say about who asks.

    Attributes:
        caller: The address, where it is no account.
        account: The name of an account.
        config: Its settings file.
        transport: For SIP; None: what the address or the account says.
        host: To use.
        trace: File for the structured log.
    """

    caller: str | None = None
    account: str | None = None
    config: Path | None = None
    transport: str | None = None
    host: str | None = None
    trace: Path | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and how.

    Attributes:
        credentials: Address and password.
        route: The first hop; None: the address that is asked says where to go.
        options: Of an endpoint that can reach it.
    """

    credentials: Credentials
    route: Route | None
    options: EndpointOptions


def asker(choices: Choices, target: SIPURI | None = None) -> Asker:
    """Return who asks `target`: the account that is named, else whoever calls.

    Args:
        choices: What the options say.
        target: Who is asked; None: the server of the address itself, for which an account is needed or an address.

    Raises:
        Refused: The settings cannot be used, or an address is none.
    """
    is_named = choices.account is not None or choices.config is not None
    if is_named or choices.caller is None:
        return _of_account(choices, target)
    caller = sip_uri(choices.caller)
    asked = target or caller
    options = EndpointOptions(choices.host or source_address(asked.host), trace=choices.trace)
    return Asker(Credentials(caller), _way(asked, choices.transport), options)


def _of_account(choices: Choices, target: SIPURI | None) -> Asker:
    given = mandate(choices.account, choices.config)
    account = given.account
    route = _way(target or account.uri, choices.transport) or account.route
    return Asker(account.credentials, route, endpoint_for(given, choices.host, choices.trace))


def _way(asked: SIPURI, transport: str | None) -> Route | None:
    return None if transport is None else Route(asked.host, asked.port or default_port(transport), transport)


def content_type_of(text: str) -> tuple[str, str]:
    """Return type and subtype.

    Raises:
        Refused: It is no content type.
    """
    kind, _, subtype = text.partition("/")
    if not kind or not subtype:
        raise Refused(f"not a content type: {text!r} (try text/plain)")
    return kind, subtype
