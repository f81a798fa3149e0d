"""SIP over TLS with programs that are not ours: OpenSSL's own client and server, and Kamailio."""

from __future__ import annotations

import os
import shutil
import signal

import gevent
import pytest
from gevent.subprocess import DEVNULL, PIPE, STDOUT, Popen

from sipsimple.actors.runtime import ChildSpec, Restart, SupervisorSpec, System
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.tls_failure import Fault
from sipsimple.actors.wire.tls_settings import ClientCertificates, TLSSettings
from sipsimple.actors.wire.transports import Transports
from sipsimple.errors import TransportFailed
from tests.actors.wire.loopback import Inbox, Sender, options, until

HOST = "127.0.0.1"
OPENSSL = shutil.which("openssl")
KAMAILIO = shutil.which("kamailio")

needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="no openssl here")
needs_kamailio = pytest.mark.skipif(KAMAILIO is None, reason="no Kamailio here")


@pytest.fixture(autouse=True)
def time_limit():
    with gevent.Timeout(20):
        yield


@pytest.fixture
def system():
    made = System()
    yield made
    made.stop()


@pytest.fixture
def side(system):
    """Make our side: `side(**tls settings) -> (transports, inbox)`."""
    made = []

    def make(**settings):
        inbox = Inbox()
        supervisor = system.start_child(SupervisorSpec(f"side-{len(made)}"))
        made.append(Transports(supervisor, inbox, contexts=TLSSettings(**settings).contexts()))
        return made[-1], inbox

    yield make
    for each in made:
        each.close()


@pytest.fixture
def s_client(tmp_path):
    """Run `openssl s_client`: `s_client(port, *arguments, said=bytes) -> what it printed`."""

    def run(port, *arguments, said=b""):
        command = [OPENSSL, "s_client", "-connect", f"{HOST}:{port}", "-ign_eof", *arguments]
        process = Popen(command, stdin=PIPE, stdout=PIPE, stderr=STDOUT)
        try:
            process.stdin.write(said)
            process.stdin.flush()
            process.stdin.close()
            return process.stdout.read().decode("utf-8", "replace")
        finally:
            process.stdout.close()
            process.terminate()
            process.wait()

    return run


def hang_up(transports, inbox, count=1):
    """When so many messages have come, end all connections."""
    inbox.wait_for(count)
    for connection in list(transports._connections._by_number.values()):
        connection.end()


@needs_openssl
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_openssl_sends_a_request_to_our_listener(side, s_client, authority, version):
    ours, inbox = side(cert_file=authority.issue(dns=["sip.example.com"]).both)
    port = ours.listen("tls", HOST, 0)
    ending = gevent.spawn(hang_up, ours, inbox)
    printed = s_client(
        port, version, "-CAfile", authority.file, "-verify_return_error", "-servername", "sip.example.com",
        "-verify_hostname", "sip.example.com", said=options(),
    )  # fmt: skip
    ending.get()
    assert "Verify return code: 0 (ok)" in printed
    assert inbox.calls == ["call-1"]


@needs_openssl
@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_older_versions_are_refused(side, s_client, authority, version):
    ours, inbox = side(cert_file=authority.one.both)
    printed = s_client(ours.listen("tls", HOST, 0), version, "-cipher", "ALL:@SECLEVEL=0")
    assert "alert protocol version" in printed or "no protocols available" in printed
    assert inbox.received == []


@needs_openssl
def test_a_client_certificate_that_is_demanded(side, s_client, authority):
    ours, inbox = side(
        cert_file=authority.one.both, ca_file=authority.file, client_certificates=ClientCertificates.REQUIRED
    )
    port = ours.listen("tls", HOST, 0)
    assert "alert certificate required" in s_client(port, "-tls1_3", said=options())
    assert inbox.received == []
    client = authority.issue(uri=["sip:client.example"])
    ending = gevent.spawn(hang_up, ours, inbox)
    s_client(port, "-cert", client.cert, "-key", client.key, said=options(2))
    ending.get()
    assert inbox.calls == ["call-2"]


@pytest.fixture
def s_server(authority):
    """Run `openssl s_server`: `s_server(certificate, *arguments) -> (port, process)`; it prints what it gets."""
    running = []

    def run(certificate, *arguments):
        with sockets.tcp_listener(HOST, 0) as free:
            port = free.getsockname()[1]
        command = [OPENSSL, "s_server", "-accept", f"{HOST}:{port}", "-cert", certificate.cert, "-key", certificate.key]
        process = Popen([*command, *arguments], stdin=PIPE, stdout=PIPE, stderr=STDOUT)
        running.append(process)
        printed = b""
        while b"ACCEPT" not in printed:
            more = process.stdout.readline()
            assert more, printed
            printed += more
        return port, process

    yield run
    for process in running:
        process.terminate()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@needs_openssl
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_our_request_arrives_at_the_server_of_openssl(side, s_server, authority, version):
    port, server = s_server(authority.issue(uri=["sip:example.com"]), version)
    ours, _ = side(ca_file=authority.file)
    ours.send(options(5), ours.flow_to("tls", HOST, port, "example.com"))
    lines = iter(server.stdout.readline, b"")
    assert next(line for line in lines if line.startswith(b"Call-ID")) == b"Call-ID: call-5\r\n"


@needs_openssl
def test_a_server_of_another_domain_gets_nothing_of_ours(system, side, s_server, authority):
    port, _ = s_server(authority.issue(dns=["other.example"]))
    ours, _ = side(ca_file=authority.file)
    failures = []
    sender = system.start_child(ChildSpec("sender", Sender, (failures,), Restart.TEMPORARY))
    ours.send(options(), ours.flow_to("tls", HOST, port, "example.com"), sender, 1)
    until(lambda: failures)
    assert failures[0].error.fault is Fault.NAME


CONFIGURATION = """#!KAMAILIO
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/kamailio/modules/:/usr/lib64/kamailio/modules/"
debug=2
log_stderror=yes
children=1
tcp_children=1
enable_tls=yes
dns=no
rev_dns=no
listen=udp:{host}:{ports[udp]}
listen=tcp:{host}:{ports[tcp]}
listen=tls:{host}:{ports[tls]}
loadmodule "sl.so"
loadmodule "tls.so"
modparam("tls", "config", "{folder}/tls.cfg")
request_route {{ sl_send_reply("200", "OK"); }}
"""

TLS_CONFIGURATION = """[server:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
ca_list = {ca}
certificate = {certificate.cert}
private_key = {certificate.key}
[client:default]
method = TLSv1.2+
"""


def is_up(ports):
    """Whether it listens everywhere."""
    try:
        for transport in ("tcp", "tls"):
            sockets.connect(HOST, ports[transport], 1).close()
    except TransportFailed:
        return False
    return True


@pytest.fixture
def kamailio(tmp_path, authority):
    """Kamailio that answers every request with 200, and takes TLS clients with a certificate only: its ports."""
    with sockets.udp(HOST, 0) as udp, sockets.tcp_listener(HOST, 0) as tcp, sockets.tcp_listener(HOST, 0) as tls:
        ports = {name: sock.getsockname()[1] for name, sock in (("udp", udp), ("tcp", tcp), ("tls", tls))}
    certificate = authority.issue(dns=["kamailio.example"], ip=[HOST])
    (tmp_path / "tls.cfg").write_text(TLS_CONFIGURATION.format(ca=authority.file, certificate=certificate))
    configuration = tmp_path / "kamailio.cfg"
    configuration.write_text(CONFIGURATION.format(host=HOST, ports=ports, folder=tmp_path))
    with (tmp_path / "log").open("wb") as log:
        command = [KAMAILIO, "-f", configuration, "-P", tmp_path / "pid", "-Y", tmp_path, "-w", tmp_path, "-DD", "-E"]
        command = [*map(str, command), "-m", "32", "-M", "4"]
        process = Popen(command, stdin=DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        until(lambda: is_up(ports) or process.poll() is not None)
        if process.poll() is not None:
            pytest.skip(f"Kamailio does not start: {(tmp_path / 'log').read_text()[-400:]}")
        yield ports
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # it may not hear anything gentler while it starts
        process.wait()


@pytest.fixture
def client(authority):
    """The TLS settings of a client that Kamailio takes."""
    return {"ca_file": authority.file, "cert_file": authority.issue(uri=["sip:client.example"]).both}


def ping(number, transport, flow):
    """An OPTIONS for Kamailio itself, with our Via."""
    host, port = flow.local
    via = f"SIP/2.0/{transport.upper()} {host}:{port};branch=z9hG4bK{number};rport"
    return (
        options(number)
        .replace(b"SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKabc;rport", via.encode())
        .replace(b"sip:bob@127.0.0.1 SIP/2.0", f"sip:{HOST}:{flow.remote[1]} SIP/2.0".encode())
    )


@needs_kamailio
@pytest.mark.parametrize("listens", [True, False], ids=["listening", "not listening"])
@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_kamailio_answers_options(side, kamailio, client, transport, listens):
    """With TLS each side verifies the other; the answers tell where Kamailio saw us: at no NAT."""
    ours, inbox = side(**client)
    if listens or transport == "udp":
        ours.listen(transport, HOST, 0)
    flow = ours.flow_to(transport, HOST, kamailio[transport], "kamailio.example")
    for number in (1, 2, 3):
        ours.send(ping(number, transport, flow), flow)
    answers = inbox.wait_for(3)
    assert {message.status for message, _ in answers} == {200}
    for message, came in answers:
        ours.learn(message, came)
    assert ours.flow_to(transport, *flow.remote, "kamailio.example").local == flow.local
    assert ours.open_connections == (transport != "udp")


@needs_kamailio
@pytest.mark.parametrize(
    ("name", "shows", "fault"),
    [("sip.example.com", True, Fault.NAME), ("kamailio.example", False, Fault.REFUSED)],
    ids=["another name", "no client certificate"],
)
def test_kamailio_and_we_refuse_each_other_when_we_should(system, side, kamailio, client, name, shows, fault):
    ours, inbox = side(**client) if shows else side(ca_file=client["ca_file"])
    failures = []
    sender = system.start_child(ChildSpec("sender", Sender, (failures,), Restart.TEMPORARY))
    flow = ours.flow_to("tls", HOST, kamailio["tls"], name)
    ours.send(ping(1, "tls", flow), flow, sender, 1)
    until(lambda: failures)
    assert failures[0].error.fault is fault
    assert inbox.received == []


@needs_kamailio
def test_kamailio_answers_our_keep_alive(side, kamailio, client):
    ours, inbox = side(**client)
    flow = ours.flow_to("tls", HOST, kamailio["tls"])
    ours.send(ping(1, "tls", flow), flow)
    inbox.wait_for(1)
    connection = ours._connections.find("tls", flow.remote)
    ours.keep_alive(flow)
    assert not connection.is_heard
    until(lambda: connection.is_heard)
