"""Whether a chat or a file goes through MSRP relays, and through which.

A relay that the configuration names is used, or the stream fails. Where it only allows one, and there is a password to
show it, the domain of the local party is asked for its relay (SRV); a domain that has none is no obstacle.

RFC: 4976 5.1.
"""

from __future__ import annotations

import secrets
import ssl
from typing import TYPE_CHECKING

from sipsimple.actors.msrp import relay_finder as msrp_relay_finder
from sipsimple.actors.msrp.relay_port import MSRPRelayPort
from sipsimple.actors.msrp.relayed import RelayPlan
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.tls import self_signed_context, verifying_context
from sipsimple.api.relay_settings import MSRPRelaySettings, chosen_relays
from sipsimple.errors import MSRPChatError
from sipsimple.protocols.msrp.relay import relay

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.msrp.listener import MSRPListener
    from sipsimple.api.configuration import MSRPConfiguration
    from sipsimple.api.engine.options import EngineOptions
    from sipsimple.api.session.session import Session
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.usage.outputs import Prepare


def relay_plan(
    session: Session,
    options: EngineOptions,
    output: Prepare,
    own: str,
    direct: MSRPListener,
    describe: Callable[[Media], None],
    chosen: object = None,
) -> RelayPlan | None:
    """Return how a stream gets its path at relays; None: it goes without.

    Args:
        session: Whose stream it is.
        options: Of the engine.
        output: What it is prepared for.
        own: The stream's own URI.
        direct: Where the peer may connect to if the domain has no relay.
        describe: Told our line when the path is known.
        chosen: `MSRPRelaySettings` of the stream's own, one or several, the nearest first; None: as configured.

    Raises:
        MSRPChatError: Who may vouch for the relay cannot be read.
    """
    configuration = session.msrp_config
    relays = chosen_relays(chosen)
    if relays:
        return plan_through(relays, configuration, options, own, describe)
    is_wanted = configuration.use_relay_outgoing if output.outgoing else configuration.use_relay_incoming
    found = _configured(session, output) if is_wanted else None
    if found is None:
        return None
    way = None if found.host is not None else direct
    return plan_through((found, *configuration.relays), configuration, options, own, describe, way)


def plan_through(
    relays: tuple[MSRPRelaySettings, ...],
    configuration: MSRPConfiguration,
    options: EngineOptions,
    own: str,
    describe: Callable[[Media], None],
    direct: MSRPListener | None = None,
) -> RelayPlan:
    """Plan a path through these relays, the nearest first; without one in its domain the peer connects to `direct`.

    Raises:
        MSRPChatError: Who may vouch for the relay cannot be read.
    """
    first = relays[0].target
    uris = (first.uri, *[each.uri for each in relays[1:]])
    credentials = tuple([each.credentials for each in relays])
    reservation = relay.create(own, uris, credentials, secrets.token_hex(4))
    context = relay_context(configuration, options) if first.tls else None
    return RelayPlan(reservation, MSRPRelayPort(), first, context, msrp_relay_finder.look_up, direct, describe)


def _configured(session: Session, output: Prepare) -> MSRPRelaySettings | None:
    """The relay that the configuration names, or that the domain may have; None where there can be none."""
    configuration, local = session.msrp_config, session.local_uri
    if local is None:
        return None
    password = _password(session, output)
    if configuration.relay_host is None and (password is None or sockets.family_of(local.host) is not None):
        return None
    known = session.credentials.username if session.credentials is not None else None
    return MSRPRelaySettings(
        local.host,
        known or local.user or "",
        password or "",
        configuration.relay_host,
        configuration.relay_port,
        configuration.relay_use_tls is not False,
    )


def _password(session: Session, output: Prepare) -> str | None:
    if output.password is not None or session.credentials is None:
        return output.password
    return session.credentials.password


def relay_context(configuration: MSRPConfiguration, options: EngineOptions) -> ssl.SSLContext | None:
    """Return the TLS context for relays; None: whom the system trusts may vouch for them.

    Raises:
        MSRPChatError: The file of certificates cannot be read.
    """
    if not configuration.relay_verify_server:
        return self_signed_context()
    ca_file = configuration.relay_ca_file or options.tls_ca_file
    if ca_file is None:
        return None
    try:
        return verifying_context(ca_file)
    except (OSError, ssl.SSLError) as error:
        raise MSRPChatError(f"cannot read the certificates in {ca_file}: {error}") from error
