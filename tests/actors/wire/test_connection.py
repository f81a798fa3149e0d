"""One SIP connection, from what opens it to its end."""

from __future__ import annotations

from sipsimple.actors.wire.connection import Connection
from sipsimple.protocols.sip.transport import Flow


class OpenedLate:
    """A stream that the dialler returned just as the connection ended; its handshake is interrupted."""

    closed = False

    def handshake(self, _timeout):
        raise InterruptedError

    def close(self, flush=True):
        self.closed = True


class Keeper:
    """Keeps which connections ended."""

    def __init__(self):
        self.gone = []

    def ended(self, connection):
        self.gone.append(connection)


def test_a_stream_that_opens_as_the_connection_ends_is_closed():
    """It was ended while it dialled: what the dialler brings belongs to nobody else."""
    keeper, stream = Keeper(), OpenedLate()
    connection = Connection(Flow("tls", ("127.0.0.1", 5061), ("127.0.0.1", 1)), lambda: stream, keeper)
    connection.end()
    try:
        connection.receive()
    except InterruptedError:
        connection.end()  # as the actor does when it is stopped
    assert stream.closed
    assert keeper.gone == [connection]
