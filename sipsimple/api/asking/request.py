"""`Request`: one request of any method, outside of dialogs, as applications hold it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sipsimple.actors.sip.message_request import MessageRequest as Actor
from sipsimple.api import checking
from sipsimple.api.asking.asked import Asked, lock
from sipsimple.api.asking.header_lines import checked_content_type, checked_lines
from sipsimple.api.body import body_bytes
from sipsimple.api.session.calling import party_value, refuse_in_clear, request_uri
from sipsimple.api.uri import SIPURI, required_uri
from sipsimple.errors import SessionStateError
from sipsimple.protocols.sip.grammar import is_token
from sipsimple.protocols.sip.request.draft import Draft, Header
from sipsimple.protocols.sip.single.single import Send, SingleRequest, Terminate
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipsimple.api.identity import Credentials, Route
    from sipsimple.protocols.sip.request.client import RequestClient

_NOT_SINGLE = frozenset({"INVITE", "ACK", "CANCEL", "BYE", "PRACK", "UPDATE"})
_MOST_CSEQ = 2**31 - 1


class Request(Asked):
    """One request of any method that belongs to no call; it can be sent once.

    Its states are INIT, IN_PROGRESS, EXPIRING (it was granted for some time, which has not run out) and TERMINATED.

    Args:
        method: Any but those of calls.
        credentials: Who sends it, and the passwords: a challenge is answered.
        to_uri: Of the To header.
        request_uri: Whom it is for.
        contact_uri: Of the Contact header; None: there is none.
        route: The outbound proxy; None: the host of `request_uri` says where to go.
        call_id: By default a new one.
        cseq: By default 1.
        extra_headers: More header lines.
        content_type: Of the body, `text/plain`.
        body: The body; text is sent as UTF-8.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: One has a bad value, or there is a body without type, or a type without body.
        SIPCoreError: A `sips:` URI would be reached in clear.
    """

    actor = Actor
    idle_state = "TERMINATED"
    begun_state = "IN_PROGRESS"
    prefix = "SCRequest"

    def __init__(
        self,
        method: str,
        credentials: Credentials,
        to_uri: SIPURI,
        request_uri: SIPURI,
        contact_uri: SIPURI | None = None,
        route: Route | None = None,
        call_id: str | None = None,
        cseq: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        body: str | bytes | None = None,
    ) -> None:
        super().__init__(credentials, route)
        if not isinstance(method, str) or not is_token(method) or method in _NOT_SINGLE:
            raise ValueError(f"method must be one outside of calls, not {method!r}")
        for name, value in (("to_uri", to_uri), ("request_uri", request_uri), ("contact_uri", contact_uri)):
            if value is not None or name != "contact_uri":
                required_uri(name, value)
        if (content_type is None) != (body is None):
            raise ValueError("content_type and body go together")
        self._method = method
        self._to_uri, self._request_uri = to_uri.copy(), request_uri.copy()
        self._contact_uri = None if contact_uri is None else contact_uri.copy()
        refuse_in_clear(self._request_uri, self._route)
        self._call_id = secrets.token_hex(16) if call_id is None else checking.line("call_id", call_id)
        if not self._call_id or any(each.isspace() for each in self._call_id):
            raise ValueError(f"call_id must be one word, not {call_id!r}")
        self._cseq = 1 if cseq is None else checking.integer("cseq", cseq, 0, _MOST_CSEQ)
        self._headers = checked_lines(extra_headers)
        self._content_type = None if content_type is None else checked_content_type(content_type)
        self._body = b"" if content_type is None or body is None else body_bytes(body, content_type)
        self._is_sent = False

    def __repr__(self) -> str:
        return f"<Request {self._method} {self._request_uri} {self.state}>"

    @property
    def state(self) -> str:
        """INIT, IN_PROGRESS, EXPIRING or TERMINATED."""
        return super().state if self._is_sent else "INIT"

    @property
    def method(self) -> str:
        """The method."""
        return self._method

    @property
    def to_uri(self) -> SIPURI:
        """Of the To header; a copy."""
        return self._to_uri.copy()

    @property
    def request_uri(self) -> SIPURI:
        """Whom it is for; a copy."""
        return self._request_uri.copy()

    @property
    def contact_uri(self) -> SIPURI | None:
        """Of the Contact header; a copy."""
        return None if self._contact_uri is None else self._contact_uri.copy()

    @property
    def call_id(self) -> str:
        """Its Call-ID."""
        return self._call_id

    @property
    def cseq(self) -> int:
        """The number that it is sent with first."""
        return self._cseq

    @property
    def content_type(self) -> str | None:
        """Of the body."""
        return self._content_type

    @property
    def body(self) -> bytes | None:
        """The body as it is sent."""
        return None if self._content_type is None else self._body

    def send(self, timeout: float | None = None) -> None:
        """Send it.

        Args:
            timeout: Without an outcome after so many seconds it has failed; by default the transactions say when.

        Raises:
            SessionStateError: It was sent before.
            ValueError: The timeout is no time.
            SIPCoreError: The engine does not run, or is stopping.

        Notifications:
            SCRequestGotProvisionalResponse for each; SCRequestDidSucceed or SCRequestDidFail; SCRequestWillExpire
            where something was granted for a time; SCRequestDidEnd last.

        RFC: 3261 8.1, 22.2; 3263 4.3.
        """
        from sipsimple.api.engine.engine import Engine

        seconds = None if timeout is None else checking.seconds("timeout", timeout)
        self._want(Engine().core.requests, lambda: self._allowed(seconds))

    def _allowed(self, timeout: float | None) -> Send:
        if self._is_sent:
            raise SessionStateError("send", self.state, ("INIT",))
        self._is_sent = True
        return Send(timeout)

    def terminate(self) -> None:
        """Be over; an outcome that is still to come is not told. Silent when it is over, or was not sent.

        Notifications:
            SCRequestDidEnd.
        """
        with lock:
            if self.is_running:
                self._want_end(Terminate())

    # For `Askers`

    def initial(self, client: RequestClient, _host: str) -> SingleRequest:
        """Return the core to begin with; the engine calls this."""
        lines: tuple[Header, ...] = tuple(self._headers.items())
        if self._contact_uri is not None:
            lines = (("Contact", f"<{self._contact_uri.uri()}>"), *lines)
        if self._content_type is not None:
            lines = (*lines, ("Content-Type", self._content_type))
        draft = Draft(
            method=self._method,
            uri=request_uri(self._request_uri),
            local=f"{party_value(self._credentials.uri)};tag={client.token}",
            remote=party_value(self._to_uri),
            call_id=self._call_id,
            routes=self._routes,
            headers=lines,
            body=self._body,
        )
        return SingleRequest(replace(client, cseq=self._cseq - 1), draft)

    def finish(self) -> None:
        """End in the ordinary way: the engine is stopping; the engine calls this."""
        self._want_end(Terminate())

    def give_up(self, _reason: str) -> None:
        """Tell the end: there is nobody left who could do more; the engine calls this."""
        self.detach(self.core, is_over=True)
        self.post("SCRequestDidEnd", {})
        self._queue = None

    def _has_more(self, _core: Any) -> bool:
        return False
