"""Finding the servers of a URI (RFC 3263), without a DNS: queries out, answers in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.resolve import search as resolve
from sipsimple.protocols.sip.resolve.records import NAPTR, SRV, Answer, Kind, Query
from sipsimple.protocols.sip.resolve.search import Means, Resolved, State, Unresolvable
from sipsimple.protocols.sip.resolve.targets import Destination, Target

DOMAIN = "example.com"
BOTH = Means(families=(6, 4))


class Zone:
    """Records by query; what is asked is noted, what is not there does not exist."""

    def __init__(self):
        self.records = {}
        self.asked = []

    def add(self, kind, name, *values):
        self.records[Query(name, kind)] = values
        return self

    def answer(self, query):
        return Answer(query, self.records.get(query, ()))

    def resolve(self, uri, means=Means(), transport=None, entropy=0):  # noqa: B008 - a value
        """Run a look-up to its end; the outcome."""
        resolution, outputs = resolve.begin(Destination.parse(uri, transport), means, entropy)
        queue = list(outputs)
        while queue:
            output = queue.pop(0)
            if isinstance(output, Query):
                self.asked.append(f"{output.kind.value} {output.name}")
                resolution, more = resolve.answered(resolution, self.answer(output))
                queue += more
            elif isinstance(output, Resolved | Unresolvable):
                assert resolution.state is State.DONE
                assert not queue
                return output
        raise AssertionError("the look-up did not end")


def naptr(preference, service, replacement, order=10, flags="s", regexp=""):
    return NAPTR(order, preference, flags, service, regexp, replacement)


def hosts(outcome):
    assert isinstance(outcome, Resolved), outcome
    return [(each.transport, each.host, each.port) for each in outcome.targets]


def domain():
    """A domain as the RFC's own example: NAPTR for three transports, SRV for each, one server with two addresses."""
    return (
        Zone()
        .add(
            Kind.NAPTR,
            DOMAIN,
            naptr(90, "SIP+D2U", "_sip._udp.example.com"),
            naptr(50, "SIPS+D2T", "_sips._tcp.example.com"),
            naptr(70, "SIP+D2T", "_sip._tcp.example.com"),
        )
        .add(Kind.SRV, "_sips._tcp.example.com", SRV(0, 1, 5061, "one.example.com"), SRV(1, 1, 5071, "two.example.com"))
        .add(Kind.SRV, "_sip._tcp.example.com", SRV(0, 1, 5060, "one.example.com"))
        .add(Kind.SRV, "_sip._udp.example.com", SRV(0, 1, 5060, "two.example.com"))
        .add(Kind.A, "one.example.com", "192.0.2.1")
        .add(Kind.A, "two.example.com", "192.0.2.2")
        .add(Kind.A, DOMAIN, "192.0.2.99")
    )


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("sip:bob@192.0.2.7", ("udp", "192.0.2.7", 5060)),
        ("sip:bob@192.0.2.7:5080;transport=tcp", ("tcp", "192.0.2.7", 5080)),
        ("sip:bob@192.0.2.7;transport=tls", ("tls", "192.0.2.7", 5061)),
        ("sips:bob@192.0.2.7", ("tls", "192.0.2.7", 5061)),
        ("sips:bob@192.0.2.7;transport=tcp", ("tls", "192.0.2.7", 5061)),
        ("sip:bob@[2001:db8::1]:5080", ("udp", "2001:db8::1", 5080)),
        ("<sip:bob@192.0.2.7;lr>", ("udp", "192.0.2.7", 5060)),
        ("sip:bob@example.com;maddr=192.0.2.8", ("udp", "192.0.2.8", 5060)),
    ],
)
def test_a_numeric_host_asks_for_nothing(uri, expected):
    """RFC 3263 4.1, 4.2: UDP for sip:, TLS for sips:, the port of the URI or the transport's own."""
    zone = Zone()
    assert hosts(zone.resolve(uri)) == [expected]
    assert zone.asked == []


def test_without_transport_and_port_the_naptr_records_choose():
    """4.1: the most preferred service that we support; then the others of the same order as spares."""
    zone = domain()
    assert hosts(zone.resolve("sip:bob@example.com")) == [
        ("tls", "192.0.2.1", 5061),
        ("tls", "192.0.2.2", 5071),
        ("tcp", "192.0.2.1", 5060),
        ("udp", "192.0.2.2", 5060),
    ]
    assert zone.asked[0] == "NAPTR example.com"
    assert "A example.com" not in zone.asked


def test_a_sips_uri_goes_by_tls_or_not_at_all():
    """RFC 3261 26.2.2, 3263 4.1."""
    zone = domain()
    assert {each[0] for each in hosts(zone.resolve("sips:bob@example.com"))} == {"tls"}
    assert not [each for each in zone.asked if each.startswith("SRV _sip.")]
    assert isinstance(zone.resolve("sips:bob@example.com", Means(("udp", "tcp"))), Unresolvable)


def test_a_sips_uri_without_naptr_asks_for_the_sips_service_only():
    zone = Zone().add(Kind.A, DOMAIN, "192.0.2.99")
    assert hosts(zone.resolve("sips:bob@example.com")) == [("tls", "192.0.2.99", 5061)]
    assert zone.asked == ["NAPTR example.com", "SRV _sips._tcp.example.com", "A example.com"]


def test_services_that_we_do_not_support_are_passed_over():
    zone = domain().add(
        Kind.NAPTR,
        DOMAIN,
        naptr(1, "SIP+D2S", "_sip._sctp.example.com"),
        naptr(2, "E2U+sip", "x.example.com", flags="u", regexp="!^.*$!sip:x@y!"),
        naptr(3, "SIP+D2T", "", regexp="!x!y!"),
        naptr(9, "sip+d2t", "_sip._tcp.example.com", flags="S"),
    )
    assert hosts(zone.resolve("sip:bob@example.com")) == [("tcp", "192.0.2.1", 5060)]


def test_a_higher_order_of_naptr_records_is_no_spare():
    """RFC 3403 4.1."""
    zone = domain().add(
        Kind.NAPTR,
        DOMAIN,
        naptr(1, "SIP+D2T", "_sip._tcp.example.com", order=20),
        naptr(9, "SIP+D2U", "_sip._udp.example.com", order=10),
    )
    assert hosts(zone.resolve("sip:bob@example.com")) == [("udp", "192.0.2.2", 5060)]


def test_without_naptr_records_srv_is_asked_for_each_transport_of_sip():
    """4.1: the service is `_sip` for a sip: URI, so TLS is not among them."""
    zone = domain().add(Kind.NAPTR, DOMAIN)
    assert hosts(zone.resolve("sip:bob@example.com")) == [("udp", "192.0.2.2", 5060), ("tcp", "192.0.2.1", 5060)]
    assert zone.asked[1:3] == ["SRV _sip._udp.example.com", "SRV _sip._tcp.example.com"]


def test_without_srv_records_the_domain_is_the_server():
    """4.2: UDP and the default port."""
    zone = Zone().add(Kind.A, DOMAIN, "192.0.2.99")
    assert hosts(zone.resolve("sip:bob@example.com")) == [("udp", "192.0.2.99", 5060)]


def test_an_explicit_transport_asks_for_its_srv_records_only():
    zone = domain()
    assert hosts(zone.resolve("sip:bob@example.com;transport=tcp")) == [("tcp", "192.0.2.1", 5060)]
    assert zone.asked == ["SRV _sip._tcp.example.com", "A one.example.com"]
    assert hosts(zone.resolve("sip:bob@example.com;transport=tls"))[0] == ("tls", "192.0.2.1", 5061)


def test_an_explicit_port_asks_for_addresses_only():
    zone = domain()
    assert hosts(zone.resolve("sip:bob@example.com:5099")) == [("udp", "192.0.2.99", 5099)]
    assert hosts(zone.resolve("sips:bob@example.com:5099")) == [("tls", "192.0.2.99", 5099)]
    assert zone.asked == ["A example.com"] * 2


def test_a_transport_that_is_asked_for_overrides_the_uri_but_for_sips():
    """RFC 3261 18.1.1: a large request goes by TCP whatever the URI says."""
    zone = domain()
    assert hosts(zone.resolve("sip:bob@example.com;transport=udp", transport="tcp"))[0][0] == "tcp"
    assert hosts(zone.resolve("sips:bob@example.com", transport="tcp"))[0][0] == "tls"


def test_without_udp_of_our_own_a_plain_uri_goes_by_tcp():
    zone = Zone().add(Kind.A, DOMAIN, "192.0.2.99")
    assert hosts(zone.resolve("sip:bob@example.com", Means(("tcp", "tls")))) == [("tcp", "192.0.2.99", 5060)]
    assert hosts(zone.resolve("sip:bob@192.0.2.1", Means(("tcp", "tls")))) == [("tcp", "192.0.2.1", 5060)]


def test_a_service_that_is_decidedly_not_there_is_not_looked_for_elsewhere():
    """RFC 2782: the target "."."""
    zone = Zone().add(Kind.SRV, "_sip._tcp.example.com", SRV(0, 0, 0, ".")).add(Kind.A, DOMAIN, "192.0.2.99")
    outcome = zone.resolve("sip:bob@example.com;transport=tcp")
    assert isinstance(outcome, Unresolvable)
    assert "offers no SIP" in outcome.reason


def test_the_families_are_in_our_order_for_each_server():
    zone = domain().add(Kind.AAAA, "one.example.com", "2001:db8::1")
    found = hosts(zone.resolve("sip:bob@example.com;transport=tls", BOTH))
    assert [host for _, host, _ in found] == ["2001:db8::1", "192.0.2.1", "192.0.2.2"]


def test_tls_servers_have_to_prove_the_domain_and_not_the_name_in_the_srv_record():
    """RFC 5922 7: what the DNS says is not what the user asked for."""
    outcome = domain().resolve("sips:bob@EXAMPLE.com.")
    assert outcome.targets[0] == Target("tls", "192.0.2.1", 5061, "example.com")


def test_an_address_has_to_be_proved_as_such():
    assert Zone().resolve("sips:bob@192.0.2.7").targets == (Target("tls", "192.0.2.7", 5061),)
    assert Zone().resolve("sips:bob@example.com;maddr=192.0.2.8").targets[0].server_name == "example.com"


def test_a_domain_without_an_address_is_told_with_the_trouble_of_the_dns():
    outcome = Zone().resolve("sip:bob@example.com:5060")
    assert outcome == Unresolvable("example.com has no address")
    resolution, (query,) = resolve.begin(Destination.parse("sip:bob@example.com:5060"), Means(), 0)
    _, outputs = resolve.answered(resolution, Answer(query, problem="no answer"))
    assert outputs[-1] == Unresolvable("example.com has no address: no answer")


@pytest.mark.parametrize("uri", ["tel:+15551234", "sip:bob@192.0.2.1;transport=sctp"])
def test_what_we_cannot_reach_is_told_at_once(uri):
    assert isinstance(Zone().resolve(uri), Unresolvable)


def addresses_of(uri="sip:bob@example.com;transport=tls", means=BOTH):
    """A look-up that waits for addresses: its value, and the queries that are out."""
    resolution, outputs = resolve.begin(Destination.parse(uri), means, 0)
    zone = domain()
    while resolution.state is not State.ADDRESSES:
        (query,) = outputs
        resolution, outputs = resolve.answered(resolution, zone.answer(query))
    return resolution, outputs


def test_when_the_best_server_is_known_the_rest_gets_little_time():
    resolution, queries = addresses_of()
    assert queries == tuple(
        Query(host, kind) for host in ("one.example.com", "two.example.com") for kind in (Kind.AAAA, Kind.A)
    )
    resolution, outputs = resolve.answered(resolution, Answer(queries[3], ("192.0.2.2",)))
    assert outputs == (StartTimer("patience", resolve.LONG_PATIENCE),)
    resolution, outputs = resolve.answered(resolution, Answer(queries[1], ("192.0.2.1",)))
    assert outputs == (StartTimer("patience", resolve.PATIENCE),)
    resolution, outputs = resolve.timer_fired(resolution)
    assert outputs[0] == StopTimer("patience")
    assert [each.host for each in outputs[1].targets] == ["192.0.2.1", "192.0.2.2"]
    assert resolve.answered(resolution, Answer(queries[0], ("2001:db8::1",))) == (resolution, ())
    assert resolve.timer_fired(resolution) == (resolution, ())


def test_an_answer_that_was_not_asked_for_changes_nothing():
    resolution, _ = addresses_of()
    stray = Answer(Query("evil.example", Kind.A), ("203.0.113.1",))
    assert resolve.answered(resolution, stray) == (resolution, ())


def test_a_domain_with_a_thousand_servers_costs_no_more_than_sixteen():
    zone = Zone().add(Kind.SRV, "_sip._tcp.example.com", *[SRV(0, 1, 5060, f"h{n}.example.com") for n in range(1000)])
    for number in range(1000):
        zone.add(Kind.A, f"h{number}.example.com", *[f"192.0.{number % 250}.{n}" for n in range(1, 50)])
    assert len(hosts(zone.resolve("sip:bob@example.com;transport=tcp"))) <= resolve.MAX_TARGETS
    assert len(zone.asked) <= 1 + resolve.MAX_SERVERS


RECORDS = {
    Kind.NAPTR: st.builds(
        NAPTR,
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from(["s", "S", "u", ""]),
        st.sampled_from(["SIP+D2U", "SIP+D2T", "SIPS+D2T", "sip+d2u", "x"]),
        st.sampled_from(["", "!x!y!"]),
        st.sampled_from(["_sip._udp.example.com", "_sips._tcp.example.com", "", "."]),
    ),
    Kind.SRV: st.builds(
        SRV,
        st.integers(0, 3),
        st.integers(0, 65535),
        st.integers(0, 65535),
        st.sampled_from(["a.example", "b.example", ".", "", "192.0.2.4"]),
    ),
    Kind.A: st.sampled_from(["192.0.2.1", "192.0.2.2"]),
    Kind.AAAA: st.sampled_from(["2001:db8::1"]),
}


@given(st.data())
def test_any_answers_in_any_order_end_in_one_outcome(data):
    """Nothing is asked twice, and whatever comes, there is one end."""
    uri = data.draw(st.sampled_from(["sip:example.com", "sips:example.com", "sip:example.com;transport=tcp"]))
    resolution, outputs = resolve.begin(Destination.parse(uri), BOTH, data.draw(st.integers(0, 2**64 - 1)))
    out, asked, ends = list(outputs), set(), []
    while out:
        output = out.pop(data.draw(st.integers(0, len(out) - 1)))
        if isinstance(output, Query):
            assert output not in asked
            asked.add(output)
            records = tuple(data.draw(st.lists(RECORDS[output.kind], max_size=4)))
            resolution, more = resolve.answered(resolution, Answer(output, records))
            out += more
        elif isinstance(output, Resolved | Unresolvable):
            ends.append(output)
    assert len(ends) == 1
    assert resolution.state is State.DONE
    if isinstance(ends[0], Resolved):
        assert len(set(ends[0].targets)) == len(ends[0].targets) > 0
        if uri.startswith("sips"):
            assert {each.transport for each in ends[0].targets} == {"tls"}
