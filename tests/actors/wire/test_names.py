"""What names mean: known answers, answers that are shared, names of this host."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors.runtime import Actor, ChildSpec, FakeClock, Restart, SupervisorSpec, handles
from sipsimple.actors.wire import names as names_module
from sipsimple.actors.wire.avoided import Avoided
from sipsimple.actors.wire.names import Cache, Names
from sipsimple.actors.wire.nameserver import Found
from sipsimple.actors.wire.system_names import HostsFile, SystemServers, system_addresses
from sipsimple.protocols.sip.resolve.records import Answer, Kind, Query
from tests.actors.wire.loopback import until

HOST = Query("one.example", Kind.A)


class Asker(Actor):
    """Keeps the answers."""

    def __init__(self, answers):
        super().__init__()
        self.answers = answers

    @handles(Answer)
    def take(self, answer: Answer) -> None:
        self.answers.append(answer)


@pytest.fixture
def asker(system):
    """An actor that asks, and its answers."""
    answers = []
    return system.start_child(ChildSpec("asker", Asker, (answers,), Restart.TEMPORARY)), answers


@pytest.fixture
def names(system, dns_server, tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.7 pbx.example PBX # ours\n2001:db8::7 pbx.example\nnonsense\n\n192.0.2.8 other\n")
    return Names(system.start_child(SupervisorSpec("wire")), [dns_server.address], HostsFile(str(hosts)))


def test_an_answer_is_told_once_and_known_afterwards(names, asker, dns_server):
    ref, answers = asker
    dns_server.add("A", "one.example", "192.0.2.1")
    assert names.ask(HOST, ref) is None
    until(lambda: answers)
    assert answers == [Answer(HOST, ("192.0.2.1",))]
    assert names.ask(HOST, ref) == answers[0] == names.known(HOST)
    assert dns_server.asked == ["A one.example"]


def test_that_there_is_nothing_is_known_too(names, asker, dns_server):
    ref, answers = asker
    names.ask(HOST, ref)
    until(lambda: answers)
    assert names.ask(HOST, ref) == Answer(HOST)
    assert names.asked == 1


def test_who_asks_the_same_meanwhile_shares_the_query(names, asker, dns_server):
    ref, answers = asker
    for _ in range(50):
        names.ask(HOST, ref)
    until(lambda: len(answers) == 50)
    assert dns_server.asked == ["A one.example"]


def test_a_query_that_is_killed_begins_again(names, asker, dns_server):
    ref, answers = asker
    dns_server.add("A", "one.example", "192.0.2.1")
    names.ask(HOST, ref)
    names.supervisor.child("query-1").child("job").kill()
    until(lambda: answers)
    assert answers == [Answer(HOST, ("192.0.2.1",))]


def test_a_query_that_always_crashes_is_told_and_costs_nobody_else(names, asker, monkeypatch):
    monkeypatch.setattr("sipsimple.actors.wire.nameserver.ask", None)
    ref, answers = asker
    names.ask(HOST, ref)
    until(lambda: answers)
    assert "crashed" in answers[0].problem
    assert names.supervisor.is_alive
    assert names.supervisor.restarts == 0


def test_queries_have_a_limit(names, asker, monkeypatch):
    monkeypatch.setattr(names_module, "ASKED_AT_ONCE", 2)
    ref, answers = asker
    outcomes = [names.ask(Query(f"h{number}.example", Kind.A), ref) for number in range(3)]
    assert outcomes[:2] == [None, None]
    assert "too many" in outcomes[2].problem
    until(lambda: len(answers) == 2)


def test_a_stop_leaves_nobody_waiting(names, asker, dns_server):
    dns_server.silent = 10
    ref, answers = asker
    names.ask(HOST, ref)
    gevent.sleep(0)
    names.supervisor.stop()
    until(lambda: answers)
    assert "stopped" in answers[0].problem
    assert "shutting down" in names.ask(Query("two.example", Kind.A), ref).problem


@pytest.mark.parametrize(
    ("name", "kind", "records"),
    [
        ("pbx.example", Kind.A, ("192.0.2.7",)),
        ("pbx.example", Kind.AAAA, ("2001:db8::7",)),
        ("pbx", Kind.A, ("192.0.2.7",)),
        ("pbx.example", Kind.NAPTR, ()),
        ("_sip._udp.pbx.example", Kind.SRV, ()),
        ("localhost", Kind.A, ("127.0.0.1",)),
        ("sip.localhost", Kind.AAAA, ("::1",)),
        ("_sip._tcp.localhost", Kind.SRV, ()),
        ("nobody.invalid", Kind.A, ()),
        ("kamailio", Kind.NAPTR, ()),
        ("_sips._tcp.kamailio", Kind.SRV, ()),
        ("phone.local", Kind.NAPTR, ()),
    ],
)
def test_names_of_this_host_ask_no_name_server(names, name, kind, records):
    """The hosts file has the last word on a name; localhost and .invalid are RFC 6761's."""
    assert names.known(Query(name, kind)) == Answer(Query(name, kind), records)


def test_a_short_name_is_the_systems_affair(names, asker, dns_server, monkeypatch):
    """It has a search list, and mDNS."""
    monkeypatch.setattr(names_module, "system_addresses", lambda query: Found(Answer(query, ("192.0.2.3",)), 30))
    ref, answers = asker
    assert names.ask(Query("kamailio", Kind.A), ref) is None
    until(lambda: answers)
    assert answers[0].records == ("192.0.2.3",)
    assert dns_server.asked == []


def test_the_system_knows_this_host():
    assert system_addresses(Query("localhost", Kind.A)).answer.records == ("127.0.0.1",)


def test_a_hosts_file_that_changes_is_read_again(tmp_path):
    path = tmp_path / "hosts"
    hosts = HostsFile(str(path))
    assert hosts.addresses("pbx.example") is None
    path.write_text("192.0.2.1 pbx.example")
    assert hosts.addresses("pbx.example") == ("192.0.2.1",)
    path.write_text("192.0.2.22 pbx.example pbx")
    assert hosts.addresses("pbx.example") == ("192.0.2.22",)
    path.unlink()
    assert hosts.addresses("pbx.example") is None


def test_the_name_servers_of_the_system_are_addresses():
    for host, port in SystemServers().addresses():
        assert host
        assert port == 53
    assert SystemServers("/does/not/exist").addresses() == SystemServers().addresses()


def found(number, seconds):
    return Found(Answer(Query(f"h{number}.example", Kind.A), (f"192.0.2.{number}",)), seconds)


def test_an_answer_is_kept_for_its_time_and_no_longer():
    clock = FakeClock()
    cache = Cache(clock.now)
    cache.put(found(1, 30.0))
    cache.put(found(2, 0))
    clock.advance(29.9)
    assert cache.get(Query("h1.example", Kind.A)).records == ("192.0.2.1",)
    assert cache.get(Query("h2.example", Kind.A)) is None
    clock.advance(0.1)
    assert cache.get(Query("h1.example", Kind.A)) is None
    assert len(cache) == 0


def test_a_full_cache_lets_the_oldest_go():
    cache = Cache(FakeClock().now, limit=10)
    for number in range(30):
        cache.put(found(number, 60))
        cache.put(found(29, 60))
    assert len(cache) == 10
    assert cache.get(Query("h28.example", Kind.A)) is not None
    assert cache.get(Query("h0.example", Kind.A)) is None
    cache.clear()
    assert len(cache) == 0


def test_what_failed_is_avoided_for_a_while():
    clock = FakeClock()
    avoided = Avoided(clock.now)
    way = ("udp", ("192.0.2.1", 5060))
    avoided.add(way, 30)
    avoided.add(way, 5)
    clock.advance(29)
    assert way in avoided
    assert ("tcp", way[1]) not in avoided
    clock.advance(1)
    assert way not in avoided
    assert len(avoided) == 0
    avoided.add(way)
    avoided.discard(way)
    assert way not in avoided


def test_what_is_avoided_has_a_limit():
    avoided = Avoided(FakeClock().now)
    for number in range(3000):
        avoided.add(("udp", (f"2001:db8::{number:x}", 5060)))
    assert len(avoided) <= 1024
