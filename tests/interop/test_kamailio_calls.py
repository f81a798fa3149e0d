"""A call through Kamailio, which challenges INVITE and BYE, to a registered endpoint: over each transport."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from sipsimple.core import SIPURI, Credentials, Route
from sipsimple.protocols.sip.authorization import Why
from sipsimple.session import Session
from tests.endpoints import Call, counterpart, deliver, hang_up, port, running
from tests.interop.kamailio import HOST, needs_kamailio, proxy, register

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.actors.wire.authority import Authority
    from tests.watch import Watch

pytestmark = [pytest.mark.interop, needs_kamailio]

TRANSPORTS = ["udp", "tcp", "tls"]


@contextlib.contextmanager
def behind_kamailio(
    authority: Authority,
    folder: Path,
    transport: str,
    algorithm: str = "MD5",
    nonce_expire: int = 120,
    bobs_transport: str = "",
    **options: Any,
) -> Iterator[tuple[Watch, Route]]:
    """Run the engine, with bob registered at Kamailio; the block gets the way through it."""
    bobs = bobs_transport or transport
    certificate = authority.issue(ip=[HOST])
    tls = {"tls_ca_file": authority.file, "tls_cert_file": certificate.cert, "tls_privkey_file": certificate.key}
    with (
        proxy(folder, certificate, algorithm, nonce_expire) as ports,
        running(hub="own", local_tls_port=0, trace_sip=True, tls_timeout=5000, **tls, **options) as watch,
    ):
        register(ports, "bob", f"sip:bob@{HOST}:{port(bobs)};transport={bobs}")
        yield watch, Route(HOST, ports[transport], transport)


def call_bob(watch: Watch, route: Route, password: str | None = "secret") -> Session:
    """Call bob as alice."""
    session = Session()
    credentials = Credentials(SIPURI("sipp.test", "alice"), password)
    session.connect(SIPURI("sipp.test", "bob"), credentials, route, chat=True)
    return session


def answered(watch: Watch, route: Route, password: str | None = None) -> Call:
    """Call bob, who accepts; wait until both chats have started."""
    call = Call(call_bob(watch, route))
    call.callee = watch.until(lambda: counterpart(watch, call.caller), "an incoming session")
    call.callee.accept(chat=True, password=password)
    for session in (call.caller, call.callee):
        watch.wait_for("SCSessionDidStart", session)
        watch.wait_for("MSRPChatDidStart", session.chat_transport)
    return call


def statuses(watch: Watch) -> list[str]:
    """The challenges that came."""
    traced = [each.data.data for each in watch.seen if each.name == "SCEngineSIPTrace" and each.data.received]
    return [text.split("\r\n")[0] for text in traced if text.startswith("SIP/2.0 407")]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_chat_call_is_challenged_once_and_its_bye_not_at_all(
    authority: Authority, tmp_path: Path, transport: str, algorithm: str
) -> None:
    """The BYE bears credentials with the next count, which Kamailio checks."""
    refuse_md5 = algorithm != "MD5"
    with behind_kamailio(authority, tmp_path, transport, algorithm, refuse_md5=refuse_md5) as (watch, route):
        call = answered(watch, route)
        assert call.caller.call.flow.transport == transport
        deliver(watch, call.caller, call.callee, "hello")
        hang_up(watch, call)
        assert len(statuses(watch)) == 1


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_who_was_called_answers_the_challenge_to_his_bye(authority: Authority, tmp_path: Path, transport: str) -> None:
    """With the password that the call was accepted with."""
    with behind_kamailio(authority, tmp_path, transport) as (watch, route):
        call = answered(watch, route, password="secret")
        call.callee.terminate()
        for session in (call.caller, call.callee):
            watch.wait_for("SCSessionDidEnd", session)
        assert watch.data("SCSessionDidEnd", call.caller)["originator"] == "remote"
        assert len(statuses(watch)) == 2


@pytest.mark.parametrize("ended_by", ["caller", "callee"])
@pytest.mark.parametrize(
    ("transport", "bobs_transport"),
    [("udp", "tcp"), ("udp", "tls"), ("tcp", "udp"), ("tcp", "tls"), ("tls", "udp"), ("tls", "tcp")],
)
def test_each_side_reaches_the_other_where_kamailio_changes_the_transport(
    authority: Authority, tmp_path: Path, transport: str, bobs_transport: str, ended_by: str
) -> None:
    """It records itself twice, once for each of its sides (RFC 5658)."""
    with behind_kamailio(authority, tmp_path, transport, bobs_transport=bobs_transport) as (watch, route):
        call = answered(watch, route, password="secret")
        assert [each.call.flow.transport for each in (call.caller, call.callee)] == [transport, bobs_transport]
        assert [len(each.call.dialog.route_set) for each in (call.caller, call.callee)] == [2, 2]
        for count, (one, other) in enumerate(((call.caller, call.callee), (call.callee, call.caller)), 1):
            one.add_audio()
            watch.wait_for("SCSessionGotStreamProposal", other, count)
            other.reject_proposal()
            watch.wait_for("SCSessionRejectedStreamProposal", one, count)
        getattr(call, ended_by).terminate()
        for session in (call.caller, call.callee):
            watch.wait_for("SCSessionDidEnd", session)
        originators = [watch.data("SCSessionDidEnd", each)["originator"] for each in (call.caller, call.callee)]
        assert originators == (["local", "remote"] if ended_by == "caller" else ["remote", "local"])


def test_a_wrong_password_is_told_and_nothing_is_tried_again(authority: Authority, tmp_path: Path) -> None:
    """Kamailio asks again; that is the answer."""
    with behind_kamailio(authority, tmp_path, "udp") as (watch, route):
        session = call_bob(watch, route, "guess")
        watch.wait_for("SCSessionDidEnd", session)
        failed = watch.data("SCSessionDidFail", session)
        assert (failed["originator"], failed["code"]) == ("remote", 407)
        assert failed["reason"] == f"{Why.REFUSED}: realm sipp.test"
        assert len(statuses(watch)) == 2


def test_md5_is_refused_where_the_engine_says_so(authority: Authority, tmp_path: Path) -> None:
    """No digest of the password leaves."""
    with behind_kamailio(authority, tmp_path, "tcp", refuse_md5=True) as (watch, route):
        session = call_bob(watch, route)
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.data("SCSessionDidFail", session)["reason"] == f"{Why.ONLY_MD5}: realm sipp.test"
        assert len(statuses(watch)) == 1


def test_a_call_that_rings_behind_the_challenge_is_cancelled(authority: Authority, tmp_path: Path) -> None:
    """CANCEL goes without credentials, after the INVITE that had some."""
    with behind_kamailio(authority, tmp_path, "udp") as (watch, route):
        session = call_bob(watch, route)
        callee = watch.wait_for("SCSessionNewIncoming").sender
        watch.wait_for("SCSessionGotRingIndication", session)
        session.terminate()
        for each in (session, callee):
            watch.wait_for("SCSessionDidEnd", each)
        assert watch.data("SCSessionDidFail", callee)["code"] == 487


def test_a_nonce_that_expired_during_the_call_is_answered_anew(authority: Authority, tmp_path: Path) -> None:
    """Kamailio says stale: its nonces are good for no time here, but for the request after the challenge."""
    with behind_kamailio(authority, tmp_path, "tcp", nonce_expire=1) as (watch, route):
        call = answered(watch, route)
        watch.until(lambda: is_old(watch), "the nonce to expire")
        hang_up(watch, call)
        assert len(statuses(watch)) == 2


def is_old(watch: Watch) -> bool:
    """Tell whether the challenge came so long ago that its nonce has expired."""
    [came] = [
        each.data.timestamp
        for each in watch.seen
        if each.name == "SCEngineSIPTrace" and "SIP/2.0 407" in each.data.data
    ][:1]
    return (came.now() - came).total_seconds() > 2.5
