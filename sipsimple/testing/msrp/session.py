"""Ways to a session with the peer: paths that are given, a relay, or (in `calls`) a call over SIP."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sipsimple.testing.msrp.case import Case, Description, Role
from sipsimple.testing.msrp.connection import Connection, dial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


class NoSession(Exception):
    """No session with the peer could be had; this is no verdict about the case."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session with the peer.

    Attributes:
        names: `to` and `from`, the paths; `relay`, the URI of a relay.
        connection: Open, nothing was said on it yet; None when the case needs none.
        description: What the peer answered, for a session that was had by SIP.
    """

    names: dict[str, str]
    connection: Connection | None = None
    description: Description | None = field(default=None, repr=False)


class Source(Protocol):
    """Where sessions come from."""

    def can(self, case: Case) -> bool:
        """Whether it can give a session for this case."""

    def open(self, case: Case, limit: float) -> AbstractContextManager[Session]:
        """Open a session for the length of the block.

        Raises:
            NoSession: It cannot be had.
        """


class GivenPaths:
    """Every case connects to the same path, for peers whose session is known by other means.

    Args:
        path: The peer's, relays first, as in `a=path`.
        own: Ours, as the peer was told it.
    """

    def __init__(self, path: str, own: str) -> None:
        self.path, self.own = path, own

    def can(self, case: Case) -> bool:
        """Only as the active side."""
        return case.role is Role.ACTIVE and "sip" not in case.needs

    @contextmanager
    def open(self, case: Case, limit: float) -> Iterator[Session]:
        """Connect."""
        del case
        try:
            connection = dial(self.path.partition(" ")[0], limit)
        except OSError as error:
            raise NoSession(f"cannot connect: {error}") from error
        yield Session({"to": self.path, "from": self.own}, connection)


class AtRelay:
    """Cases for a relay: each connects to it anew.

    Args:
        uri: What an AUTH is addressed to: `msrps://example.com;tcp`.
        address: Where to connect, as a URI; None for the same.
    """

    def __init__(self, uri: str, address: str | None = None) -> None:
        self.uri, self.address = uri, address or uri

    def can(self, case: Case) -> bool:
        """Cases for relays only."""
        return case.role is Role.RELAY

    @contextmanager
    def open(self, case: Case, limit: float) -> Iterator[Session]:
        """Connect."""
        del case
        try:
            connection = dial(self.address, limit)
        except OSError as error:
            raise NoSession(f"cannot connect: {error}") from error
        names = {letter: f"msrp://127.0.0.1:9/{secrets.token_hex(10)};tcp" for letter in ("a", "b")}
        yield Session({"relay": self.uri, "to": self.address, "from": names["a"], "far": names["b"]}, connection)
