"""Sessions and endpoints that are killed, or crash, while a challenge is answered: the call comes about anyway."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.core import SIPURI, Credentials, Engine, Passwords
from sipsimple.session import Session
from tests.chaos.test_crashing_sessions import ALWAYS, ROLES, Faults, check, go_through
from tests.endpoints import established, hang_up, place, running, wait_until_forgotten
from tests.interop.sip_peer import SIPPeer, chat_line, description

HERE = Passwords("here", {"alice": "p4ssw0rd"})
ASKED = 'WWW-Authenticate: Digest realm="here", nonce="n1", qop="auth", algorithm=SHA-256'
ANSWER = description(chat_line("msrp://127.0.0.1:9/x;tcp", "setup:active"))
MOMENTS = ["before the challenge", "with the challenge", "with the repeat", "before the answer", "with the BYE"]


class Killer:
    """Kills the session at some moments."""

    def __init__(self, session: Session, moments: tuple[str, ...]) -> None:
        self.session, self.moments = session, moments

    def at(self, moment: str) -> None:
        """Say which moment has come."""
        if moment in self.moments:
            self.session.ref.kill()


@pytest.mark.parametrize("moments", [*[(each,) for each in MOMENTS], (MOMENTS[0], MOMENTS[2])], ids=" and ".join)
def test_a_session_that_is_killed_while_it_is_challenged_answers_all_the_same(moments):
    with SIPPeer() as peer, running(hub="own", crashes=True, sip_t1=0.05) as watch:
        session = Session()
        credentials = Credentials(SIPURI("example.com", "alice"), "p4ssw0rd")
        session.connect(SIPURI("127.0.0.1", "peer", port=peer.port), credentials, chat=True)
        killer = Killer(session, moments)
        invite = peer.receive("INVITE")
        killer.at("before the challenge")
        peer.respond(invite, 401, "Unauthorized", ASKED)
        killer.at("with the challenge")
        while invite.get("CSeq") != "2 INVITE":  # over UDP its first INVITE may come again, and wants the 401 again
            invite = peer.receive("INVITE")
        assert 'username="alice"' in invite.get("Authorization")
        killer.at("with the repeat")
        peer.respond(invite, 180, "Ringing")
        killer.at("before the answer")
        peer.respond(invite, 200, "OK", body=ANSWER)
        ack = peer.receive("ACK")
        while ack.get("CSeq") != "2 ACK":
            ack = peer.receive("ACK")
        assert ack.get("Authorization") == invite.get("Authorization")
        watch.wait_for("SCSessionWillStart", session)
        session.terminate()
        killer.at("with the BYE")
        bye = peer.receive("BYE")
        assert "nc=00000002" in bye.get("Authorization")
        peer.respond(bye, 200, "OK")
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.count("SCSessionDidFail") == 0
        wait_until_forgotten(watch)


@ROLES
@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "each time"])
@pytest.mark.parametrize("skipped", range(8))
def test_a_crash_in_any_step_of_a_challenged_call_leaves_nothing_behind(skipped, times, role, monkeypatch):
    with running(crashes=True, sip_t1=0.005, authenticate=HERE) as watch:
        Faults(role, times, skipped).in_steps(monkeypatch)
        check(watch, go_through(watch, Session()))


def test_an_endpoint_that_is_killed_knows_its_own_nonces_afterwards():
    with running(crashes=True, authenticate=HERE) as watch:
        for _ in range(3):
            call = place(watch)
            Engine().core.router.endpoint.kill()
            call.callee.accept(chat=True)
            watch.wait_for("SCSessionDidStart", call.caller)
            hang_up(watch, call)
        assert watch.count("SCSessionDidFail") == 0


def test_a_question_that_ends_the_greenlet_of_the_endpoint_costs_one_request():
    def ask(request):
        if not asked:
            asked.append(request)
            raise gevent.GreenletExit
        return HERE(request)

    asked = []
    with running(crashes=True, authenticate=ask, sip_t1=0.05) as watch:
        hang_up(watch, established(watch))
        assert watch.count("SCSessionDidFail") == 0
