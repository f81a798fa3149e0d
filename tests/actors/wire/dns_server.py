"""A name server on loopback for the tests: says what it is told to, over UDP and TCP, and can be silent or wrong."""

from __future__ import annotations

from contextlib import closing

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import gevent

from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.waiting import Readable
from sipsimple.errors import TransportFailed

SOA = "ns.example. admin.example. 1 3600 600 86400 {}"


def both_ports(host):
    """A UDP and a TCP socket on one number, which another program may have in between."""
    while True:
        udp = sockets.udp(host, 0)
        try:
            return udp, sockets.tcp_listener(*sockets.address_of(udp.getsockname()))
        except TransportFailed:
            udp.close()


class DNSServer:
    """Answers from `records`: {(name, type): [text, ..]}; what is not there is NXDOMAIN with a negative TTL.

    Attributes:
        asked: The queries that came, as "TYPE name".
        silent: So many queries get no answer.
        rcode: Answer everything with this code.
        truncate: UDP answers are cut.
        forge: Send a wrong answer before the right one.
    """

    def __init__(self, host="127.0.0.1"):
        self.udp, self.tcp = both_ports(host)
        self.address = sockets.address_of(self.udp.getsockname())
        self.records = {}
        self.ttl = 60
        self.negative_ttl = 60
        self.asked = []
        self.silent = 0
        self.rcode = None
        self.truncate = False
        self.forge = None
        self._greenlets = [gevent.spawn(self._serve_udp), gevent.spawn(self._serve_tcp)]

    def add(self, kind, name, *texts):
        """Have these records."""
        self.records[name, kind] = list(texts)
        return self

    def close(self):
        """Stop."""
        gevent.killall(self._greenlets)
        self.udp.close()
        self.tcp.close()

    def _serve_udp(self):
        with closing(Readable(self.udp.fileno())) as readable:
            while True:
                readable.wait()
                data, source = self.udp.recvfrom(4096)
                query = dns.message.from_wire(data)
                self._note(query)
                if self.silent:
                    self.silent -= 1
                    continue
                if self.forge is not None:
                    self.udp.sendto(self.forge(query), source)
                response = self._answer(query)
                if self.truncate:
                    response.answer.clear()
                    response.flags |= dns.flags.TC
                self.udp.sendto(response.to_wire(), source)

    def _serve_tcp(self):
        with closing(Readable(self.tcp.fileno())) as readable:
            while True:
                readable.wait()
                sock, _ = sockets.accept(self.tcp)
                with closing(sock), closing(Readable(sock.fileno())) as has_more:
                    has_more.wait()
                    response = self._answer(dns.message.from_wire(sock.recv(4096)[2:])).to_wire()
                    data = len(response).to_bytes(2) + response
                    for start in range(0, len(data), 7):  # in pieces
                        sock.send(data[start : start + 7])
                        gevent.sleep(0)

    def _note(self, query):
        question = query.question[0]
        self.asked.append(f"{dns.rdatatype.to_text(question.rdtype)} {question.name.to_text(True)}")

    def _answer(self, query):
        response = dns.message.make_response(query)
        question = query.question[0]
        if self.rcode is not None:
            response.set_rcode(self.rcode)
            return response
        name = question.name.to_text(omit_final_dot=True)
        alias = self.records.get((name, "CNAME"))
        if alias:
            response.answer.append(dns.rrset.from_text(question.name, self.ttl, "IN", "CNAME", alias[0]))
            name = alias[0].rstrip(".")
        texts = self.records.get((name, dns.rdatatype.to_text(question.rdtype)))
        if texts:
            kind = dns.rdatatype.to_text(question.rdtype)
            response.answer.append(dns.rrset.from_text(name + ".", self.ttl, "IN", kind, *texts))
            return response
        if not any(name == known for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        soa = dns.rrset.from_text("example.", self.negative_ttl, "IN", "SOA", SOA.format(self.negative_ttl))
        response.authority.append(soa)
        return response
