"""What the tests of the transports share: messages, and a receiver that keeps what it gets."""

from __future__ import annotations

import gevent
from gevent.event import Event

from sipsimple.actors.runtime import Actor, handles
from sipsimple.actors.wire.messages import SendFailed


def options(number: int = 1, body: bytes = b"") -> bytes:
    """An OPTIONS request whose Call-ID tells it from others."""
    return (
        "OPTIONS sip:bob@127.0.0.1 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKabc;rport\r\n"
        "Max-Forwards: 70\r\n"
        "From: <sip:alice@127.0.0.1>;tag=1\r\n"
        "To: <sip:bob@127.0.0.1>\r\n"
        f"Call-ID: call-{number}\r\n"
        "CSeq: 1 OPTIONS\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


class Inbox:
    """A receiver that keeps what it gets; `crash_on` makes it raise for one Call-ID, once."""

    def __init__(self):
        self.received = []
        self.refused = []
        self.crash_on = None
        self._changed = Event()

    def receive(self, message, flow):
        """Keep a message."""
        if message.call_id == self.crash_on:
            self.crash_on = None
            raise ZeroDivisionError("the receiver is broken")
        self.received.append((message, flow))
        self._changed.set()

    def malformed(self, data, error, flow):
        """Keep what is no message."""
        self.refused.append((data, error, flow))
        self._changed.set()

    def wait_for(self, count, what="received"):
        """Wait until this many came, and return them."""
        while len(getattr(self, what)) < count:
            self._changed.clear()
            self._changed.wait()
        return getattr(self, what)

    @property
    def calls(self):
        """The Call-IDs that came, in order."""
        return [message.call_id for message, _ in self.received]


class Sender(Actor):
    """Keeps the failures that it is told."""

    def __init__(self, failures):
        super().__init__()
        self.failures = failures

    @handles(SendFailed)
    def fail(self, failure: SendFailed) -> None:
        """Keep a failure."""
        self.failures.append(failure)


def until(condition):
    """Let the others run until something holds."""
    while not condition():
        gevent.sleep(0)
