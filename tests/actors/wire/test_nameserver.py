"""Asking a name server over real sockets."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import gevent
import pytest

from sipsimple.actors.wire import nameserver, sockets
from sipsimple.protocols.sip.resolve.records import NAPTR, SRV, Answer, Kind, Query
from tests.actors.wire.dns_server import DNSServer

HOST = Query("one.example", Kind.A)
QUICK = (0.05, 0.05)


def ask(query, *servers, rounds=nameserver.ROUNDS):
    return nameserver.ask(query, [each.address for each in servers], rounds)


def test_records_are_read(dns_server):
    dns_server.add("A", "one.example", "192.0.2.1", "192.0.2.2").add("AAAA", "one.example", "2001:db8::1")
    dns_server.add("SRV", "_sip._udp.example", "10 60 5060 One.Example.", "20 0 5061 .")
    dns_server.add("NAPTR", "example", '50 60 "s" "SIP+D2T" "" _sip._tcp.example.')
    assert set(ask(HOST, dns_server).answer.records) == {"192.0.2.1", "192.0.2.2"}  # in any order, so it is sent
    assert ask(Query("one.example", Kind.AAAA), dns_server).answer.records == ("2001:db8::1",)
    services = ask(Query("_sip._udp.example", Kind.SRV), dns_server).answer.records
    assert set(services) == {SRV(10, 60, 5060, "one.example"), SRV(20, 0, 5061, ".")}
    records = ask(Query("example", Kind.NAPTR), dns_server).answer.records
    assert records == (NAPTR(50, 60, "s", "SIP+D2T", "", "_sip._tcp.example"),)


def test_an_answer_is_good_for_its_ttl(dns_server):
    dns_server.ttl = 17
    assert ask(HOST, dns_server.add("A", "one.example", "192.0.2.1")).seconds == 17


def test_what_does_not_exist_is_no_problem_and_is_known_for_a_while(dns_server):
    """RFC 2308 5: as long as the SOA record says."""
    dns_server.negative_ttl = 42
    assert ask(HOST, dns_server) == nameserver.Found(Answer(HOST), 42)
    dns_server.add("AAAA", "one.example", "2001:db8::1")
    assert ask(HOST, dns_server).answer == Answer(HOST)
    dns_server.negative_ttl = 100_000
    assert ask(HOST, dns_server).seconds == nameserver.LONGEST_NEGATIVE


def test_aliases_are_followed(dns_server):
    dns_server.add("CNAME", "one.example", "two.example.").add("A", "two.example", "192.0.2.2")
    assert ask(HOST, dns_server).answer.records == ("192.0.2.2",)


def test_an_answer_that_was_cut_is_fetched_by_tcp(dns_server):
    dns_server.truncate = True
    dns_server.add("A", "one.example", *[f"192.0.2.{number}" for number in range(1, 60)])
    assert len(ask(HOST, dns_server).answer.records) == 59


def test_a_query_that_was_lost_is_asked_again(dns_server):
    dns_server.silent = 1
    dns_server.add("A", "one.example", "192.0.2.1")
    assert ask(HOST, dns_server, rounds=QUICK).answer.records == ("192.0.2.1",)


@pytest.mark.parametrize("code", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_a_server_that_does_not_know_is_passed_over(dns_server, code):
    broken = DNSServer()
    broken.rcode = code
    dns_server.add("A", "one.example", "192.0.2.1")
    try:
        assert ask(HOST, broken, dns_server).answer.records == ("192.0.2.1",)
        assert dns.rcode.to_text(code) in ask(HOST, broken).answer.problem
    finally:
        broken.close()


def test_nobody_who_answers_is_a_problem_and_not_nothing(dns_server):
    dns_server.silent = 100
    found = ask(HOST, dns_server, rounds=(0.01, 0.01))
    assert "no answer" in found.answer.problem
    assert found.seconds == nameserver.BROKEN
    assert ask(HOST).answer.problem == "no name server is known"


def test_a_port_that_nobody_listens_on_is_noticed_at_once():
    with sockets.udp("127.0.0.1", 0) as sock:
        address = sock.getsockname()
    assert "refused" in nameserver.ask(HOST, [address]).answer.problem


def wrong_id(query):
    response = dns.message.make_response(query)
    response.answer.append(dns.rrset.from_text("one.example.", 60, "IN", "A", "203.0.113.66"))
    response.id ^= 1
    return response.to_wire()


def wrong_question(query):
    other = dns.message.make_query("two.example", "A", id=query.id)
    response = dns.message.make_response(other)
    response.answer.append(dns.rrset.from_text("two.example.", 60, "IN", "A", "203.0.113.66"))
    return response.to_wire()


@pytest.mark.parametrize("forge", [wrong_id, wrong_question, lambda _: b"garbage", lambda _: b""])
def test_a_forged_answer_is_ignored_and_the_true_one_waited_for(dns_server, forge):
    """RFC 5452 9."""
    dns_server.forge = forge
    dns_server.add("A", "one.example", "192.0.2.1")
    assert ask(HOST, dns_server).answer.records == ("192.0.2.1",)


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".example", ".".join(["abcdefgh"] * 40)])
def test_what_is_no_name_is_a_problem_and_not_a_crash(dns_server, name):
    assert "no name" in ask(Query(name, Kind.A), dns_server).answer.problem
    assert dns_server.asked == []


def test_other_greenlets_run_meanwhile(dns_server):
    dns_server.silent = 1
    turns = []
    other = gevent.spawn(lambda: [(turns.append(1), gevent.sleep(0)) for _ in range(20)])
    ask(HOST, dns_server, rounds=QUICK)
    assert len(turns) == 20
    other.join()


def test_a_killed_question_leaves_no_socket(dns_server):
    dns_server.silent = 100
    asking = gevent.spawn(ask, HOST, dns_server)
    gevent.sleep(0)
    asking.kill()
