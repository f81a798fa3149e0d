"""A dialog as a raw SIP peer keeps it: enough to write requests, in both roles."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.interop.sip_peer import Message

_branches = itertools.count(1)


@dataclass(slots=True)
class Dialog:
    """One dialog.

    Attributes:
        call_id: Of the call.
        local: Our From, with the tag.
        remote: Their To, with the tag when it is known.
        target: URI that requests go to.
        port: Our own.
        number: Of our last request (CSeq).
    """

    call_id: str
    local: str
    remote: str
    target: str
    port: int
    number: int = 0

    @classmethod
    def called(cls, invite: Message, port: int, tag: str) -> Dialog:
        """The dialog of one that is called."""
        return cls(invite.get("Call-ID"), f"{invite.get('To')};tag={tag}", invite.get("From"), invite.contact, port)

    @classmethod
    def calling(cls, invite: Message, port: int) -> Dialog:
        """The dialog of one that calls; `learn` makes it whole."""
        target = invite.start.split(" ")[1]
        return cls(invite.get("Call-ID"), invite.get("From"), invite.get("To"), target, port, 1)

    def learn(self, message: Message) -> None:
        """Take the remote tag and target from a response or a request."""
        theirs = message.get("To" if message.status else "From")
        if ";tag=" in theirs:
            self.remote = theirs
        self.target = message.contact or self.target

    def request(self, method: str, body: str = "", *headers: str) -> str:
        """Write the next request."""
        self.number += 1
        return self._write(method, self.number, f"z9hG4bKdialog{next(_branches)}", body, headers)

    def ack(self, invite: Message, response: Message, body: str = "") -> str:
        """Write the ACK of a final response: a request of its own for 2xx, else part of the INVITE's transaction."""
        number = int(invite.get("CSeq").split()[0])
        if response.status < 300:
            return self._write("ACK", number, f"z9hG4bKdialog{next(_branches)}", body, ())
        branch = invite.get("Via").partition("branch=")[2].partition(";")[0]
        return self._write("ACK", number, branch, "", (), target=invite.start.split(" ")[1], to=response.get("To"))

    def _write(
        self, method: str, number: int, branch: str, body: str, headers: tuple[str, ...], target: str = "", to: str = ""
    ) -> str:
        head = [
            f"{method} {target or self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch}",
            "Max-Forwards: 70",
            f"From: {self.local}",
            f"To: {to or self.remote}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:peer@127.0.0.1:{self.port}>",
            *headers,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body.encode())}",
        ]
        return "\r\n".join(head) + "\r\n\r\n" + body
