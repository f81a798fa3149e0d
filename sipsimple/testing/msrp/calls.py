"""A session for each case by a call over SIP: the least of a caller that RFC 3261 allows, over UDP.

It offers what the case wants to offer, reads the answer, is connected to or connects, and hangs up in the end.
"""

from __future__ import annotations

import re
import secrets
import socket
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from sipsimple.testing.msrp.case import Case, Description, Offer, Role
from sipsimple.testing.msrp.connection import Connection, dial
from sipsimple.testing.msrp.session import NoSession, Session

if TYPE_CHECKING:
    from collections.abc import Iterator

T1 = 0.5
NOWHERE = "192.0.2.1:9"
"""Of the networks that are for documents."""

_TARGET = re.compile(r"sips?:(?:[^@;]+@)?(\[[^\]]+\]|[^:;@]+)(?::([0-9]+))?")
_ATTRIBUTE = re.compile(r"a=([^:\r\n]+):?([^\r\n]*)")
_MEDIA = re.compile(r"^m=message ([0-9]+) (\S+)", re.MULTILINE)


class Calls:
    """Calls the peer for each case.

    Args:
        target: Whom: `sip:bob@127.0.0.1:5060`.
        host: Our address, which the peer must be able to reach.
        tls: Offer MSRP over TLS; only where the tester connects.
    """

    def __init__(self, target: str, host: str = "127.0.0.1", *, tls: bool = False) -> None:
        found = _TARGET.match(target)
        if found is None:
            raise ValueError(f"not a SIP URI with a host: {target!r}")
        self.target = target
        self.host, self.tls = host, tls
        self.address = (found[1].strip("[]"), int(found[2] or 5060))

    def can(self, case: Case) -> bool:
        """Everything but cases for relays; without TLS where the peer connects."""
        return case.role is not Role.RELAY and not (self.tls and case.role is Role.PASSIVE)

    @contextmanager
    def open(self, case: Case, limit: float) -> Iterator[Session]:
        """Call, and hang up after the block."""
        with socket.create_server((self.host, 0)) as listener, closing(_Call(self, limit)) as call:
            own = f"{'msrps' if self.tls else 'msrp'}://{self.host}:{listener.getsockname()[1]}/{secrets.token_hex(10)};tcp"
            told = re.sub(r"//[^/]+/", f"//{NOWHERE}/", own) if case.offer.elsewhere else own
            description = call.invite(_body(case.offer, own, self.host, self.tls, told))
            path = description.get("path") or ""
            names = {"to": path, "from": told}
            if case.role is Role.OFFER:
                yield Session(names, None, description)
                return
            if description.status != 200 or not description.port or not path:
                raise NoSession(f"the call is answered {description.status}, port {description.port}")
            yield Session(names, _connection(case, path, listener, limit), description)


def _connection(case: Case, path: str, listener: socket.socket, limit: float) -> Connection:
    listener.settimeout(limit)
    try:
        if case.role is Role.ACTIVE:
            return dial(path.partition(" ")[0], limit)
        sock, _ = listener.accept()
    except OSError as error:
        who = "cannot connect" if case.role is Role.ACTIVE else "the peer does not connect"
        raise NoSession(f"{who}: {error}") from error
    return Connection(sock)


def _body(offer: Offer, own: str, host: str, tls: bool, told: str | None = None) -> str:
    port = re.search(r":([0-9]+)/", own)
    protocol = "TCP/TLS/MSRP" if tls else "TCP/MSRP"
    first = [f"m=message {port[1] if port else 9} {protocol} *"]
    first += [f"a=path:{told or own}"] if offer.has_path else []
    types = [f"a=accept-types:{offer.types}", "a=accept-wrapped-types:*"] if offer.types else []
    setup = [f"a=setup:{offer.setup}"] if offer.setup else []
    lines = [*first, *types, *setup, *(f"a={each}" for each in offer.attributes)]
    if offer.chat_too:
        lines += [first[0], f"a=path:{own.replace(';tcp', 'b;tcp')}", *types, *setup]
    head = ["v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0"]
    return "".join(f"{line}\r\n" for line in [*head, *lines])


def describe(status: int, body: str) -> Description:
    """Read the answer's m=message lines: the first in full, of all the ports."""
    lines = list(_MEDIA.finditer(body))
    if not lines:
        return Description(status)
    end = lines[1].start() if len(lines) > 1 else len(body)
    attributes = tuple((name, value) for name, value in _ATTRIBUTE.findall(body[lines[0].start() : end]))
    ports = tuple(int(each[1]) for each in lines)
    return Description(status, ports[0], lines[0][2], attributes, ports)


class _Call:
    """One call over a socket of its own."""

    def __init__(self, calls: Calls, limit: float) -> None:
        self._target, self._limit = calls.target, limit
        self._socket = socket.socket(socket.AF_INET6 if ":" in calls.address[0] else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(calls.address)
        host, port = self._socket.getsockname()[:2]
        self._here = f"{calls.host}:{port}"
        del host
        self._id, self._tag, self._number = secrets.token_hex(8), secrets.token_hex(4), 0
        self._answer = ""

    def invite(self, body: str) -> Description:
        """Offer; return the final answer.

        Raises:
            NoSession: None comes.
        """
        request = self._request("INVITE", self._target, body)
        self._answer = self._exchange(request, "INVITE")
        status = int(self._answer[8:11])
        self._send(self._ack(request, status))
        return describe(status, self._answer.partition("\r\n\r\n")[2])

    def close(self) -> None:
        """Hang up if the call stands; what the peer asks meanwhile is answered."""
        try:
            if self._answer.startswith("SIP/2.0 2"):
                self._exchange(self._request("BYE", self._contact()), "BYE")
        except (NoSession, OSError):
            pass  # the peer may have hung up first
        finally:
            self._socket.close()

    def _contact(self) -> str:
        found = re.search(r"(?im)^(?:contact|m)[ \t]*:[^<\r\n]*<([^>]+)>", self._answer)
        return found[1] if found else self._target

    def _request(
        self, method: str, uri: str, body: str = "", branch: str | None = None, number: int | None = None
    ) -> str:
        if number is None:
            self._number = number = self._number + 1
        to = re.search(r"(?im)^(?:to|t)[ \t]*:[ \t]*([^\r\n]*)", self._answer)
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._here};branch={branch or 'z9hG4bK' + secrets.token_hex(6)};rport",
            "Max-Forwards: 70",
            f"From: <sip:conformance@{self._here}>;tag={self._tag}",
            f"To: {to[1] if to else f'<{self._target}>'}",
            f"Call-ID: {self._id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:conformance@{self._here}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body.encode())}",
        ]
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def _ack(self, request: str, status: int) -> str:
        if status < 300:
            return self._request("ACK", self._contact(), number=1)
        branch = re.search(r"branch=([^;\r\n]+)", request)
        return self._request("ACK", self._target, branch=branch[1] if branch else None, number=1)

    def _send(self, text: str) -> None:
        self._socket.send(text.encode("utf-8", "surrogateescape"))

    def _exchange(self, request: str, method: str) -> str:
        """Send until a final response comes."""
        deadline, wait, is_provisional = time.monotonic() + self._limit, T1, False
        self._send(request)
        again = time.monotonic() + wait
        while (now := time.monotonic()) < deadline:
            text = self._receive(min(again, deadline) - now)
            if text is None and not is_provisional:
                self._send(request)
                wait *= 2
            if time.monotonic() >= again:
                again = time.monotonic() + wait
            if text is not None and text.startswith("SIP/2.0") and re.search(rf"(?im)^cseq[ \t]*:.*\b{method}", text):
                is_provisional = text[8] == "1"
                if not is_provisional:
                    return text
        raise NoSession(f"no final response to {method}")

    def _receive(self, seconds: float) -> str | None:
        self._socket.settimeout(max(0.001, seconds))
        try:
            text = self._socket.recv(65535).decode("utf-8", "surrogateescape")
        except TimeoutError:
            return None
        except OSError as error:
            raise NoSession(str(error)) from error
        if not text.startswith(("SIP/2.0", "ACK ")):
            self._send(_reply(text))
        return text


def _reply(request: str) -> str:
    """Answer what the peer asks within the call: 200 to BYE, 488 to all else."""
    head = request.partition("\r\n\r\n")[0].split("\r\n")
    kept = [each for each in head[1:] if re.match(r"(?i)(via|v|from|f|to|t|call-id|i|cseq)[ \t]*:", each)]
    status = "200 OK" if request.startswith("BYE ") else "488 Not Acceptable Here"
    return "\r\n".join([f"SIP/2.0 {status}", *kept, "Content-Length: 0", "", ""])
