"""Reading the connection to an MSRP relay: each chunk goes straight to the session that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.msrp.connection import MSRPConnection

if TYPE_CHECKING:
    from sipsimple.actors.msrp.relay_port import MSRPRelayPort, RelayConnection
    from sipsimple.protocols.msrp.message import MSRPData


class MSRPRelayReader(MSRPConnection):
    """Reads a connection that the relay's dialer has opened.

    What comes for a session that does not know its peer's path yet is kept for it; what is for none is answered 481.
    """

    def __init__(self, connection: RelayConnection, port: MSRPRelayPort) -> None:
        super().__init__(connection)
        self.port = port

    def open(self) -> bool:
        """Know that it is open."""
        return True

    def _turn_away(self, chunk: MSRPData) -> bool:
        return self.port.keep(chunk) or super()._turn_away(chunk)
