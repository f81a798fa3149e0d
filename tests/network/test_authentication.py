"""An engine that asks strangers who they are, and calls that have to say it: over real sockets, to itself."""

from __future__ import annotations

import pytest

from sipsimple.core import HA1, SIPURI, Credentials, Demand, Engine, Passwords, send_message
from sipsimple.protocols import digest
from sipsimple.protocols.sip import authorization
from sipsimple.protocols.sip.authorization import Account, Authorization, Why
from sipsimple.protocols.sip.message import Request, parse
from sipsimple.session import Session
from tests.endpoints import alice, deliver, established, hang_up, place, port, running, target, wait_until_forgotten
from tests.interop.sip_peer import SIPPeer, chat_line, description

PASSWORD = "p4ssw0rd"
HERE = Passwords("here", {"alice": PASSWORD})


def call_as(watch, password, **options):
    """Call the engine itself and wait for the end."""
    session = Session()
    credentials = Credentials(SIPURI("example.com", "alice"), password, **options)
    session.connect(target(), credentials, chat=True)
    watch.wait_for("SCSessionDidEnd", session)
    [failure] = [each.data for each in watch.seen if each.name == "SCSessionDidFail" and each.sender is session]
    return failure


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("algorithms", [("MD5",), ("SHA-256", "MD5"), ("SHA-512-256",)])
def test_a_call_is_challenged_answered_and_its_caller_is_known(transport, algorithms):
    with running(authenticate=HERE, digest_algorithms=algorithms, trace_sip=True) as watch:
        call = established(watch, transport)
        assert call.callee.authenticated_user == "alice"
        assert call.caller.authenticated_user is None
        deliver(watch, call.caller, call.callee, "hello")
        hang_up(watch, call)
        assert credentials_sent(watch) == ["INVITE", "ACK", "BYE"]


def credentials_sent(watch):
    """The methods of the requests that were sent with credentials."""
    traced = [each.data for each in watch.seen if each.name == "SCEngineSIPTrace" and not each.data.received]
    return [each.data.split(" ")[0] for each in traced if "\r\nAuthorization: Digest" in each.data]


def test_the_sender_of_a_message_is_known():
    with running(authenticate=HERE) as watch:
        send_message(Credentials(SIPURI("example.com", "alice"), PASSWORD), target(), "text", "plain", "hello")
        assert watch.wait_for("SCEngineGotMessage", Engine()).data.authenticated_user == "alice"
        assert watch.wait_for("SCEngineGotMessageResponse", Engine()).data.code == 200


def test_a_wrong_password_fails_the_call_with_a_reason_that_a_program_can_read():
    with running(authenticate=HERE) as watch:
        failure = call_as(watch, "guess")
        assert (failure.originator, failure.code) == ("remote", 401)
        assert failure.reason == f"{Why.REFUSED}: realm here"
        failure = call_as(watch, None)
        assert failure.reason == f"{Why.NO_ACCOUNT}: realm here"
        assert watch.count("SCSessionNewIncoming") == 0


def test_the_realm_may_have_a_name_and_password_of_its_own():
    with running(authenticate=Passwords("here", {"1001": PASSWORD})) as watch:
        session = Session()
        credentials = Credentials(SIPURI("example.com", "alice"), "other", realms={"here": ("1001", PASSWORD)})
        session.connect(target(), credentials, chat=True)
        callee = watch.wait_for("SCSessionNewIncoming").sender
        assert callee.authenticated_user == "1001"
        callee.reject()
        watch.wait_for("SCSessionDidEnd", session)


def test_a_guesser_is_stopped_and_told_so_by_403():
    with running(authenticate=HERE) as watch:
        codes = [call_as(watch, f"guess{count}").code for count in range(6)]
        assert codes == [401] * 5 + [403]
        assert call_as(watch, PASSWORD).code == 403
        assert call_as(watch, PASSWORD, username="bob").code == 401


def test_md5_is_neither_offered_nor_answered_where_it_is_refused():
    with running(authenticate=HERE, refuse_md5=True) as watch:
        assert Engine().core.options.digest_algorithms == ("SHA-256",)
        hang_up(watch, established(watch))


def test_an_engine_for_md5_alone_cannot_refuse_it():
    with pytest.raises(ValueError, match="MD5 alone"):
        Engine().start(digest_algorithms=("MD5",), refuse_md5=True)


@pytest.mark.parametrize("options", [{"digest_algorithms": ("ROT13",)}, {"digest_algorithms": ()}])
def test_algorithms_that_there_are_not_are_refused(options):
    with pytest.raises(ValueError, match="MD5, SHA-256, SHA-512-256"):
        Engine().start(**options)


def test_what_is_not_callable_cannot_be_asked():
    with pytest.raises(TypeError, match="callable"):
        Engine().start(authenticate="here")


def broken(_request):
    raise KeyError("no such table")


def wrong_kind(_request):
    return "here"


def broken_look_up(_request):
    return Demand("here", lambda *_: 1 / 0)


@pytest.mark.parametrize("ask", [broken, wrong_kind, broken_look_up])
def test_an_application_that_fails_is_answered_for_by_500_and_told_of_in_the_log(ask, logs):
    with running(authenticate=ask) as watch:
        assert call_as(watch, PASSWORD).code == 500
    [event] = [each for each in logs if each["event"] == "authentication.failed"]
    assert event["method"] == "INVITE"
    assert event["log_level"] == "error"


def test_the_application_sees_what_it_is_asked_about():
    seen = []

    def ask(request):
        seen.append(request)

    with running(authenticate=ask) as watch:
        call = place(watch)
        call.callee.reject()
        watch.wait_for("SCSessionDidEnd", call.caller)
        assert call.callee.authenticated_user is None
        [request] = seen
        assert (request.method, request.from_uri, request.transport) == ("INVITE", "sip:alice@example.com", "udp")
        assert request.request_uri == f"sip:bob@127.0.0.1:{port()}"
        assert request.source == ("127.0.0.1", port())


def test_the_log_names_user_and_realm_and_tells_no_secret(logs):
    with running(authenticate=HERE) as watch:
        hang_up(watch, established(watch))
        call_as(watch, "guess-of-mine")
    events = [each["event"] for each in logs]
    for event in ("authentication.asked", "authentication.admitted", "authentication.refused", "challenge.answered"):
        assert event in events
    [admitted] = [each for each in logs if each["event"] == "authentication.admitted"]
    assert (admitted["user"], admitted["realm"]) == ("alice", "here")
    [refused] = [each for each in logs if each["event"] == "challenge.refused"]
    assert (refused["realm"], refused["why"], refused["status"]) == ("here", f"{Why.REFUSED}: realm here", 401)
    text = repr(logs)
    for secret in (PASSWORD, "guess-of-mine", "nonce=", "response="):
        assert secret not in text


def options_request(peer, branch="z9hG4bKo1", **headers):
    lines = [
        ("Via", f"SIP/2.0/UDP 127.0.0.1:{peer.port};branch={branch}"),
        ("From", "<sip:alice@h>;tag=s"),
        ("To", "<sip:bob@h>"),
        ("Call-ID", "scan"),
        ("CSeq", "1 OPTIONS"),
        *headers.items(),
    ]
    return Request("OPTIONS", "sip:bob@127.0.0.1", lines)


def text_of(request):
    return bytes(request).decode()


def test_a_method_is_challenged_where_it_is_named_and_its_repeat_is_no_replay():
    strict = Passwords("here", {"alice": HA1(digest.user_hash("SHA-256", "alice", "here", PASSWORD))}, ["OPTIONS"])
    with SIPPeer() as peer, running(hub="own", authenticate=strict, digest_algorithms=("SHA-256",)):
        peer.address = ("127.0.0.1", port())
        first = options_request(peer)
        peer.send(text_of(first))
        asked = peer.receive("SIP/2.0 401")
        response = parse(("\r\n".join([asked.start, *asked.lines]) + "\r\n\r\n").encode())
        auth = Authorization((Account("alice", PASSWORD),))
        auth, why = authorization.challenged(auth, first, response, "c" * 32)
        assert why is None
        again = authorization.authorized(auth, options_request(peer, "z9hG4bKo2"))[1]
        peer.send(text_of(again))
        peer.receive("SIP/2.0 200")
        repeats = peer.repeats
        peer.send(text_of(again))
        peer.send(text_of(again.replacing({"Via": again.get("via").replace("o2", "o3")})))
        assert "stale=true" in peer.receive("SIP/2.0 401").get("WWW-Authenticate")
        assert peer.repeats == repeats + 1


def test_options_pass_by_default_and_no_trace_is_left():
    with SIPPeer() as peer, running(hub="own", authenticate=HERE, sip_t1=0.05) as watch:
        peer.address = ("127.0.0.1", port())
        peer.send(text_of(options_request(peer)))
        peer.receive("SIP/2.0 200")
        hang_up(watch, established(watch))
        wait_until_forgotten(watch)


def test_the_bye_of_a_call_that_failed_is_sent_again_with_credentials_after_its_end():
    """The chat has nobody to connect to; the peer wants the BYE authenticated, and asks for it once more in vain."""
    answer = description(chat_line("msrp://127.0.0.1:9/x;tcp", "setup:passive"))
    with SIPPeer() as peer, running(hub="own", sip_t1=0.05) as watch:
        session = Session()
        session.connect(SIPURI("127.0.0.1", "peer", port=peer.port), alice(), chat=True)
        peer.respond(peer.receive("INVITE"), 200, "OK", body=answer)
        bye = peer.receive("BYE")
        watch.wait_for("SCSessionDidEnd", session)
        asked = 'WWW-Authenticate: Digest realm="here", nonce="n1", qop="auth"'
        peer.respond(bye, 401, "Unauthorized", asked)
        again = peer.receive("BYE")
        assert again.get("CSeq") == "3 BYE"
        assert 'username="alice"' in again.get("Authorization")
        peer.respond(again, 401, "Unauthorized", asked.replace("n1", "n2") + ", stale=true")
        wait_until_forgotten(watch)
        assert not Engine().core.around.lingering.state.passwords
