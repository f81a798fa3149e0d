"""RFC 3263 4.3, over real sockets and a name server: a call reaches the server that serves, whatever the others do."""

from __future__ import annotations

import contextlib

import gevent
import pytest
from gevent import socket

from sipsimple.actors.wire.names import Names
from sipsimple.core import SIPURI, Engine
from sipsimple.protocols.sip.framer import Framer
from sipsimple.protocols.sip.message import parse, response_to
from sipsimple.protocols.sip.transport import stamp_received
from sipsimple.session import Session
from tests.actors.wire.dns_server import DNSServer
from tests.endpoints import Call, alice, counterpart, hang_up, port, running

HOST = "127.0.0.1"


class Server:
    """A SIP server of a few lines that never serves; a status of 0 is silence.

    Attributes:
        port: Where it is.
        methods: What it was asked.
    """

    def __init__(self, status, *headers):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.port = self.socket.getsockname()[1]
        self.status, self.headers = status, headers
        self.methods = []
        self._greenlet = gevent.spawn(self._serve)

    def _serve(self):
        while True:
            data, source = self.socket.recvfrom(65535)
            request = stamp_received(parse(data), *source)
            self.methods.append(request.method)
            if self.status and request.method != "ACK":
                response = response_to(request, self.status, to_tag="server", headers=self.headers)
                self.socket.sendto(bytes(response), source)

    def close(self):
        gevent.kill(self._greenlet)
        self.socket.close()


class Busy:
    """A SIP server over TCP that is busy once, and with the next call ends.

    Attributes:
        port: Where it is.
        methods: What it was asked.
    """

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind((HOST, 0))
        self.socket.listen()
        self.port = self.socket.getsockname()[1]
        self.methods = []
        self._greenlet = gevent.spawn(self._serve)

    def _serve(self):
        connection, framer = self.socket.accept()[0], Framer()
        with connection:
            while self.methods.count("INVITE") < 2:
                for request in framer.feed(connection.recv(65535)):
                    self.methods.append(request.method)
                    if self.methods == ["INVITE"]:
                        connection.sendall(bytes(response_to(request, 486, to_tag="server")))

    def close(self):
        gevent.kill(self._greenlet)
        self.socket.close()


@contextlib.contextmanager
def domain(*servers, transport="udp", **options):
    """A running engine and a name server that knows `sip.example`: these servers, then the engine itself."""
    dns = DNSServer()
    with running(**options) as watch:
        resolver = Engine().core.around.resolver
        resolver.names = Names(resolver.supervisor, [dns.address])
        ports = [*[each if isinstance(each, int) else each.port for each in servers], port(transport)]
        lines = [f"{number} 0 {each} host{number}.sip.example." for number, each in enumerate(ports)]
        dns.add("NAPTR", "sip.example", f'1 1 "s" "SIP+D2{transport[0].upper()}" "" _sip._{transport}.sip.example.')
        dns.add("SRV", f"_sip._{transport}.sip.example", *lines)
        for number in range(len(ports)):
            dns.add("A", f"host{number}.sip.example", HOST)
        try:
            yield watch
        finally:
            for each in servers:
                if isinstance(each, Server):
                    each.close()
            dns.close()


def call(watch, user="bob"):
    session = Session()
    session.connect(SIPURI("sip.example", user), alice(), chat=True)
    callee = watch.until(lambda: counterpart(watch, session), "an incoming session")
    callee.accept(chat=True)
    for each in (session, callee):
        watch.wait_for("SCSessionDidStart", each)
    return Call(session, callee)


@pytest.mark.parametrize("statuses", [(503,), (0,), (503, 503), (0, 503)])
def test_a_call_goes_on_to_the_server_that_serves(statuses):
    servers = [Server(status) for status in statuses]
    with domain(*servers, sip_t1=0.02) as watch:
        hang_up(watch, call(watch))
        for each in servers:
            assert each.methods.count("INVITE") == 1 or not each.status
            assert each.methods.count("ACK") == (1 if each.status else 0)
        assert watch.count("SCSessionDidFail") == 0


def test_a_connection_that_is_refused_is_no_server():
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        nobody = closed.getsockname()[1]
        with domain(nobody, transport="tcp") as watch:
            hang_up(watch, call(watch))


def test_a_connection_that_is_lost_after_it_was_heard_is_no_server():
    """RFC 3261 8.1.3.1: what it has not answered goes to the next one, at once."""
    busy = Busy()
    with domain(busy.port, transport="tcp") as watch:
        first = Session()
        first.connect(SIPURI("sip.example", "bob"), alice(), chat=True)
        watch.wait_for("SCSessionDidFail", first)
        hang_up(watch, call(watch))
        assert busy.methods == ["INVITE", "ACK", "INVITE"]
    busy.close()


def test_the_next_call_goes_straight_to_the_server_that_serves():
    """RFC 3261 21.5.4: not before Retry-After is over."""
    broken = Server(503, ("Retry-After", "60"))
    with domain(broken) as watch:
        for _ in range(2):
            hang_up(watch, call(watch))
        assert broken.methods == ["INVITE", "ACK"]


def test_when_none_serves_the_call_fails_as_the_last_one_said():
    servers = [Server(503), Server(503, ("Warning", '399 x "all lines are busy"'))]
    with domain(*servers) as watch:
        watch.on["SCSessionNewIncoming"] = lambda session: session.reject(503)
        session = Session()
        session.connect(SIPURI("sip.example", "bob"), alice(), chat=True)
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.data("SCSessionDidFail", session)["code"] == 503
        assert watch.data("SCSessionDidFail", session)["originator"] == "remote"
        assert [each.methods for each in servers] == [["INVITE", "ACK"]] * 2
