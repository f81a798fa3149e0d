"""Playing the steps of one case over an open session, until one of them does not hold."""

from __future__ import annotations

import itertools
import re
from functools import singledispatchmethod
from typing import TYPE_CHECKING

from sipsimple.protocols import digest
from sipsimple.testing.msrp import case as steps
from sipsimple.testing.msrp.case import View
from sipsimple.testing.msrp.connection import dial

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.testing.msrp.connection import Connection
    from sipsimple.testing.msrp.session import Session
    from sipsimple.testing.msrp.wire import Chunk

_PLACE = re.compile(rb"\[\[([a-z][a-z0-9_]*)\]\]")
_IS_FRESH = re.compile(r"[tm][0-9]+")
_CPIM_END = re.compile(rb"\r\n\r\n")
_numbers = itertools.count(1)


class DoesNotHold(Exception):
    """A step of the case does not hold; the text says how."""


class Player:
    """Plays one case.

    Args:
        session: With the peer.
        limit: Seconds to wait for what must come.
        settle: Seconds to wait longer for what must not come.
        users: Names and passwords at a relay.
    """

    def __init__(
        self, session: Session, limit: float, settle: float = 0.0, users: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.session = session
        self.limit = limit
        self.settle = settle
        self.users = users
        self.names = dict(session.names) | _variants(session.names.get("to", ""))
        self.connections: dict[str, Connection] = {}
        if session.connection is not None:
            self.connections["a"] = session.connection

    def close(self) -> None:
        """Hang up every connection."""
        for each in self.connections.values():
            each.close()

    def bind(self) -> None:
        """Begin the session as its active side.

        Raises:
            DoesNotHold: The peer does not take it.
        """
        self._probe("the first, empty SEND")

    def play(self, step: steps.Step) -> None:
        """Play one step.

        Raises:
            DoesNotHold: It does not.
        """
        self._do(step)

    def received(self) -> list[Chunk]:
        """Everything that came on any connection."""
        return [chunk for each in self.connections.values() for chunk in each.chunks]

    def _expand(self, data: bytes) -> bytes:
        return _PLACE.sub(lambda found: self._name(found[1].decode()).encode(), data)

    def _name(self, name: str) -> str:
        if name not in self.names and _IS_FRESH.fullmatch(name):
            self.names[name] = f"{name}x{next(_numbers)}conf"
        return self.names[name]

    def _id(self, name: str) -> str:
        """The transaction or Message-ID behind a name; what is no name stands for itself."""
        return self._name(name) if _IS_FRESH.fullmatch(name) else name

    def _wait(self, look: Callable[[Connection], object], on: str, what: str) -> None:
        connection = self.connections[on]
        if not connection.wait(lambda: look(connection) or None, self.limit):
            came = "; ".join(str(each) for each in connection.chunks[-4:]) or "nothing"
            end = f", then: {connection.why}" if connection.is_closed else ""
            raise DoesNotHold(f"{what} does not come; what came last: {came}{end}")

    def _probe(self, what: str = "the answer to a probe") -> None:
        """Send an empty SEND and wait for its 200: whatever was due before it has come then."""
        identifier = self._name(f"t{next(_numbers)}00")
        paths = f"To-Path: {self.names['to']}\r\nFrom-Path: {self.names['from']}\r\n"
        about = f"Message-ID: {identifier}\r\nByte-Range: 1-0/0\r\n"
        self.connections["a"].write(f"MSRP {identifier} SEND\r\n{paths}{about}-------{identifier}$\r\n".encode())
        self._wait(lambda connection: _response(connection, identifier), "a", what)
        found = _response(self.connections["a"], identifier)
        if found is None or found.code != 200:
            raise DoesNotHold(f"{what}: {found}")

    def _quiet(self) -> None:
        self._probe()
        if self.settle:
            self.connections["a"].wait(lambda: None, self.settle)

    @singledispatchmethod
    def _do(self, step: object) -> None:
        raise TypeError(f"no such step: {step!r}")

    @_do.register
    def _send(self, step: steps.Send) -> None:
        self.connections[step.on].write(self._expand(step.data), step.pieces)

    @_do.register
    def _answer_with(self, step: steps.AnswerWith) -> None:
        self.connections["a"].code = step.code

    @_do.register
    def _connect(self, step: steps.Connect) -> None:
        try:
            self.connections[step.on] = dial(self.session.names["to"].partition(" ")[0], self.limit)
        except OSError as error:
            raise DoesNotHold(f"another connection cannot be made: {error}") from error

    @_do.register
    def _answered(self, step: steps.Answered) -> None:
        identifier, connection = self._id(step.t), self.connections[step.on]
        codes = " or ".join(map(str, step.codes))
        if step.or_closed:
            connection.wait(lambda: _response(connection, identifier), self.limit)
            if connection.is_closed:
                return
        self._wait(lambda each: _response(each, identifier), step.on, f"{codes} to {step.t}")
        found = _response(connection, identifier)
        if found is not None and found.code not in step.codes:
            raise DoesNotHold(f"{step.t} is answered {found.start!r}, not {codes}")

    @_do.register
    def _not_accepted(self, step: steps.NotAccepted) -> None:
        identifier, connection = self._id(step.t), self.connections[step.on]
        if _response(connection, identifier) is None and not connection.is_closed:
            probe = self._name(f"t{next(_numbers)}00")
            paths = f"To-Path: {self.names['to']}\r\nFrom-Path: {self.names['from']}\r\nMessage-ID: {probe}\r\n"
            connection.write(f"MSRP {probe} SEND\r\n{paths}Byte-Range: 1-0/0\r\n-------{probe}$\r\n".encode())
            connection.wait(lambda: _response(connection, identifier) or _response(connection, probe), self.limit)
        found = _response(connection, identifier)
        if found is not None and found.code == 200:
            raise DoesNotHold(f"{step.t} is answered 200")

    @_do.register
    def _unanswered(self, step: steps.Unanswered) -> None:
        self._quiet()
        found = _response(self.connections["a"], self._id(step.t))
        if found is not None:
            raise DoesNotHold(f"{step.t} is answered {found.start!r}")

    @_do.register
    def _reported(self, step: steps.Reported) -> None:
        message, on = self._id(step.m), step.on
        self._wait(lambda each: _reports(each, message), on, f"the REPORT about {step.m}")
        wrong = [each.status for each in _reports(self.connections[on], message) if each.status not in step.codes]
        if wrong:
            raise DoesNotHold(f"the REPORT about {step.m} says {wrong[0]}, not {' or '.join(map(str, step.codes))}")
        size = step.size
        if size is not None:
            self._wait(lambda each: _covered(_reports(each, message)) >= size, on, f"the REPORT up to byte {size}")

    @_do.register
    def _unreported(self, step: steps.Unreported) -> None:
        self._quiet()
        reports = _reports(self.connections["a"], self._id(step.m))
        found = [each for each in reports if step.code in (None, each.status)]
        if found:
            raise DoesNotHold(f"a REPORT about {step.m} comes: {found[0]}")

    @_do.register
    def _refused(self, step: steps.Refused) -> None:
        identifier, message = self._id(step.t), self._id(step.m)

        def look(connection: Connection) -> bool:
            answer = _response(connection, identifier)
            is_error = answer is not None and answer.code >= 300
            return is_error or any(each.status >= 300 for each in _reports(connection, message))

        self._wait(look, "a", f"an error for {step.m}")

    @_do.register
    def _got(self, step: steps.Received) -> None:
        what = f"the message {step.content[:40]!r}"
        self._wait(lambda each: step.content in _contents(each), step.on, what)

    @_do.register
    def _says(self, step: steps.Says) -> None:
        def look(connection: Connection) -> bool:
            bodies = [each.body or b"" for each in connection.chunks if each.method == "SEND"]
            return any(all(part in body for part in step.parts) for body in bodies)

        self._wait(look, "a", f"a message with {b' and '.join(step.parts).decode()}")

    @_do.register
    def _not_got(self, step: steps.NotReceived) -> None:
        self._quiet()
        if any(step.content in each for each in _contents(self.connections["a"])):
            raise DoesNotHold(f"the message {step.content[:40]!r} comes")

    @_do.register
    def _spoken(self, _step: steps.Spoken) -> None:
        self._wait(lambda each: any(chunk.method == "SEND" for chunk in each.chunks), "a", "a SEND")

    @_do.register
    def _closed(self, step: steps.Closed) -> None:
        connection = self.connections[step.on]
        connection.wait(lambda: None, self.limit)
        if not connection.is_closed:
            raise DoesNotHold("the connection stays open")

    @_do.register
    def _alive(self, _step: steps.Alive) -> None:
        self._probe()

    @_do.register
    def _capture(self, step: steps.Capture) -> None:
        found = _response(self.connections[step.on], self._id(step.t))
        if found is None or not found.get(step.header):
            raise DoesNotHold(f"the answer to {step.t} has no {step.header}")
        self.names[step.name] = found.get(step.header)

    @_do.register
    def _authorize(self, step: steps.Authorize) -> None:
        found = _response(self.connections[step.on], self._id(step.t))
        challenge = digest.choose(digest.parse_challenges([found.get("WWW-Authenticate")])) if found else None
        if challenge is None:
            raise DoesNotHold(f"the answer to {step.t} has no challenge that can be answered")
        user, password = self.users[step.user]
        login = digest.log_in(challenge, digest.Credentials(user, step.password or password), f"c{next(_numbers)}once")
        _, self.names[step.name] = digest.answer(login, "AUTH", self.names["relay"], with_uri=False)

    @_do.register
    def _look(self, step: steps.Look) -> None:
        wrong = step.check(View(tuple(self.connections[step.on].chunks), self.names))
        if wrong:
            raise DoesNotHold(wrong)


def _variants(path: str) -> dict[str, str]:
    """The peer's path in other letters: its transport, and (which makes it another) its session id."""
    head, slash, last = path.rpartition("/")
    session_id, semicolon, rest = last.partition(";")
    return {
        "to_loud": f"{head}{slash}{session_id}{semicolon}{rest.upper()}",
        "to_swapped": f"{head}{slash}{session_id.swapcase()}{semicolon}{rest}",
    }


def _response(connection: Connection, identifier: str) -> Chunk | None:
    return next((each for each in connection.chunks if each.code and each.transaction_id == identifier), None)


def _reports(connection: Connection, message: str) -> list[Chunk]:
    return [each for each in connection.chunks if each.method == "REPORT" and each.get("Message-ID") == message]


def _covered(reports: list[Chunk]) -> int:
    """Up to which byte the reports of success go without a gap."""
    end = 0
    for start, last in sorted((each.byte_range[0], each.byte_range[1] or 0) for each in reports):
        if start <= end + 1:
            end = max(end, last)
    return end


def _contents(connection: Connection) -> list[bytes]:
    """What the peer sent in whole messages, without CPIM."""
    pieces: dict[str, dict[int, bytes]] = {}
    whole = []
    for chunk in connection.chunks:
        if chunk.method == "SEND" and chunk.body is not None:
            message = pieces.setdefault(chunk.get("Message-ID"), {})
            message[chunk.byte_range[0]] = chunk.body
            if chunk.flag == "$":
                body = b"".join(message[start] for start in sorted(message))
                is_cpim = chunk.get("Content-Type").lower().startswith("message/cpim")
                whole.append(_CPIM_END.split(body, 2)[-1] if is_cpim else body)
    return whole
