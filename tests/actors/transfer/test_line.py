"""A transfer beside other sessions on one connection leaves them room."""

from __future__ import annotations

from sipsimple.actors.msrp.session_stream import SessionStream
from sipsimple.actors.msrp.shared import SharedConnection
from sipsimple.actors.transfer.line import TransferLine, receive_all
from sipsimple.protocols.msrp.transfer import sending as transfer_sending
from sipsimple.protocols.msrp.transfer.state import NEIGHBOURLY_WINDOW, WINDOW
from tests.actors.msrp.sessions import session


def test_the_window_is_smaller_while_others_use_the_connection(call):
    ref, _ = session(call)
    connection = SharedConnection()
    mine, other = (SessionStream(connection, name, ref) for name in ("file", "chat"))
    connection.join(mine)
    line = TransferLine(transfer_sending.create(("msrp://127.0.0.1:1/x;tcp",), "seed", 100, "m123"), stream=mine)
    windows = []
    for change in (lambda: None, lambda: connection.join(other), other.close):
        change()
        line, _ = receive_all(line, ())
        windows.append(line.core.window)
    assert windows == [WINDOW, NEIGHBOURLY_WINDOW, WINDOW]
    connection.close()
