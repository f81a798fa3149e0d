"""Who is examined, and what the checks have found out so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sipsimple.api.engine.options import EngineOptions
from sipsimple.protocols.sip.resolve.targets import Destination

if TYPE_CHECKING:
    from pathlib import Path

    from sipsimple.account import Account
    from sipsimple.actors.runtime import System
    from sipsimple.actors.wire.sockets import Address
    from sipsimple.protocols.sip.resolve.targets import Target

PROBE_SECONDS = 5.0
"""So long a server may take to answer one request."""


@dataclass(slots=True)
class Subject:
    """Everything that one check leaves to those after it.

    Attributes:
        system: Runs the actors that checks need.
        name: Of the account; None: the default one.
        config: The settings file; None: the default one.
        limit: Seconds that each check may take.
        name_servers: To be asked in place of those of the system.
        account: Of the settings; None: there is none, or it cannot be had.
        engine: What the settings say of the engine.
        targets: Where requests go, in the order that RFC 3263 asks for.
        alternatives: By transport, where they would go by the transports that are not used.
        reached: The targets that answered.
        seen: Where the server saw our requests come from, by transport.
    """

    system: System
    name: str | None = None
    config: Path | None = None
    limit: float = 20.0
    name_servers: tuple[Address, ...] | None = None
    account: Account | None = None
    engine: dict[str, Any] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    alternatives: dict[str, Target] = field(default_factory=dict)
    reached: set[Target] = field(default_factory=set)
    seen: dict[str, Address] = field(default_factory=dict)

    @property
    def options(self) -> EngineOptions:
        """Of an engine as the settings ask for it."""
        return EngineOptions(**self.engine)

    @property
    def patience(self) -> float:
        """Seconds for one answer."""
        return min(PROBE_SECONDS, self.limit / 4)

    @property
    def first_hop(self) -> str:
        """Where the requests of the account go first: its proxy, else its domain."""
        assert self.account is not None, "looked at only with an account"
        route = self.account.route
        return str(self.account.uri.uri()) if route is None else route.header_value()

    @property
    def destination(self) -> Destination:
        """What is looked up for that."""
        return Destination.parse(self.first_hop)
