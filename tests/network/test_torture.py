"""The torture messages of RFC 4475 and RFC 5118, each sent to a running engine: what it answers, what is told.

A row says what the RFC's own text asks for; where it leaves a choice, ours. The messages are read where they
lie, outside of the project; `tests/protocols/sip/test_defects.py` has messages of our own for each kind of
defect, which are sent here as well.
"""

from __future__ import annotations

import re
import socket
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from sipsimple.media.availability import is_available
from tests.endpoints import LOOPBACK, port, running
from tests.interop.sip_peer import Message, parse
from tests.protocols.sip.test_defects import DEFECTS, SILENT, TAKEN

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
needs_corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no {CORPORA}")

SECONDS = 5.0
HOSTS = ("127.0.47.5", "127.0.0.1")
"""Where the messages come from: their Via often says port 5060, which others may hold on the usual address."""

RINGS = (180, 486)
"""An INVITE that is taken; the observer of these tests rejects it."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a message must come to.

    Attributes:
        section: Of its RFC.
        statuses: Of the responses in order; none: silence.
        port: Where the response goes by the top Via, unless the message is answered where it came from.
        header: A pattern that stands in the last response.
        caller: Who the session says that calls.
        over_tcp: The responses over TCP, where they are others.
        closes: Over TCP, the connection is closed then.
    """

    section: str
    statuses: tuple[int, ...]
    port: int = 5060
    header: str = ""
    caller: str = ""
    over_tcp: tuple[int, ...] | None = None
    closes: bool = False


rings = partial(Row, statuses=RINGS)
PHONE = "sip:+13035551111@ift.client.example.net;user=phone"
JOE = "sip:caller@example.net"
ALLOW = r"Allow: .*INVITE"

RFC4475 = {
    # well-formed: the To tag of the first names a call that we do not have
    "wsinv": Row("3.1.1.1", (481,)),
    "intmeth": Row("3.1.1.2", (501,), header=ALLOW),
    "esc01": rings("3.1.1.3", caller="sip:I%20have%20spaces@example.net"),
    "escnull": Row("3.1.1.4", (405,), header=ALLOW),
    "esc02": Row("3.1.1.5", (501,), header=ALLOW),
    "lwsdisp": Row("3.1.1.6", (200,)),
    "longreq": rings("3.1.1.7", caller=f"sip:{'amazinglylongcallername' * 5}@example.net"),
    "dblreq": Row("3.1.1.8", (405,), over_tcp=(), closes=True),  # in a stream what follows counts, and breaks off
    "semiuri": Row("3.1.1.9", (200,)),
    "transports": Row("3.1.1.10", (200,)),
    "mpart01": Row("3.1.1.11", (200,)),
    "unreason": Row("3.1.1.12", ()),
    "noreason": Row("3.1.1.13", ()),
    "badinv01": Row("3.1.2.1", (400,)),
    "clerr": Row("3.1.2.2", (400,), over_tcp=()),  # in a stream the rest of the body may still come
    "ncl": Row("3.1.2.3", (400,), closes=True),
    "scalar02": Row("3.1.2.4", (400,)),
    "scalarlg": Row("3.1.2.5", ()),
    "quotbal": Row("3.1.2.6", (400,)),
    "ltgtruri": Row("3.1.2.7", (400,)),
    "lwsruri": Row("3.1.2.8", (400,)),
    "lwsstart": Row("3.1.2.9", (400,)),
    "trws": Row("3.1.2.10", (400,)),
    "escruri": Row("3.1.2.11", (400,)),
    "baddate": rings("3.1.2.12", caller=JOE),
    "regbadct": Row("3.1.2.13", (400,)),
    "badaspec": Row("3.1.2.14", (400,)),
    "baddn": Row("3.1.2.15", (400,)),
    "badvers": Row("3.1.2.16", (505,)),
    "mismatch01": Row("3.1.2.17", (400,)),
    "mismatch02": Row("3.1.2.18", (400,)),
    "bigcode": Row("3.1.2.19", ()),
    "badbranch": Row("3.2.1", (200,)),
    "insuf": Row("3.3.1", (400,)),
    "unkscm": Row("3.3.2", (416,)),
    "novelsc": Row("3.3.3", (416,)),
    "unksm2": Row("3.3.4", (405,)),
    "bext01": Row("3.3.5", (420,), 5061, r"Unsupported: nothingSupportsThis, nothingSupportsThisEither\r"),
    "invut": Row("3.3.6", (415,), header="Accept: application/sdp"),
    "regaut01": Row("3.3.7", (405,), header=ALLOW),
    "multi01": Row("3.3.8", (400,)),
    "mcl01": Row("3.3.9", (400,), closes=True),
    "bcast": Row("3.3.10", ()),
    "zeromf": Row("3.3.11", (200,)),
    "cparam01": Row("3.3.12", (405,)),
    "cparam02": Row("3.3.13", (405,)),
    "regescrt": Row("3.3.14", (405,)),
    "sdp01": Row("3.3.15", (406,), header="Warning: 399 "),
    # a stream needs the Content-Length that RFC 2543 did not
    "inv2543": rings(
        "3.4.1", caller="sip:+13035551111@ift.client.example.net;user=phone", over_tcp=(400,), closes=True
    ),
}

RFC5118 = {
    "ipv6-good": Row("4.1", (405,)),
    "ipv6-bad": Row("4.2", (400,)),
    "port-ambiguous": Row("4.3", (405,)),
    "port-unambiguous": Row("4.4", (405,)),
    "via-received-param-with-delim": Row("4.5", (481,)),
    "via-received-param-no-delim": Row("4.5", (200,)),
    "ipv6-in-sdp": Row("4.6", (488,)),  # understood; of its two codecs we have none
    "mult-ip-in-header": Row("4.7", (481,), 6050),
    "mult-ip-in-sdp": rings("4.8", caller="sip:user@example.com"),
    "ipv4-mapped-ipv6": Row("4.9", (488,), 19823),
    "ipv6-correct-abnf-2-colons": Row("4.10", (200,)),
    "ipv6-bug-abnf-3-colons": Row("4.10", (200,)),
}


class Wire:
    """A socket that sends bytes as they are, and what comes back."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.socket.settimeout(SECONDS)
        self.seen: list[Message] = []  # a 486 is repeated until its ACK, which never comes
        self.probes = 0

    def close(self) -> None:
        self.socket.close()

    def probe(self) -> str:
        """Ask for an answer that comes after those to what was sent before; return its Call-ID."""
        host, own = self.socket.getsockname()[:2]
        self.probes += 1
        call_id = f"probe-{self.probes}"
        via = f"SIP/2.0/{self.transport} {host}:{own};branch=z9hG4bKprobe{self.probes};rport"
        ends = "From: <sip:p@h>;tag=p", "To: <sip:bob@h>", f"Call-ID: {call_id}", "CSeq: 1 OPTIONS", "Content-Length: 0"
        self.send("\r\n".join(["OPTIONS sip:bob@h SIP/2.0", f"Via: {via}", *ends, "", ""]).encode())
        return call_id

    def answers(self, count: int) -> list[Message]:
        """Return so many answers of different kinds, and make sure that there is no further one before the probe's."""
        found: list[Message] = []
        while len(found) < count:
            self._add(found, self.read())
        call_id = self.probe()
        while (answer := self.read()) is not None and answer.get("Call-ID") != call_id:
            self._add(found, answer)
        return found

    def _add(self, found: list[Message], answer: Message | None) -> None:
        assert answer is not None, f"closed after {found}"
        if answer not in self.seen:
            self.seen.append(answer)
            found.append(answer)


class Datagrams(Wire):
    transport = "UDP"

    def __init__(self, sip_port: int) -> None:
        super().__init__(bound(socket.SOCK_DGRAM, sip_port))
        self.socket.connect((LOOPBACK, port()))

    def send(self, data: bytes) -> None:
        self.socket.send(data)

    def read(self) -> Message | None:
        return parse(self.socket.recv(65536))


class Stream(Wire):
    transport = "TCP"

    def __init__(self) -> None:
        super().__init__(socket.create_connection((LOOPBACK, port("tcp"))))
        self.file = self.socket.makefile("rb")

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self) -> Message | None:
        """Read one response; None at the end of the stream."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.file.readline()
            if not line:
                return None
            head += line
        length = re.search(rb"(?i)content-length: (\d+)", head)
        assert length is not None
        return parse(head + self.file.read(int(length[1])))


def bound(kind: socket.SocketKind, sip_port: int) -> socket.socket:
    """Bind the port to an address of the loopback network on which it is free."""
    sock = socket.socket(socket.AF_INET, kind)
    for host in HOSTS:
        try:
            sock.bind((host, sip_port))
        except OSError:
            continue
        return sock
    sock.close()
    pytest.skip(f"port {sip_port} is taken on {' and '.join(HOSTS)}")


@pytest.fixture
def engine():
    """A running engine whose observer rejects every call; gives what calls it was told of."""
    with running(hub="own", sip_t1=0.05) as watch:
        watch.on["SCSessionNewIncoming"] = lambda session: session.reject()
        yield watch


def expected(row: Row, *, over_tcp: bool) -> tuple[int, ...]:
    statuses = row.over_tcp if over_tcp and row.over_tcp is not None else row.statuses
    return (488,) if statuses == RINGS and is_available() is not None else statuses


def callers(watch) -> list[str]:
    return [str(each.sender.remote_uri) for each in watch.seen if each.name == "SCSessionNewIncoming"]


CUT_OFF = {"rfc4475/baddn": b"\r\n"}
"""What the file lacks: a datagram without its empty line is malformed, a stream waits for it."""
MESSAGES = [
    (f"{rfc}/{name}", row) for rfc, rows in (("rfc4475", RFC4475), ("rfc5118", RFC5118)) for name, row in rows.items()
]
over = pytest.mark.parametrize(("name", "row"), MESSAGES, ids=[name for name, _ in MESSAGES])


@needs_corpora
def test_every_message_of_both_documents_has_its_row():
    assert {f"{path.parent.name}/{path.stem}" for path in CORPORA.glob("*/*.dat")} == {name for name, _ in MESSAGES}
    assert (len(RFC4475), len(RFC5118)) == (49, 12)


@needs_corpora
@over
def test_over_udp_it_gets_what_its_rfc_asks_for(engine, name, row):
    statuses = expected(row, over_tcp=False)
    with closing(Datagrams(row.port)) as wire:
        wire.send((CORPORA / f"{name}.dat").read_bytes())
        answers = wire.answers(len(statuses))
    assert tuple(answer.status for answer in answers) == statuses
    assert re.search(row.header, "\r\n".join([*answers[-1].lines, ""]) if answers else "")
    assert callers(engine) == ([row.caller] if statuses == RINGS else [])


@needs_corpora
@over
def test_over_tcp_it_gets_what_its_rfc_asks_for_and_the_connection_lives_if_the_next_message_can_be_found(
    engine, name, row
):
    statuses = expected(row, over_tcp=True)
    with closing(Stream()) as wire:
        wire.send((CORPORA / f"{name}.dat").read_bytes() + CUT_OFF.get(name, b""))
        if row.closes:
            answers = list(iter(wire.read, None))
            assert tuple(answer.status for answer in answers if answer.status == 400) == statuses
            return
        if name == "rfc4475/clerr":
            wire.socket.settimeout(0.2)
            with pytest.raises(TimeoutError):
                wire.socket.recv(1)
            return
        answers = wire.answers(len(statuses))
    assert tuple(answer.status for answer in answers) == statuses
    assert callers(engine) == ([row.caller] if statuses == RINGS else [])


def test_each_defect_of_our_own_gets_its_status_over_udp(engine):
    with closing(Datagrams(0)) as wire:
        for defect in DEFECTS:
            statuses = {SILENT: (), TAKEN: RINGS}.get(defect.status, (defect.status,))
            wire.send(defect.data)
            answers = wire.answers(len(statuses))
            assert (defect.name, tuple(each.status for each in answers)) == (defect.name, statuses)
    assert len(callers(engine)) == sum(defect.status == TAKEN for defect in DEFECTS)
