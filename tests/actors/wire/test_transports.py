"""All transports together, over loopback."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors.runtime import ChildSpec, Restart, SupervisorSpec
from sipsimple.actors.wire import connection, connections, sockets, tls
from sipsimple.actors.wire.messages import SendFailed
from sipsimple.actors.wire.transports import Transports
from sipsimple.errors import ActorDied, LocalProtocolError, TransportFailed
from sipsimple.protocols.sip.message import parse, response_to
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.values import replace
from tests.actors.wire.loopback import Inbox, Sender, options, until

STREAMS = ["tcp", "tls"]


@pytest.fixture(scope="module")
def contexts():
    """A server with a self-signed certificate and a client that takes it."""
    return tls.Contexts(tls.server_context(tls.self_signed_certificate("localhost")), tls.self_signed_context())


@pytest.fixture
def side(system, contexts):
    """Make one side: `side(name) -> (transports, inbox)`; closed after the test."""
    made = []

    def make(name, contexts=contexts):
        inbox = Inbox()
        supervisor = system.start_child(SupervisorSpec(name))
        made.append(Transports(supervisor, inbox, contexts=contexts))
        return made[-1], inbox

    yield make
    for each in made:
        each.close()


@pytest.fixture
def two(side):
    """Two sides: ours and theirs, each as (transports, inbox)."""
    return side("ours"), side("theirs")


@pytest.fixture
def sender(system):
    """An actor that sends, and the failures it was told."""
    failures = []
    return system.start_child(ChildSpec("sender", Sender, (failures,), Restart.TEMPORARY)), failures


def readers(system, name):
    """The readers of the connections of one side."""
    side = system.root.child(name)
    return [each.child("reader") for each in side.children if each.spec.id.startswith("connection-")]


def one_connection(two, transport, host="127.0.0.1"):
    """Open a connection from ours to theirs; return our flow and theirs."""
    (ours, _), (theirs, their_inbox) = two
    flow = ours.flow_to(transport, host, theirs.listen(transport, host, 0))
    ours.send(options(0), flow)
    [(_, their_flow)] = their_inbox.wait_for(1)
    return ours.flow_to(transport, *flow.remote), their_flow


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_a_message_arrives_and_is_answered_over_the_same_flow(two, transport, host):
    (ours, our_inbox), (theirs, their_inbox) = two
    port = theirs.listen(transport, host, 0)
    our_port = ours.listen(transport, host, 0)
    ours.send(options(1), ours.flow_to(transport, host, port))
    [(message, flow)] = their_inbox.wait_for(1)
    assert message.call_id == "call-1"
    assert (flow.transport, flow.local) == (transport, (host, port))

    theirs.send(options(2), flow)
    [(message, flow)] = our_inbox.wait_for(1)
    assert message.call_id == "call-2"
    assert flow.local == (host, our_port)


@pytest.mark.parametrize("transport", STREAMS)
def test_messages_sent_while_connecting_share_the_connection_and_keep_their_order(two, transport):
    (ours, _), (theirs, their_inbox) = two
    flow = ours.flow_to(transport, "127.0.0.1", theirs.listen(transport, "127.0.0.1", 0))
    for number in range(20):
        ours.send(options(number), flow)
    their_inbox.wait_for(20)
    assert their_inbox.calls == [f"call-{number}" for number in range(20)]
    assert ours.open_connections == theirs.open_connections == 1


@pytest.mark.parametrize("transport", STREAMS)
def test_a_flow_to_a_connected_far_end_names_the_connection(two, transport):
    flow, their_flow = one_connection(two, transport)
    assert flow.connection is not None
    assert their_flow.connection is not None
    (ours, _), _ = two
    assert ours.flow_to(transport, *flow.remote) == flow


@pytest.mark.parametrize("transport", STREAMS)
def test_a_flow_whose_connection_has_ended_is_followed_by_another_connection(two, transport):
    (ours, _), (theirs, their_inbox) = two
    flow, _ = one_connection(two, transport)
    ours._connections.find(transport, flow.remote).end()
    ours.send(options(9), flow)
    their_inbox.wait_for(2)
    assert their_inbox.calls == ["call-0", "call-9"]
    assert ours.flow_to(transport, *flow.remote).connection != flow.connection
    until(lambda: theirs.open_connections == 1)


def answer(data):
    return bytes(response_to(parse(data), 200))


@pytest.mark.parametrize("transport", STREAMS)
def test_a_response_whose_connection_is_lost_goes_to_where_the_sender_listens(two, transport):
    """RFC 3261 18.2.2."""
    (ours, our_inbox), (theirs, _) = two
    port = ours.listen(transport, "127.0.0.1", 0)
    _, their_flow = one_connection(two, transport)
    back = replace(their_flow, back=("127.0.0.1", port))
    theirs.send(answer(options(1)), back)
    our_inbox.wait_for(1)
    assert ours.open_connections == 1
    theirs._connections.find(transport, their_flow.remote).end()
    for number in (2, 3):
        theirs.send(answer(options(number)), back)
    our_inbox.wait_for(3)
    until(lambda: ours.open_connections == theirs.open_connections == 1)  # one takes both
    assert our_inbox.calls == ["call-1", "call-2", "call-3"]


@pytest.mark.parametrize("transport", STREAMS)
def test_a_request_is_not_sent_where_nobody_listens(two, sender, transport):
    """Its sender knows where else it may go: RFC 3261 12.2.1.1."""
    _, (theirs, _) = two
    _, their_flow = one_connection(two, transport)
    ref, failures = sender
    theirs._connections.find(transport, their_flow.remote).end()
    theirs.send(options(1), replace(their_flow, back=("127.0.0.1", 9)), ref, "token")
    until(lambda: failures)
    assert (failures[0].token, failures[0].error.reason) == ("token", "the connection has ended")
    assert theirs.open_connections == 0


@pytest.mark.parametrize("transport", STREAMS)
def test_requests_that_are_lost_with_a_connection_that_was_heard_are_told(two, sender, transport):
    """RFC 3261 8.1.3.1, 17.1.4: those that were not answered, and by either side."""
    (ours, our_inbox), (theirs, their_inbox) = two
    flow, their_flow = one_connection(two, transport)
    ref, failures = sender
    theirs.send(options(5), their_flow)
    our_inbox.wait_for(1)  # it is heard
    requests = [parse(options(number).replace(b"4bKabc", b"4bK%d" % number)) for number in range(4)]
    for each in requests[:3]:
        ours.send(bytes(each), flow, ref, each)
    theirs.send(bytes(requests[3]), their_flow, ref, requests[3])
    their_inbox.wait_for(4)
    theirs.send(bytes(response_to(requests[0], 200)), their_flow)
    our_inbox.wait_for(3)
    theirs._connections.find(transport, their_flow.remote).end()
    until(lambda: len(failures) == 3)
    assert {each.token.call_id for each in failures} == {"call-1", "call-2", "call-3"}


def test_a_connection_that_the_far_end_closes_is_forgotten(two):
    (ours, _), (theirs, _) = two
    one_connection(two, "tcp")
    theirs.close()
    until(lambda: ours.open_connections == 0)


def test_a_refused_connection_is_told_to_every_sender_that_waits(side, sender):
    ours, _ = side("ours")
    ref, failures = sender
    with sockets.tcp_listener("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    flow = ours.flow_to("tcp", "127.0.0.1", port)
    for token in ("a", "b"):
        ours.send(options(), flow, ref, token)
    ours.send(options(), flow)
    until(lambda: len(failures) == 2)
    assert [failure.token for failure in failures] == ["a", "b"]
    assert "refused" in failures[0].error.reason
    until(lambda: ours.open_connections == 0)


def test_a_tls_server_that_cannot_be_trusted_is_a_failure(side, sender):
    """By default only the authorities of the system are trusted."""
    ours, _ = side("ours", tls.Contexts())
    theirs, their_inbox = side("theirs")
    ref, failures = sender
    ours.send(options(), ours.flow_to("tls", "127.0.0.1", theirs.listen("tls", "127.0.0.1", 0)), ref, 1)
    until(lambda: failures)
    assert "certificate" in failures[0].error.reason
    assert their_inbox.received == []


@pytest.mark.parametrize(("name", "trusted"), [("proxy.example", True), ("other.example", False), (None, False)])
def test_a_tls_server_must_bear_the_name_that_was_asked_for(side, sender, tmp_path, name, trusted):
    """RFC 5922: the certificate is compared with the domain, not with the address it was found at."""
    certificate = tls.self_signed_certificate("proxy.example")
    authority = tmp_path / "ca.pem"
    authority.write_bytes(certificate.certificate_pem)
    contexts = tls.Contexts(tls.server_context(certificate), tls.verifying_context(str(authority)))
    ours, _ = side("ours", contexts)
    theirs, their_inbox = side("theirs", contexts)
    ref, failures = sender
    flow = ours.flow_to("tls", "127.0.0.1", theirs.listen("tls", "127.0.0.1", 0), server_name=name)
    ours.send(options(), flow, ref, 1)
    until(lambda: failures or their_inbox.received)
    assert bool(their_inbox.received) is trusted


def test_what_cannot_leave_by_udp_is_told(side, sender):
    ours, _ = side("ours")
    ref, failures = sender
    ours.send(options(), ours.flow_to("udp", "127.0.0.1", 9), ref, "no port")
    ours.listen("udp", "127.0.0.1", 0)
    ours.send(b"x" * 70_000, ours.flow_to("udp", "127.0.0.1", 9), ref, "too large")
    ours.send(options(), Flow("udp", ("127.0.0.1", 0), ("example.com", 5060)), ref, "a name")
    until(lambda: len(failures) == 3)
    assert [failure.token for failure in failures] == ["no port", "too large", "a name"]
    assert all(isinstance(failure, SendFailed) for failure in failures)


def test_too_much_for_a_connection_that_does_not_open_is_told(side, sender, monkeypatch):
    monkeypatch.setattr(connection, "WAITING_LIMIT", 2)
    ours, _ = side("ours")
    ref, failures = sender
    with sockets.tcp_listener("127.0.0.1", 0) as listener:
        flow = ours.flow_to("tcp", "127.0.0.1", listener.getsockname()[1])
        for token in range(3):
            ours.send(options(), flow, ref, token)
        until(lambda: failures)
    assert [failure.token for failure in failures] == [2]


def test_closing_tells_the_senders_whose_messages_still_wait(side, sender):
    ours, _ = side("ours")
    ref, failures = sender
    with sockets.tcp_listener("127.0.0.1", 0) as listener:
        ours.send(options(), ours.flow_to("tls", "127.0.0.1", listener.getsockname()[1]), ref, "waits")
        gevent.sleep(0)
        ours.close()
    until(lambda: failures)
    assert failures[0].token == "waits"
    assert ours.open_connections == 0


@pytest.mark.parametrize("transport", STREAMS)
def test_killed_connection_readers_lose_nothing(system, two, transport):
    (ours, _), (theirs, their_inbox) = two
    flow, _ = one_connection(two, transport)
    for number in range(1, 9):
        ours.send(options(number, b"x" * 1000), flow)
        if number % 3 == 1:
            for ref in (*readers(system, "ours"), *readers(system, "theirs")):
                ref.kill()
    their_inbox.wait_for(9)
    assert their_inbox.calls == [f"call-{number}" for number in range(9)]
    assert theirs.open_connections == 1
    assert readers(system, "theirs")[0].restarts > 0


@pytest.mark.parametrize("transport", STREAMS)
def test_a_killed_dialer_dials_again(system, two, transport):
    (ours, _), (theirs, their_inbox) = two
    ours.send(options(1), ours.flow_to(transport, "127.0.0.1", theirs.listen(transport, "127.0.0.1", 0)))
    for _ in range(3):
        gevent.sleep(0)
        readers(system, "ours")[0].kill()
    their_inbox.wait_for(1)
    assert their_inbox.calls == ["call-1"]


def test_a_receiver_that_crashes_loses_one_message_of_a_stream(system, two):
    (ours, _), (_, their_inbox) = two
    flow, _ = one_connection(two, "tcp")
    their_inbox.crash_on = "call-2"
    ours.send(b"".join(options(number) for number in range(1, 5)), flow)
    their_inbox.wait_for(4)
    assert their_inbox.calls == ["call-0", "call-1", "call-3", "call-4"]


def test_a_receiver_that_always_crashes_costs_the_connection_and_nothing_else(system, two, monkeypatch):
    monkeypatch.setattr(connections, "RESTARTS", 2)
    (ours, _), (theirs, their_inbox) = two
    flow, _ = one_connection(two, "tcp")
    monkeypatch.setattr(their_inbox, "receive", None)
    ours.send(b"".join(options(number) for number in range(5)), flow)
    until(lambda: ours.open_connections == theirs.open_connections == 0)
    monkeypatch.undo()
    ours.send(options(9), flow)
    their_inbox.wait_for(2)
    assert their_inbox.calls == ["call-0", "call-9"]


def test_a_malformed_message_of_a_stream_is_told_and_the_next_one_arrives(two):
    (ours, _), (_, their_inbox) = two
    flow, _ = one_connection(two, "tcp")
    ours.send(b"nonsense\r\nContent-Length: 0\r\n\r\n" + options(1), flow)
    their_inbox.wait_for(2)
    [(head, _, _)] = their_inbox.refused
    assert head.startswith(b"nonsense")


def test_a_stream_that_cannot_be_understood_is_closed(two):
    (ours, _), (_, their_inbox) = two
    flow, _ = one_connection(two, "tcp")
    ours.send(options(1) + b"INVITE sip:bob@127.0.0.1 SIP/2.0\r\nVia: x\r\n\r\n", flow)
    until(lambda: ours.open_connections == 0)
    assert their_inbox.calls == ["call-0", "call-1"]


def test_a_ping_is_answered_with_a_pong(two):
    """RFC 5626 section 4.4.1."""
    _, (theirs, _) = two
    with sockets.connect("127.0.0.1", theirs.listen("tcp", "127.0.0.1", 0), 5) as peer:
        peer.send(b"\r\n\r\n")
        sockets._wait(peer, sockets.READABLE)
        assert peer.recv(100) == b"\r\n"


def test_a_far_end_that_speaks_no_tls_is_hung_up(two):
    _, (theirs, _) = two
    with sockets.connect("127.0.0.1", theirs.listen("tls", "127.0.0.1", 0), 5) as peer:
        peer.send(options())
        until(lambda: theirs.open_connections == 1)
        until(lambda: theirs.open_connections == 0)


def test_the_trace_sees_both_directions(two):
    (ours, _), (theirs, their_inbox) = two
    seen = []
    ours.trace = lambda *entry: seen.append(entry[:2])
    theirs.trace = lambda *entry: seen.append(entry[:2])
    ours.send(options(1), ours.flow_to("tcp", "127.0.0.1", theirs.listen("tcp", "127.0.0.1", 0)))
    their_inbox.wait_for(1)
    assert seen == [(False, options(1)), (True, options(1))]


def test_our_address_is_where_we_listen(side, host):
    ours, _ = side("ours")
    assert ours.local_address("udp", host) is None
    assert ours.flow_to("udp", host, 5060).local == (host, 0)
    port = ours.listen("udp", host, 0)
    assert ours.local_address("udp", host) == (host, port)
    assert ours.local_address("tcp", host) is None
    assert ours.flow_to("udp", host, 5060).local == (host, port)


def test_of_several_listeners_the_one_that_the_far_end_sees_is_ours(side):
    ours, _ = side("ours")
    ours.listen("udp", "127.0.0.2", 0)
    port = ours.listen("udp", "127.0.0.1", 0)
    assert ours.local_address("udp", "127.0.0.1") == ("127.0.0.1", port)


def test_a_listener_on_all_addresses_sends_and_receives(two):
    (ours, our_inbox), (theirs, their_inbox) = two
    port = theirs.listen("udp", "0.0.0.0", 0)
    our_port = ours.listen("udp", "0.0.0.0", 0)
    ours.send(options(1), ours.flow_to("udp", "127.0.0.1", port))
    [(_, flow)] = their_inbox.wait_for(1)
    assert (flow.local, flow.remote) == (("127.0.0.1", port), ("127.0.0.1", our_port))
    theirs.send(options(2), flow)
    our_inbox.wait_for(1)


@pytest.mark.parametrize(("transport", "host"), [("udp", "example.com"), ("sctp", "127.0.0.1"), ("UDP", "127.0.0.1")])
def test_a_flow_needs_a_known_transport_and_a_numeric_host(side, transport, host):
    ours, _ = side("ours")
    with pytest.raises(LocalProtocolError):
        ours.flow_to(transport, host, 5060)


def test_listening_refuses_what_cannot_be_bound(side):
    ours, _ = side("ours")
    port = ours.listen("tcp", "127.0.0.1", 0)
    with pytest.raises(TransportFailed, match="in use"):
        ours.listen("tcp", "127.0.0.1", port)
    with pytest.raises(LocalProtocolError, match="sctp"):
        ours.listen("sctp", "127.0.0.1", 0)


def test_killed_listeners_go_on_listening(system, two):
    (ours, _), (theirs, their_inbox) = two
    flows = [ours.flow_to(each, "127.0.0.1", theirs.listen(each, "127.0.0.1", 0)) for each in ("udp", "tcp", "tls")]
    ours.listen("udp", "127.0.0.1", 0)
    listeners = system.root.child("theirs").children
    for _ in range(10):
        for listener in listeners:
            listener.child("reader").kill()
        gevent.sleep(0)
    for number, flow in enumerate(flows):
        ours.send(options(number), flow)
    their_inbox.wait_for(3)
    assert sorted(their_inbox.calls) == ["call-0", "call-1", "call-2"]
    assert [listener.restarts for listener in listeners] == [0, 0, 0], "each has a budget of its own"


def test_what_was_written_before_closing_still_arrives(two):
    (ours, _), (_, their_inbox) = two
    flow, _ = one_connection(two, "tcp")
    for number in range(1, 200):
        ours.send(options(number, b"x" * 60_000), flow)
    assert ours._connections.find("tcp", flow.remote).stream.backlog_bytes
    ours.close()
    their_inbox.wait_for(200)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_listening_while_everything_shuts_down_leaves_no_socket(system, side, transport):
    ours, _ = side("ours")
    system.root.child("ours").stop()
    with pytest.raises(ActorDied):
        ours.listen(transport, "127.0.0.1", 0)


def test_sending_while_everything_shuts_down_is_told(system, side, sender):
    ours, _ = side("ours")
    ref, failures = sender
    flow = ours.flow_to("tcp", "127.0.0.1", 9)
    system.root.child("ours").stop()
    ours.send(options(), flow, ref, "late")
    until(lambda: failures)
    assert "shutting down" in failures[0].error.reason
