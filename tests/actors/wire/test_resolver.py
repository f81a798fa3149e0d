"""From a URI to a flow, through a name server on loopback; and to the next one when a flow failed."""

from __future__ import annotations

import pytest

from sipsimple.actors.runtime import Actor, ChildSpec, Restart, SupervisorSpec, handles
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.names import Names
from sipsimple.actors.wire.resolver import Resolver
from sipsimple.actors.wire.transports import Transports
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage.events import TargetFailed, TargetResolved
from tests.actors.wire.loopback import Inbox, Sender, options, until


class Asker(Actor):
    """Keeps what it is told."""

    def __init__(self, told):
        super().__init__()
        self.told = told

    @handles(TargetResolved)
    @handles(TargetFailed)
    def take(self, outcome: object) -> None:
        self.told.append(outcome)


@pytest.fixture
def transports(system):
    made = Transports(system.start_child(SupervisorSpec("wire")), Inbox())
    made.listen("udp", "127.0.0.1", 0)
    yield made
    made.close()


@pytest.fixture
def resolver(system, transports, dns_server):
    supervisor = system.start_child(SupervisorSpec("lookups"))
    return Resolver(transports, supervisor, Names(supervisor, [dns_server.address]))


@pytest.fixture
def resolve(resolver, system):
    """Resolve to the end: `resolve(uri, transport, tried) -> outcome`."""
    told = []
    asker = system.start_child(ChildSpec("asker", Asker, (told,), Restart.TEMPORARY))

    def run(uri, transport=None, tried=()):
        outcome = resolver.resolve(uri, transport, asker, tried)
        if outcome is None:
            until(lambda: told)
            outcome = told.pop()
        return outcome

    run.asker, run.told = asker, told
    return run


def two_servers(dns_server):
    """A domain with two servers, and how their flows look."""
    dns_server.add("NAPTR", "x.example", '10 10 "s" "SIP+D2T" "" _sip._tcp.x.example.')
    dns_server.add("SRV", "_sip._tcp.x.example", "1 0 5070 one.x.example.", "2 0 5071 two.x.example.")
    dns_server.add("A", "one.x.example", "127.0.0.2").add("A", "two.x.example", "127.0.0.3")
    return [("tcp", ("127.0.0.2", 5070)), ("tcp", ("127.0.0.3", 5071))]


def way(outcome):
    assert isinstance(outcome, TargetResolved), outcome
    return outcome.flow.transport, outcome.flow.remote


def test_an_address_is_resolved_at_once(resolver, dns_server):
    assert way(resolver.resolve("sip:bob@127.0.0.1:5070", None, None)) == ("udp", ("127.0.0.1", 5070))
    assert way(resolver.resolve("sip:bob@localhost:5070", None, None)) == ("udp", ("127.0.0.1", 5070))
    assert dns_server.asked == []


@pytest.mark.parametrize(
    "uri", ["not a uri", "tel:+15551234", "sip:bob@nobody.invalid", "sip:bob@127.0.0.1;transport=x"]
)
def test_what_cannot_be_resolved_fails_at_once(resolver, uri):
    assert isinstance(resolver.resolve(uri, None, None), TargetFailed)


def test_a_domain_leads_to_its_first_server(resolve, dns_server):
    first, _ = two_servers(dns_server)
    assert way(resolve("sip:bob@x.example")) == first
    assert dns_server.asked[:2] == ["NAPTR x.example", "SRV _sip._tcp.x.example"]


def test_what_is_known_is_resolved_at_once(resolve, resolver, dns_server):
    two_servers(dns_server)
    resolve("sip:bob@x.example")
    asked = len(dns_server.asked)
    assert way(resolver.resolve("sip:carol@x.example", None, None)) == ("tcp", ("127.0.0.2", 5070))
    assert len(dns_server.asked) == asked


def test_after_a_failure_the_next_server_comes_and_then_none(resolve, dns_server):
    """RFC 3263 4.3; nothing is asked of the DNS again."""
    first, second = two_servers(dns_server)
    tried = [resolve("sip:bob@x.example").flow]
    tried.append(resolve("sip:bob@x.example", None, tried).flow)
    assert [(each.transport, each.remote) for each in tried] == [first, second]
    assert resolve("sip:bob@x.example", None, tried) == TargetFailed("every target was tried")


def test_a_numeric_target_that_was_tried_has_no_next(resolve):
    tried = [resolve("sip:bob@127.0.0.1").flow]
    assert isinstance(resolve("sip:bob@127.0.0.1", None, tried), TargetFailed)


def test_a_server_that_answered_503_is_tried_last_by_others(resolve, resolver, dns_server):
    first, second = two_servers(dns_server)
    flow = resolve("sip:bob@x.example").flow
    resolver.avoid(flow, 30)
    assert way(resolve("sip:carol@x.example")) == second
    assert way(resolve("sip:carol@x.example", None, [Flow(second[0], ("", 0), second[1])])) == first


def test_a_server_that_cannot_be_connected_to_is_avoided_without_being_told(resolve, system, transports, dns_server):
    first, second = two_servers(dns_server)
    failures = []
    sender = system.start_child(ChildSpec("sender", Sender, (failures,), Restart.TEMPORARY))
    transports.send(options(), resolve("sip:bob@x.example").flow, sender, 1)
    until(lambda: failures)
    assert first in transports.avoided
    assert way(resolve("sip:bob@x.example")) == second


def test_a_server_that_is_connected_to_is_avoided_no_longer(transports):
    theirs = sockets.tcp_listener("127.0.0.1", 0)
    with theirs:
        flow = transports.flow_to("tcp", *theirs.getsockname())
        transports.avoided.add((flow.transport, flow.remote))
        transports.send(options(), flow)
        until(lambda: (flow.transport, flow.remote) not in transports.avoided)


def test_a_transport_that_is_asked_for_overrides_the_uri(resolve, dns_server):
    two_servers(dns_server)
    assert way(resolve("sip:bob@x.example;transport=udp", "tcp")) == ("tcp", ("127.0.0.2", 5070))


def test_a_dns_that_does_not_answer_fails_with_that_reason(system, transports, monkeypatch):
    supervisor = system.start_child(SupervisorSpec("lookups"))
    resolver = Resolver(transports, supervisor, Names(supervisor, []))
    told = []
    asker = system.start_child(ChildSpec("asker", Asker, (told,), Restart.TEMPORARY))
    assert resolver.resolve("sip:bob@x.example", None, asker) is None
    until(lambda: told)
    assert told == [TargetFailed("x.example has no address: no name server is known")]


def test_a_killed_lookup_asks_again(resolve, resolver, dns_server):
    first, _ = two_servers(dns_server)
    assert resolver.resolve("sip:bob@x.example", None, resolve.asker) is None
    resolver.supervisor.child("lookup-1").child("job").kill()
    until(lambda: resolve.told)
    assert way(resolve.told[0]) == first
    until(lambda: resolver.supervisor.children == ())


def test_a_lookup_that_always_crashes_is_a_failed_target(resolve, resolver, monkeypatch):
    monkeypatch.setattr(resolver.names, "ask", None)
    assert resolve("sip:bob@x.example") == TargetFailed("the look-up crashed")
    assert resolver.supervisor.is_alive


def test_lookups_end_with_their_answer_and_leave_nothing(resolve, resolver, dns_server):
    two_servers(dns_server)
    for number in range(20):
        resolver.resolve(f"sip:bob@h{number}.x.example", None, resolve.asker)
    until(lambda: len(resolve.told) == 20)
    until(lambda: resolver.supervisor.children == ())


def test_a_resolver_that_is_shut_down_says_so(resolve, resolver):
    resolver.supervisor.stop()
    assert resolve("sip:bob@x.example") == TargetFailed("shutting down")


def test_a_tls_flow_remembers_the_domain(resolver, dns_server, resolve, transports):
    dns_server.add("SRV", "_sips._tcp.y.example", "1 0 5071 one.y.example.").add("A", "one.y.example", "127.0.0.2")
    flow = resolve("sip:bob@y.example;transport=tls").flow
    assert (flow.transport, flow.remote) == ("tls", ("127.0.0.2", 5071))
    assert transports._names[flow.connection] == "y.example"
    assert resolve("sip:carol@y.example;transport=tls").flow == flow
