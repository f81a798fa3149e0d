"""Whether a chat goes through an MSRP relay, and through which.

A relay that the configuration names is used, or the chat fails. Where it only allows one, and there is a password to
show it, the domain of the local party is asked for its relay (SRV); a domain that has none is no obstacle.

RFC: 4976 5.1.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sipsimple.actors import msrp_relay_finder
from sipsimple.actors.chat_relayed import RelayPlan
from sipsimple.actors.msrp_relay_finder import RelayTarget
from sipsimple.actors.msrp_relay_port import MSRPRelayPort
from sipsimple.actors.wire import sockets
from sipsimple.protocols.digest import Credentials
from sipsimple.protocols.msrp import relay

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.msrp_listener import MSRPListener
    from sipsimple.api.session import Session
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.usage.outputs import Prepare


def relay_plan(
    session: Session, output: Prepare, own: str, direct: MSRPListener, describe: Callable[[Media], None]
) -> RelayPlan | None:
    """Return how a chat gets its path at a relay; None: it goes without.

    Args:
        session: Whose chat it is.
        output: What it is prepared for.
        own: The chat's own URI.
        direct: Where the peer may connect to if the domain has no relay.
        describe: Told our line when the path is known.
    """
    configuration, local = session.msrp_config, session.local_uri
    is_wanted = configuration.use_relay_outgoing if output.outgoing else configuration.use_relay_incoming
    if not is_wanted or local is None:
        return None
    password = _password(session, output)
    is_named = configuration.relay_host is not None
    if not is_named and (password is None or sockets.family_of(local.host) is not None):
        return None
    tls = configuration.relay_use_tls is not False
    target = RelayTarget(local.host, configuration.relay_host, configuration.relay_port, tls)
    credentials = Credentials(local.user or "", password or "")
    reservation = relay.create(own, (target.uri,), (credentials,), secrets.token_hex(4))
    way = None if is_named else direct
    return RelayPlan(reservation, MSRPRelayPort(), target, None, msrp_relay_finder.look_up, way, describe)


def _password(session: Session, output: Prepare) -> str | None:
    if output.password is not None or session.credentials is None:
        return output.password
    return session.credentials.password
