"""What a command that calls somebody is to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from sipsimple.core import SIPURI, Credentials, Route
from sipsimple.protocols.sip.transport import default_port

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.account import Account
    from sipsimple.cli.conversation import Conversation
    from sipsimple.msrp import MSRPFileTransfer


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be done.

    Attributes:
        target: Whom to call.
        caller: Who calls.
        transport: For SIP; None: what the target says.
        message: The one thing to say; None: what is typed.
        timeout: Seconds that the peer has to answer, and again to take the message.
        cancel_after: Seconds after which a call that was not answered is cancelled.
        account: For whom; its address is the caller's.
    """

    target: SIPURI
    caller: SIPURI
    transport: str | None = None
    message: str | None = None
    timeout: float = 60.0
    cancel_after: float | None = None
    account: Account | None = None

    @property
    def route(self) -> Route | None:
        """The way to the target when its transport was chosen, else None: look it up, or ask the account."""
        if self.transport is None:
            return None
        return Route(self.target.host, self.target.port or default_port(self.transport), self.transport)

    def is_answered(self, conversation: Conversation) -> bool:
        """Wait for the answer to the call; where none came in time, say so."""
        patience = self.timeout if self.cancel_after is None else min(self.timeout, self.cancel_after)
        if conversation.wait(lambda: conversation.is_started, patience):
            return True
        if not (conversation.is_over or conversation.is_interrupted):
            typer.echo(f"sipsimple: nobody answered within {patience:g} s", err=True)
        return False

    def call(
        self,
        conversation: Conversation,
        *,
        audio: bool = False,
        chat: bool = True,
        files: Iterable[MSRPFileTransfer] = (),
    ) -> None:
        """Call the target, with these streams."""
        credentials = Credentials(self.caller) if self.account is None else None
        conversation.connect(
            self.target, credentials, self.route, audio=audio, chat=chat, files=files, account=self.account
        )
