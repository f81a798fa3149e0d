"""Transfers: the peer is asked to call somebody else, or asks this side to.

RFC: 3515, 3891, 3892, 5589. See docs/transfer.md.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from sipsimple.api import checking
from sipsimple.api.identity import Credentials
from sipsimple.api.session.calling import outgoing
from sipsimple.api.session.commands import SessionCommands, lock, require_audio_engine
from sipsimple.api.session.facts import party
from sipsimple.api.uri import SIPURI
from sipsimple.errors import SessionStateError
from sipsimple.protocols.sip.extensions import REPLACES
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.headers.replaces import Replaces
from sipsimple.protocols.sip.status import reason_phrase
from sipsimple.protocols.sip.uri import URI
from sipsimple.protocols.sip.usage.events import Accept
from sipsimple.protocols.sip.usage.refer.events import AcceptTransfer, Refer, ReferralProgressed, RejectTransfer
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipsimple.api.accounts.account import Account
    from sipsimple.api.session.calling import Outgoing
    from sipsimple.api.session.session import Session
    from sipsimple.protocols.sip.usage.refer.state import Referral

_PARTIES = ("transfer_destination", "transfer_source", "referred_by")
_NOBODY_KNOWS = "invalid"


class TransferCommands(SessionCommands):
    """Transfers of an established session, in both roles, and sessions that take the place of others.

    Attributes:
        replaces: The session whose place this one takes, because the peer's INVITE says so; it is accepted with the
            same kinds of stream without the application, and the other is ended when it has started.
    """

    def __init__(self) -> None:
        super().__init__()
        self.replaces: Session | None = None
        self._asked: Referral | None = None
        self._successor: Session | None = None
        self._referrer: TransferCommands | None = None

    # This side asks

    def transfer(self, target: SIPURI | Session) -> None:
        """Ask the peer to call somebody else, and end this session when it has.

        A URI makes a blind transfer. Another session makes an attended one: the
        peer of this session is asked to take the place that this side has in
        the other one, which its peer then ends.

        Args:
            target: Whom to call, or the session whose peer is to be called.

        Raises:
            SessionStateError: One of the sessions is not ESTABLISHED, or this one is being transferred already.
            TypeError: The target is neither.
            ValueError: It is this session, or a URI with a bad value.

        Notifications:
            SCSessionTransferNewOutgoing when the REFER is sent, SCSessionTransferDidStart when the peer says that it
            will try, SCSessionTransferGotProgress for each provisional response that it reports; then exactly one of
            SCSessionTransferDidEnd, after which this side hangs up, and SCSessionTransferDidFail, after which
            the session goes on. If the session has ended before the REFER was sent: none of them.

        RFC: 3515 2.4; 3891 4; 5589 6, 7; 3892 2.
        """
        destination, refer_to = _refer_to(target) if isinstance(target, SIPURI) else self._attended(target)
        with lock:
            self._require_established("transfer")
            under_way = None if self.call is None or self.call.transfer is None else self.call.transfer.destination
            told = [each.destination for each in self._untaken() if isinstance(each, Refer)]
            if under_way is not None or told:
                state = f"ESTABLISHED, being transferred to {under_way or told[0]}"
                raise SessionStateError("transfer", state, ("ESTABLISHED and not being transferred",))
            self._tell_actor(Refer(destination, refer_to))

    def _attended(self, other: object) -> tuple[str, str]:
        if not isinstance(other, TransferCommands):
            raise TypeError(f"target must be a SIPURI or a Session, not {type(other).__name__}")
        if other is self:
            raise ValueError("a session cannot be transferred to itself")
        other._require_established("transfer")  # noqa: SLF001 - of the same class
        dialog = None if other.call is None else other.call.dialog
        if dialog is None:
            raise SessionStateError("transfer", other.state, (State.ESTABLISHED,))
        replaces = Replaces(dialog.call_id, dialog.remote_tag, dialog.local_tag)
        uri = dataclasses.replace(_plain(URI.parse(dialog.remote_target)), headers=())
        return str(uri), f"<{dataclasses.replace(uri, headers=(('Replaces', str(replaces)),))}>"

    # The peer asks

    def accept_transfer(self, account: Account | None = None) -> Session:
        """Make the call that the peer asked for, with the same kinds of stream, credentials and route.

        The peer is told how far it comes. This session goes on; the peer usually ends it when the new one has started.

        Args:
            account: Says what this session does not: credentials and route, of an incoming one. None: it calls as
                the address that was called, by no proxy.

        Returns:
            The new session, which is being connected.

        Raises:
            SessionStateError: No transfer waits for a decision.
            SIPCoreError: The engine does not run, or a `sips:` URI would be called in clear.
            MediaFailed: There is no audio engine any more; the text says why.
            TypeError: `account` is no Account.

        Notifications:
            SCSessionTransferDidStart with the new `session`, SCSessionTransferGotProgress when it rings; then exactly
            one of SCSessionTransferDidEnd and SCSessionTransferDidFail.

        RFC: 3515 2.4.4; 3891 4.
        """
        with lock:
            referral = self._require_asked("accept_transfer")
            call, kinds = self._new_call(referral, account)
            require_audio_engine(kinds)
            successor = self._new_session()
            self._asked, self._successor = None, successor
            successor._referrer = self  # noqa: SLF001 - of the same class
            self._tell_actor(AcceptTransfer())
        try:
            successor._place(call, kinds, ())  # noqa: SLF001
        except BaseException as error:
            self._report(500, str(error))
            raise
        return successor

    def reject_transfer(self, code: int = 603) -> None:
        """Do not make the call that the peer asked for.

        Args:
            code: What the peer is told, 300 to 699.

        Raises:
            SessionStateError: No transfer waits for a decision.
            ValueError: The code is no final failure.
            TypeError: It is no int.

        Notifications:
            SCSessionTransferDidFail with this code.

        RFC: 3515 2.4.4.
        """
        checking.integer("code", code, 300, 699)
        with lock:
            self._require_asked("reject_transfer")
            self._asked = None
            self._tell_actor(RejectTransfer(code))

    def _require_asked(self, method: str) -> Referral:
        if self._asked is None:
            raise SessionStateError(method, self.state, ("ESTABLISHED with a transfer that waits for a decision",))
        return self._asked

    def _new_call(self, referral: Referral, account: Account | None) -> tuple[Outgoing, tuple[str, ...]]:
        running = self.call
        kinds = tuple([kind for kind in ("audio", "chat") if running is not None and running.has(kind)]) or ("chat",)
        credentials, is_nobodys = self.credentials, self.credentials is None and account is None
        if is_nobodys:
            credentials = Credentials(self.local_uri or SIPURI(_NOBODY_KNOWS))
        call = outgoing(SIPURI.parse(referral.destination), credentials, self.route, kinds, account=account)
        extra = {"Referred-By": referral.referred_by, "Replaces": referral.replaces}
        if referral.replaces:
            extra["Require"] = REPLACES  # who does not know it would ring as for any other call
        lines = tuple([(name, value) for name, value in extra.items() if value])
        command = replace(call.command, extra=lines)
        if is_nobodys and running is not None:  # the password that the session was accepted with
            command = replace(command, accounts=running.authorization.accounts)
        return dataclasses.replace(call, command=command), kinds

    def _new_session(self) -> Session:
        raise NotImplementedError

    def _place(self, call: Outgoing, kinds: tuple[str, ...], transfers: tuple[Any, ...]) -> None:
        raise NotImplementedError

    def _report(self, code: int, reason: str) -> None:
        """Tell the actor how far the new session has come."""
        if self._ref is not None:
            self._ref.tell(ReferralProgressed(code, reason))

    # Taking the place of another session

    def take_over(self, kinds: tuple[str, ...]) -> None:
        """Be accepted without the application; the engine calls this."""
        with lock:
            self._tell_actor(Accept(kinds))

    def _ring_inbound(self) -> None:
        if self.replaces is None:
            super()._ring_inbound()

    # Notifications

    def _tell(self, name: str, data: Mapping[str, Any]) -> None:
        if name.startswith("SCSessionTransfer"):
            data = self._about_a_transfer(name, data)
        super()._tell(name, data)
        if self._referrer is not None:
            self._tell_referrer(name, data)
        if name == "SCSessionDidStart" and self.replaces is not None:
            self.replaces.terminate("replaced by another call", 200)

    def _about_a_transfer(self, name: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        host = _NOBODY_KNOWS
        named = {each: party(data[each], host) for each in _PARTIES if data.get(each)}
        if name == "SCSessionTransferNewIncoming":
            referral = None if self.call is None else self.call.referral
            self._asked = None if referral is None or referral.is_over else referral
        elif name in ("SCSessionTransferDidFail", "SCSessionTransferDidEnd"):
            self._asked = None
        elif name == "SCSessionTransferDidStart" and self._is_of_referral(data):
            return {**data, **named, "session": self._successor}
        return {**data, **named}

    def _is_of_referral(self, data: Mapping[str, Any]) -> bool:
        referral = None if self.call is None else self.call.referral
        return referral is not None and referral.taken and referral.destination == data["transfer_destination"]

    def _tell_referrer(self, name: str, data: Mapping[str, Any]) -> None:
        """Have the session that asked for this one know how far it comes."""
        referrer = self._referrer
        if referrer is None:
            return
        if name == "SCSessionGotRingIndication":
            referrer._report(180, reason_phrase(180))  # noqa: SLF001
            return
        outcome = _outcome(name, data)
        if outcome is not None:
            self._referrer = None
            referrer._report(*outcome)  # noqa: SLF001


def _outcome(name: str, data: Mapping[str, Any]) -> tuple[int, str] | None:
    if name == "SCSessionDidStart":
        return 200, reason_phrase(200)
    if name == "SCSessionDidFail":
        return data["code"] or 500, data["reason"]
    if name == "SCSessionDidEnd":
        return 487, reason_phrase(487)
    return None


def _refer_to(target: SIPURI) -> tuple[str, str]:
    target = target.copy()  # it may have been changed since it was made: a copy is checked anew
    uri = _plain(target.uri())
    return str(uri), str(Address(target.display, uri))


def _plain(uri: URI) -> URI:
    parameters = tuple([each for each in uri.parameters if each[0] != "method"])
    return dataclasses.replace(uri, password=None, parameters=parameters)
