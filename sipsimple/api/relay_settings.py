"""`MSRPRelaySettings`: one MSRP relay and who we are there, as applications give it. RFC 4976 section 5.1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sipsimple.actors.msrp.relay_finder import RelayTarget
from sipsimple.api import checking
from sipsimple.protocols.digest import Credentials

MAX_RELAYS = 8


def _text_or_none(name: str, value: Any) -> str | None:
    return None if value is None else checking.line(name, value)


@dataclass(slots=True)
class MSRPRelaySettings(checking.Checked):
    """One relay.

    Attributes:
        domain: What the relay is asked for by; its SRV records are looked up where there is no `host`.
        username: Who we are there.
        password: The password for that; never printed.
        host: Where to connect.
        port: TCP port of the host; None: 2855.
        use_tls: Speak TLS with it.
    """

    CHECKS = {
        "domain": checking.line,
        "username": checking.secret,
        "password": checking.secret,
        "host": _text_or_none,
        "port": checking.port_or_none,
        "use_tls": checking.boolean,
    }

    domain: str
    username: str
    password: str = field(repr=False)
    host: str | None = None
    port: int | None = None
    use_tls: bool = True

    @property
    def target(self) -> RelayTarget:
        """Where it is."""
        return RelayTarget(self.domain, self.host, self.port, self.use_tls)

    @property
    def uri(self) -> str:
        """What it is asked by through another relay, which has to find it: with its host where that is known."""
        if self.host is None:
            return self.target.uri
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'msrps' if self.use_tls else 'msrp'}://{host}:{self.port or 2855};tcp"

    @property
    def credentials(self) -> Credentials:
        """Who we are there."""
        return Credentials(self.username, self.password)


def chosen_relays(relay: object) -> tuple[MSRPRelaySettings, ...]:
    """Return the relays that a stream was made with: none, one or several.

    Raises:
        TypeError: It is something else.
        ValueError: There are too many.
    """
    if relay is None:
        return ()
    return further_relays("relay", (relay,) if isinstance(relay, MSRPRelaySettings) else relay)


def further_relays(name: str, value: Any) -> tuple[MSRPRelaySettings, ...]:
    """Return relays in their order, the nearest first.

    Raises:
        TypeError: One is none.
        ValueError: There are too many.
    """
    if not isinstance(value, Iterable) or isinstance(value, str | bytes):
        raise TypeError(f"{name} must be a sequence of MSRPRelaySettings")
    relays = tuple(value)
    for each in relays:
        if not isinstance(each, MSRPRelaySettings):
            raise TypeError(f"{name} must be MSRPRelaySettings, not {type(each).__name__}")
    if len(relays) > MAX_RELAYS:
        raise ValueError(f"{name} must be at most {MAX_RELAYS} relays, not {len(relays)}")
    return relays
