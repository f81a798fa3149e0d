"""SIP over TLS between two sides of ours: who may talk to whom, and what is told when they may not."""

from __future__ import annotations

import ssl
from contextlib import ExitStack
from datetime import timedelta

import gevent
import pytest

from sipsimple.actors.runtime import ChildSpec, Restart, SupervisorSpec
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.tls_failure import Fault, TLSFailed
from sipsimple.actors.wire.tls_settings import ClientCertificates, TLSSettings
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.actors.wire.transports import Transports
from tests.actors.wire.authority import Authority
from tests.actors.wire.loopback import Inbox, Sender, options, until

DAY = timedelta(days=1)
HOST = "127.0.0.1"


@pytest.fixture
def side(system):
    """Make one side: `side(name, **tls settings) -> (transports, inbox)`."""
    made = []

    def make(name, **settings):
        inbox = Inbox()
        supervisor = system.start_child(SupervisorSpec(name))
        made.append(Transports(supervisor, inbox, contexts=TLSSettings(**settings).contexts()))
        return made[-1], inbox

    yield make
    for each in made:
        each.close()


@pytest.fixture
def sender(system):
    failures = []
    return system.start_child(ChildSpec("sender", Sender, (failures,), Restart.TEMPORARY)), failures


@pytest.fixture
def talk(side, sender, authority):
    """Send OPTIONS to a server with this certificate: `talk(certificate, name) -> "arrived" or the failure`."""
    ref, failures = sender

    def run(certificate, name, client=None, server=None):
        theirs, inbox = side("theirs", cert_file=certificate.both, **(server or {}))
        ours, _ = side("ours", **{"ca_file": authority.file, **(client or {})})
        flow = ours.flow_to("tls", HOST, theirs.listen("tls", HOST, 0), name)
        ours.send(options(), flow, ref, "token")
        until(lambda: failures or inbox.received)
        if inbox.received:
            return "arrived"
        assert failures[0].token == "token"
        assert inbox.received == []
        return failures[0].error

    return run


def failed(outcome, fault, text):
    """Whether it failed, in this way, with these words."""
    return isinstance(outcome, TLSFailed) and outcome.fault is fault and text in outcome.reason


@pytest.mark.parametrize(
    "names",
    [
        {"uri": ["sip:example.com"]},
        {"dns": ["other.example", "EXAMPLE.com"]},
        {"common_name": "example.com"},
    ],
    ids=["URI", "DNS", "CN"],
)
def test_a_server_that_is_the_domain_is_spoken_to(talk, authority, names):
    assert talk(authority.issue(**names), "example.com") == "arrived"


@pytest.mark.parametrize(
    "names",
    [
        {"uri": ["sip:other.example"], "dns": ["example.com"]},
        {"dns": ["*.com", "sip.example.com"]},
        {"dns": ["other.example"], "common_name": "example.com"},
        {"ip": [HOST]},
    ],
    ids=["URI", "wildcard", "CN", "IP"],
)
def test_a_server_that_is_another_domain_is_refused(talk, authority, names):
    """RFC 5922 7: the same address is not enough."""
    assert failed(talk(authority.issue(**names), "example.com"), Fault.NAME, "mismatch")


def test_an_address_has_to_be_in_the_certificate(talk, authority):
    assert talk(authority.issue(ip=[HOST]), None) == "arrived"


def test_a_domains_certificate_is_not_that_of_its_address(talk, authority):
    assert failed(talk(authority.issue(dns=["example.com"]), None), Fault.NAME, HOST)


def test_an_expired_certificate_is_refused(talk, authority):
    expired = authority.issue(dns=["example.com"], begins=-2 * DAY, ends=-DAY)
    assert failed(talk(expired, "example.com"), Fault.EXPIRY, "expired")


def test_a_certificate_of_tomorrow_is_refused(talk, authority):
    early = authority.issue(dns=["example.com"], begins=DAY, ends=2 * DAY)
    assert failed(talk(early, "example.com"), Fault.EXPIRY, "not yet valid")


def test_a_keep_alive_goes_by_the_connection_to_its_domain_and_waits_for_the_answer(side, authority):
    """RFC 5626 4.4.1."""
    theirs, inbox = side("theirs", cert_file=authority.issue(dns=["example.com"]).both)
    ours, _ = side("ours", ca_file=authority.file)
    flow = ours.flow_to("tls", HOST, theirs.listen("tls", HOST, 0), "example.com")
    ours.send(options(), flow)
    until(lambda: inbox.received)
    connection = ours._connections.find("tls", flow.remote, name="example.com")
    for _ in range(2):
        ours.keep_alive(flow)
        assert not connection.is_heard
        until(lambda: connection.is_heard)
    assert ours.open_connections == 1


@pytest.mark.parametrize("name", ["Stranger", "Test CA"])
def test_a_certificate_that_nobody_we_trust_signed_is_refused(talk, tmp_path, name):
    """Not even when its signer calls itself by the name of one whom we trust."""
    stranger = Authority(tmp_path, name)
    assert failed(talk(stranger.issue(dns=["example.com"]), "example.com"), Fault.UNKNOWN_CA, "certificate")


def test_without_verification_any_server_is_spoken_to(talk, tmp_path):
    stranger = Authority(tmp_path, "Stranger")
    assert talk(stranger.issue(dns=["other.example"]), "example.com", {"verify_server": False}) == "arrived"


@pytest.mark.parametrize("name", [".example.com", "a..example", "x" * 64 + ".example"])
def test_a_name_that_no_certificate_can_bear_is_a_failure(talk, authority, name):
    assert "no certificate can bear" in talk(authority.one, name).reason


def demanding(authority):
    return {"ca_file": authority.file, "client_certificates": ClientCertificates.REQUIRED}


def test_a_client_without_the_certificate_that_is_demanded_is_refused_and_told(talk, authority):
    """TLS 1.3 tells the client only after its handshake, so what it wrote by then is told as lost."""
    outcome = talk(authority.issue(dns=["example.com"]), "example.com", server=demanding(authority))
    assert failed(outcome, Fault.REFUSED, "certificate required")


def test_a_client_with_a_certificate_of_another_authority_is_refused_and_told(talk, authority, tmp_path):
    client = {"cert_file": Authority(tmp_path, "Stranger").issue(dns=["client.example"]).both}
    outcome = talk(authority.issue(dns=["example.com"]), "example.com", client, demanding(authority))
    assert failed(outcome, Fault.REFUSED, "unknown ca")


def test_a_client_proves_who_it_is(side, authority):
    """Mutual TLS: what comes over the connection comes from that domain."""
    theirs, inbox = side("theirs", cert_file=authority.issue(dns=["example.com"]).both, **demanding(authority))
    ours, _ = side("ours", ca_file=authority.file, cert_file=authority.issue(uri=["sip:client.example"]).both)
    ours.send(options(), ours.flow_to("tls", HOST, theirs.listen("tls", HOST, 0), "example.com"))
    [(_, flow)] = inbox.wait_for(1)
    assert theirs.identities(flow).domains == {"client.example"}
    assert ours.identities(ours.flow_to("tls", *flow.local, "example.com")).domains == {"example.com"}


def test_nobody_is_whom_nobody_verified(side, authority):
    theirs, inbox = side("theirs", cert_file=authority.one.both)
    ours, _ = side("ours", ca_file=authority.file)
    ours.send(options(), ours.flow_to("tls", HOST, theirs.listen("tls", HOST, 0)))
    [(_, flow)] = inbox.wait_for(1)
    assert theirs.identities(flow) is None


def test_a_connection_is_used_for_the_domain_that_it_was_verified_for_only(side, sender, authority):
    """RFC 5922 7.3: two domains at one address, of which the server is one."""
    ref, failures = sender
    theirs, inbox = side("theirs", cert_file=authority.issue(dns=["a.example", "c.example"]).both)
    ours, _ = side("ours", ca_file=authority.file)
    port = theirs.listen("tls", HOST, 0)
    flows = {name: ours.flow_to("tls", HOST, port, name) for name in ("a.example", "b.example")}
    ours.send(options(1), flows["a.example"], ref, "a")
    ours.send(options(2), flows["b.example"], ref, "b")
    until(lambda: failures and inbox.received)
    assert inbox.calls == ["call-1"]
    assert [each.token for each in failures] == ["b"]
    assert ours.flow_to("tls", HOST, port, "b.example").connection != ours.flow_to("tls", HOST, port, "a.example")
    assert ours.flow_to("tls", HOST, port, "c.example") == ours.flow_to("tls", HOST, port, "a.example")


def test_a_flow_that_was_closed_is_opened_again_for_the_same_domain(side, authority):
    theirs, inbox = side("theirs", cert_file=authority.issue(dns=["a.example"]).both)
    ours, _ = side("ours", ca_file=authority.file)
    port = theirs.listen("tls", HOST, 0)
    first = ours.flow_to("tls", HOST, port, "a.example")
    ours.send(options(1), first)
    inbox.wait_for(1)
    opened = ours.flow_to("tls", HOST, port, "a.example")
    ours._connections.find("tls", opened.remote, opened.connection).end()
    for number, flow in enumerate((first, opened), 2):
        ours.send(options(number), flow)
    inbox.wait_for(3)


def with_alias(data, port):
    return data.replace(b"127.0.0.1:5070;", f"127.0.0.1:{port};alias;".encode())


@pytest.mark.parametrize(
    ("alias", "proves", "reused"), [(True, True, True), (False, True, False), (True, False, False)]
)
def test_requests_go_back_over_a_connection_only_if_asked_and_proved(side, authority, alias, proves, reused):
    """RFC 5923: `alias` in the Via, over TLS, from whom the certificate names."""
    theirs, inbox = side("theirs", cert_file=authority.issue(dns=["b.example"]).both, **demanding(authority))
    ours, _ = side("ours", ca_file=authority.file, cert_file=authority.issue(dns=["a.example"]).both)
    flow = ours.flow_to("tls", HOST, theirs.listen("tls", HOST, 0), "b.example")
    ours.send(with_alias(options(), 5099) if alias else options(), flow)
    [(_, came)] = inbox.wait_for(1)
    back = theirs.flow_to("tls", HOST, 5099, "a.example" if proves else "c.example")
    assert (back.connection == came.connection) is reused


def test_the_port_that_a_client_comes_from_is_no_way_back_to_whom_it_did_not_prove_to_be(side, authority):
    theirs, inbox = side("theirs", cert_file=authority.one.both, ca_file=authority.file)
    ours, _ = side("ours", ca_file=authority.file)
    ours.send(options(), ours.flow_to("tls", HOST, theirs.listen("tls", HOST, 0)))
    [(_, came)] = inbox.wait_for(1)
    assert theirs.flow_to("tls", *came.remote, "bank.example").connection != came.connection
    theirs.send(options(2), came)  # over the flow itself, as responses and requests of the dialog go


def test_a_handshake_that_is_not_finished_in_time_is_given_up(side, sender, authority):
    ref, failures = sender
    ours, _ = side("ours", ca_file=authority.file, timeout=0.02)
    with sockets.tcp_listener(HOST, 0) as silent:
        ours.send(options(), ours.flow_to("tls", HOST, silent.getsockname()[1]), ref, 1)
        until(lambda: failures)
    assert failed(failures[0].error, Fault.TIMEOUT, "timed out")


def test_clients_that_dawdle_in_the_handshake_hold_up_nobody_and_are_hung_up(side, authority):
    """Slow loris: each has a greenlet of its own, and as long as a handshake may take."""
    theirs, inbox = side("theirs", cert_file=authority.one.both, timeout=0.3)
    ours, _ = side("ours", ca_file=authority.file)
    port = theirs.listen("tls", HOST, 0)
    with ExitStack() as stack:
        loris = [stack.enter_context(sockets.connect(HOST, port, 5)) for _ in range(50)]
        for each in loris:
            each.send(b"\x16\x03\x01\x02\x00\x01")
        until(lambda: theirs.open_connections == 50)
        ours.send(options(), ours.flow_to("tls", HOST, port))
        inbox.wait_for(1)
        until(lambda: theirs.open_connections == 1)


def test_what_a_server_shows_that_is_no_tls_is_told(side, sender, authority):
    ref, failures = sender
    ours, _ = side("ours", ca_file=authority.file)
    with sockets.tcp_listener(HOST, 0) as plain:
        ours.send(options(), ours.flow_to("tls", HOST, plain.getsockname()[1]), ref, 1)
        until(lambda: ours.open_connections == 1)
        sockets._wait(plain, sockets.READABLE)
        sock, _ = sockets.accept(plain)
        with sock:
            sock.send(b"SIP/2.0 400 Bad Request\r\n\r\n")
            until(lambda: failures)
    assert failures[0].error.fault is Fault.PROTOCOL


def test_a_stranger_does_not_get_to_see_our_certificate(authority, socket_pair):
    """The handshake ends before our side of it is sent when the server is not whom we meant."""
    client = TLSSettings(ca_file=authority.file, cert_file=authority.one.both).contexts().client
    server = TLSSettings(cert_file=authority.issue(dns=["x.example"]).both, **demanding(authority)).contexts().server
    near, far = socket_pair()
    ours = TLSStream(near, far.getsockname(), client, server_name="y.example", verify=refuse)
    theirs = TLSStream(far, near.getsockname(), server, server_side=True)
    waiting = gevent.spawn(theirs.handshake, 5)
    with pytest.raises(TLSFailed):
        ours.handshake(5)
    with pytest.raises(TLSFailed):
        waiting.get()
    assert theirs.peer_certificate is None


def refuse(_der):
    raise ssl.SSLCertVerificationError("refused for the test")


def test_the_server_is_told_which_name_is_meant(authority, socket_pair):
    """SNI; an address is none (RFC 6066 3)."""
    asked = []
    client = TLSSettings(ca_file=authority.file).contexts().client
    server = TLSSettings(cert_file=authority.one.both).contexts().server
    server.sni_callback = lambda _tls, name, _context: asked.append(name)
    for name in ("a.example", HOST):
        near, far = socket_pair()
        ours = TLSStream(near, far.getsockname(), client, server_name=name)
        theirs = TLSStream(far, near.getsockname(), server, server_side=True)
        waiting = gevent.spawn(theirs.handshake, 5)
        ours.handshake(5)
        waiting.get()
        assert ours.cipher.startswith("TLSv1.3")
        ours.close()
        theirs.close()
    assert asked == ["a.example", None]
