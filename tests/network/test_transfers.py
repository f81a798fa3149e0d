"""Transfers over real sockets: three parties, all of them sessions of one engine that calls itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sipsimple.account import Account
from sipsimple.core import SIPURI, Credentials, Route
from sipsimple.session import Session, SessionStateError
from tests.endpoints import LOOPBACK, Call, deliver, established, hang_up, place, port, running, target

if TYPE_CHECKING:
    from tests.watch import Watch

BOTH = pytest.mark.parametrize("transport", ["udp", "tcp"])


def transfer_names(watch: Watch, session: Any) -> list[str]:
    names = [each.name for each in watch.of(session)]
    return [each.removeprefix("SCSessionTransfer") for each in names if each.startswith("SCSessionTransfer")]


def callee_of(watch: Watch, caller: Any) -> Any:
    """The other end of the call of `caller`."""

    def found() -> Any:
        incoming = [each.sender for each in watch.seen if each.name == "SCSessionNewIncoming"]
        ids = {each.call.identity.call_id: each for each in incoming}
        return None if caller.call is None else ids.get(caller.call.identity.call_id)

    return watch.until(found, "an incoming session")


@BOTH
def test_a_blind_transfer_leads_the_peer_to_whom_it_names(transport: str) -> None:
    with running() as watch:
        call = established(watch, transport)
        bob = call.callee
        call.caller.transfer(target(transport, "carol"))
        told = watch.wait_for("SCSessionTransferNewIncoming", bob)
        assert told.data.transfer_destination == target(transport, "carol")
        assert told.data.transfer_source.user == "alice"
        assert told.data.referred_by.user == "alice"
        new = bob.accept_transfer()
        assert watch.wait_for("SCSessionTransferDidStart", bob).data.session is new
        carol = callee_of(watch, new)
        assert carol.local_uri.user == "carol"
        assert new.call.extra == (("Referred-By", '"Alice" <sip:alice@example.com>'),)
        watch.wait_for("SCSessionTransferGotProgress", call.caller, 2)
        carol.accept(chat=True)
        watch.wait_for("SCSessionTransferDidEnd", call.caller)
        for session in (call.caller, bob):
            watch.wait_for("SCSessionDidEnd", session)
        for session in (new, carol):
            watch.wait_for("MSRPChatDidStart", session.chat_transport)
        deliver(watch, new, carol, "hello, I was sent here")
        hang_up(watch, Call(new, carol))
        assert transfer_names(watch, call.caller) == ["NewOutgoing", "DidStart", "GotProgress", "GotProgress", "DidEnd"]
        assert transfer_names(watch, bob) == ["NewIncoming", "DidStart", "GotProgress", "DidEnd"]
        assert watch.data("SCSessionDidEnd", call.caller) == {"originator": "local"}


def test_who_was_called_follows_a_transfer_as_his_account_says() -> None:
    """By its proxy, and as its address: what the peer names may be known to nobody else."""
    with running() as watch:
        call = established(watch)
        account = Account(Credentials(SIPURI("example.net", "bob"), "secret"), Route(LOOPBACK, port()))
        call.caller.transfer(SIPURI("no.such.host.invalid", "carol"))
        watch.wait_for("SCSessionTransferNewIncoming", call.callee)
        with pytest.raises(TypeError, match="account"):
            call.callee.accept_transfer("bob")
        new = call.callee.accept_transfer(account)
        carol = callee_of(watch, new)
        assert (carol.local_uri.host, carol.remote_uri) == ("no.such.host.invalid", SIPURI("example.net", "bob"))
        assert str(new.route) == str(account.route)
        carol.accept(chat=True)
        watch.wait_for("SCSessionTransferDidEnd", call.caller)
        hang_up(watch, Call(new, carol))


def test_a_blind_transfer_that_the_third_refuses_leaves_the_session_as_it_was() -> None:
    with running() as watch:
        call = established(watch)
        call.caller.transfer(target(user="carol"))
        watch.wait_for("SCSessionTransferNewIncoming", call.callee)
        new = call.callee.accept_transfer()
        callee_of(watch, new).reject(480)
        told = watch.wait_for("SCSessionTransferDidFail", call.caller)
        assert (told.data.code, told.data.reason) == (480, "Temporarily Unavailable")
        watch.wait_for("SCSessionDidEnd", new)
        deliver(watch, call.caller, call.callee, "still here")
        hang_up(watch, call)


def test_who_is_asked_may_say_no() -> None:
    with running() as watch:
        call = established(watch)
        call.caller.transfer(SIPURI("127.0.0.1", "carol"))
        with pytest.raises(SessionStateError, match="being transferred to sip:carol@"):  # told, but not taken yet
            call.caller.transfer(SIPURI("127.0.0.1", "dave"))
        watch.wait_for("SCSessionTransferNewIncoming", call.callee)
        with pytest.raises(SessionStateError, match="being transferred to sip:carol@"):
            call.caller.transfer(SIPURI("127.0.0.1", "dave"))
        call.callee.reject_transfer()
        assert watch.wait_for("SCSessionTransferDidFail", call.caller).data.code == 603
        with pytest.raises(SessionStateError):
            call.callee.accept_transfer()
        hang_up(watch, call)


@BOTH
def test_an_attended_transfer_joins_the_two_peers(transport: str) -> None:
    with running() as watch:
        first, second = established(watch, transport), established(watch, transport)
        bob, carol = first.callee, second.callee
        first.caller.transfer(second.caller)
        told = watch.wait_for("SCSessionTransferNewIncoming", bob)
        assert told.data.is_attended
        new = bob.accept_transfer()
        joined = callee_of(watch, new)
        assert joined.replaces is carol
        joined.accept(chat=True)  # that was done already, and does no harm
        for session in (first.caller, bob, second.caller, carol):
            watch.wait_for("SCSessionDidEnd", session)
        for session in (new, joined):
            watch.wait_for("MSRPChatDidStart", session.chat_transport)
        deliver(watch, new, joined, "we were joined")
        hang_up(watch, Call(new, joined))
        assert transfer_names(watch, first.caller)[-1] == "DidEnd"
        ended = watch.data("SCSessionDidEnd", second.caller)
        assert ended == {"originator": "remote", "reason": "replaced by another call", "cause": 200, "protocol": "SIP"}


def test_a_session_that_ends_before_the_outcome_is_known_tells_a_failure_once() -> None:
    with running() as watch:
        call = established(watch)
        call.caller.transfer(target(user="carol"))
        watch.wait_for("SCSessionTransferNewIncoming", call.callee)
        new = call.callee.accept_transfer()
        carol = callee_of(watch, new)
        call.callee.terminate()
        for session in (call.caller, call.callee):
            watch.wait_for("SCSessionDidEnd", session)
            assert watch.wait_for("SCSessionTransferDidFail", session).data.code == 487
        carol.accept(chat=True)
        watch.wait_for("SCSessionDidStart", new)
        hang_up(watch, Call(new, carol))
        assert watch.count("SCSessionTransferDidFail") == 2


def test_who_was_asked_and_gives_the_new_call_up_says_so() -> None:
    with running() as watch:
        call = established(watch)
        call.caller.transfer(target(user="carol"))
        watch.wait_for("SCSessionTransferNewIncoming", call.callee)
        new = call.callee.accept_transfer()
        watch.wait_for("SCSessionGotRingIndication", new)
        new.terminate()
        told = watch.wait_for("SCSessionTransferDidFail", call.caller).data
        assert (told.code, told.reason) == (487, "Request Terminated")
        hang_up(watch, call)


def test_only_established_sessions_are_transferred() -> None:
    with running() as watch:
        call = place(watch)
        with pytest.raises(SessionStateError):
            call.caller.transfer(target())
        with pytest.raises(TypeError):
            call.caller.transfer("sip:carol@example.org")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="itself"):
            call.caller.transfer(call.caller)
        with pytest.raises(SessionStateError):
            Session().transfer(call.caller)
        call.caller.terminate()
        watch.wait_for("SCSessionDidEnd", call.caller)
