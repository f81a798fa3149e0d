"""What each check makes of what it has found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from sipsimple.actors.msrp.relay_messages import RelayFailed, RelayReserved
from sipsimple.actors.wire.tls_failure import Fault
from sipsimple.api.engine.options import EngineOptions
from sipsimple.cli.doctor import (
    audio,
    certificates,
    fragmentation,
    installation,
    names,
    nat,
    registrar,
    relay,
    transports,
)
from sipsimple.cli.doctor.finding import Verdict
from sipsimple.cli.doctor.probe import Probe, request_uri
from sipsimple.media.wire import Ready
from sipsimple.protocols.sip.message import parse
from sipsimple.protocols.sip.resolve.targets import Destination, Target
from tests.actors.wire.authority import DAY, Authority

if TYPE_CHECKING:
    from pathlib import Path

OK, WARNING, WRONG, SKIPPED = Verdict.OK, Verdict.WARNING, Verdict.WRONG, Verdict.SKIPPED

UDP, TCP, TLS = [Target(each, "192.0.2.1", 5060) for each in ("udp", "tcp", "tls")]


def answered(target: Target, milliseconds: float = 10.0, code: int = 200) -> Probe:
    return Probe(target, code, "OK", milliseconds)


def silent(target: Target, reason: str = "no answer") -> Probe:
    return Probe(target, 0, reason)


# transports

USED = {
    "all answer": ([answered(UDP)], [answered(TCP)], [OK, OK]),
    "a refusal is an answer": ([answered(UDP, code=403)], [], [OK]),
    "a slow one": ([answered(UDP, 1500.0)], [], [WARNING]),
    "none answers": ([silent(UDP), silent(TCP)], [], [WRONG, WRONG]),
    "a spare is there": ([silent(UDP), answered(TCP)], [], [WARNING, OK]),
    "what is not used may be silent": ([answered(UDP)], [silent(TLS)], [OK, SKIPPED]),
    "what is not used does not save what is": ([silent(UDP)], [answered(TCP)], [WRONG, OK]),
}


@pytest.mark.parametrize(("used", "others", "verdicts"), USED.values(), ids=USED)
def test_a_silent_server_is_wrong_unless_another_is_there(
    used: list[Probe], others: list[Probe], verdicts: list[Verdict]
) -> None:
    assert [each.verdict for each in transports.judge(used, others)] == verdicts


@pytest.mark.parametrize(
    ("target", "reason", "words"),
    [
        (TCP, "cannot connect to 192.0.2.1:5060: connection refused", "Nothing listens there"),
        (UDP, "no answer", "firewall may drop UDP"),
        (TCP, "no answer", "try another transport"),
        (TLS, "name mismatch: the certificate is for a, not for b", "check of TLS"),
    ],
)
def test_the_advice_follows_from_the_reason(target: Target, reason: str, words: str) -> None:
    assert words in transports.advice(silent(target, reason))


def test_a_probe_leads_to_one_address_and_names_the_domain() -> None:
    uri = str(request_uri(Target("tls", "2001:db8::1", 5061, "example.com")).uri())
    destination = Destination.parse(uri)
    assert (destination.host, destination.port, destination.domain) == ("2001:db8::1", 5061, "example.com")
    assert "maddr" not in str(request_uri(UDP).uri())


# TLS

NOW = datetime.now(UTC)


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_of_tls_has_its_advice(fault: Fault) -> None:
    shown = certificates.Shown("example.com", fault=fault, reason="bad")
    (used,) = certificates.judge(shown, "192.0.2.1:5061", True, NOW)
    (unused,) = certificates.judge(shown, "192.0.2.1:5061", False, NOW)
    assert (used.verdict, unused.verdict) == (WRONG, WARNING)
    assert used.advice


@pytest.mark.parametrize(("days", "verdict"), [(13, WARNING), (15, OK)])
def test_a_certificate_is_worth_a_warning_two_weeks_before_its_end(days: int, verdict: Verdict, tmp_path: Path) -> None:
    issued = Authority(tmp_path).issue(dns=["example.com"], ends=days * DAY + timedelta(hours=1))
    shown = certificates.Shown("example.com", "TLSv1.3 X", None, "", issued.der)
    version, held = certificates.judge(shown, "192.0.2.1:5061", True, datetime.now(UTC))
    assert (version.verdict, held.verdict) == (OK, verdict)
    assert "is for example.com, and holds until" in held.what


# registrar


@pytest.mark.parametrize("code", [401, 403, 407])
def test_a_password_that_is_not_taken_is_named(code: int) -> None:
    finding = registrar.refused(code, "No", has_secret=True)
    assert (finding.verdict, "password" in finding.advice) == (WRONG, True)
    assert str(code) in finding.what


def test_where_there_is_no_password_that_is_the_advice() -> None:
    assert "the settings have none" in registrar.refused(401, "Unauthorized", has_secret=False).advice


@pytest.mark.parametrize("code", [None, 0, 301, 400, 404, 408, 418, 423, 480, 500, 503, 504, 600, 603])
def test_every_failure_of_a_registrar_has_its_advice(code: int | None) -> None:
    assert registrar.refused(code, "No", has_secret=True).advice


def test_the_other_bindings_and_a_longer_time_are_told() -> None:
    ours, phone = "sip:me@192.0.2.9", "sip:phone@192.0.2.8"
    outcome = SimpleNamespace(expires=3600, contact_uri=ours, contact_uri_list=[(ours, 3600), (phone, 10)])
    told = [each.what for each in registrar.granted(outcome)]
    assert told == [
        f"registered for 3600 s as {ours}",
        f"other devices are registered too: {phone}",
        "the registrar grants no less than 3600 s",
    ]


# NAT

SEEN = {
    "at home": (("192.0.2.9", 5060), ("192.0.2.9", 5060), (), OK, "no NAT"),
    "of a connection the port says nothing": (("192.0.2.9", None), ("192.0.2.9", 40000), (), OK, "no NAT"),
    "another port": (("192.0.2.9", 5060), ("192.0.2.9", 40000), (), WARNING, "at port 40000"),
    "another address": (("10.0.0.2", 5060), ("192.0.2.9", 5060), (), WARNING, "NAT is between"),
    "another one that is advertised": (
        ("10.0.0.2", 5060),
        ("192.0.2.9", 5060),
        ("192.0.2.8", "192.0.2.9"),
        OK,
        "advertised_host",
    ),
    "not the one that is advertised": (("10.0.0.2", 5060), ("192.0.2.9", 1), ("192.0.2.7",), WARNING, "192.0.2.7"),
}


@pytest.mark.parametrize(("own", "seen", "advertised", "verdict", "words"), SEEN.values(), ids=SEEN)
def test_nat_is_seen_by_what_the_server_sees(
    own: tuple[str, int | None], seen: tuple[str, int], advertised: tuple[str, ...], verdict: Verdict, words: str
) -> None:
    finding = nat.judge(own, seen, advertised)
    assert (finding.verdict, words in finding.what) == (verdict, True)


# the others


def test_audio_tells_the_codecs_and_what_is_missing() -> None:
    ready = Ready(1, 1, 5070, 4, ("PCMU/8000/1", "G722/16000/1"), ("speaker",), ("microphone",))
    options = EngineOptions(codecs=("pcmu", "gsm"))
    told = list(audio.judge(ready, options))
    assert [each.verdict for each in told] == [OK, WARNING]
    assert "PCMU/8000/1, G722/16000/1" in told[0].what
    assert told[1].what.endswith("GSM")


def test_audio_without_devices_is_no_fault_and_without_a_process_is_one() -> None:
    ready = Ready(1, 1, 5070, 4, ("PCMU", "G722", "PCMA"))
    assert [each.verdict for each in audio.judge(ready, EngineOptions())] == [OK, OK]
    assert [each.verdict for each in audio.judge(ready, EngineOptions(auto_sound=False))] == [OK]
    assert [each.verdict for each in audio.judge("it ended", EngineOptions())] == [WRONG]


@pytest.mark.parametrize(
    ("trouble", "wheel", "python", "verdict", "words"),
    [
        (None, "2.15", (3, 12), OK, "pjsua2 2.15"),
        ("no pjsua2", None, (3, 12), WARNING, "no pjsua2"),
        ("no pjsua2", None, (3, 13), WARNING, "no pjsua2 wheel for Python 3.13"),
    ],
)
def test_an_installation_without_audio_is_a_warning(
    trouble: str | None, wheel: str | None, python: tuple[int, int], verdict: Verdict, words: str
) -> None:
    finding = installation.of_audio(trouble, wheel, python)
    assert (finding.verdict, words in finding.what) == (verdict, True)
    assert bool(finding.advice) is (verdict is WARNING)


@pytest.mark.parametrize("code", [0, 401, 403, 408, 481])
def test_a_relay_that_refuses_is_wrong_and_has_its_advice(code: int) -> None:
    finding = relay.judge(RelayFailed(code, "because"), "relay.example.com")
    assert (finding.verdict, bool(finding.advice)) == (WRONG, True)
    assert "relay.example.com" in finding.what


def test_a_relay_that_grants_a_path_is_well() -> None:
    assert relay.judge(RelayReserved(("msrps://a;tcp",)), None).verdict is OK


@pytest.mark.parametrize(("is_answered", "verdict"), [(True, OK), (False, WARNING)])
def test_lost_fragments_are_a_warning(is_answered: bool, verdict: Verdict) -> None:
    assert fragmentation.judge(is_answered, "192.0.2.1:5060").verdict is verdict


@pytest.mark.parametrize("host", ["192.0.2.9", "2001:db8::9"])
def test_the_large_request_is_a_good_one_of_its_size(host: str) -> None:
    data = fragmentation.large_request(UDP, host, 4000)
    request = parse(data)
    assert len(data) == fragmentation.LARGE_BYTES
    assert request.via.port == 4000


def test_targets_are_named_in_their_order_and_not_all_of_them() -> None:
    targets = tuple([Target("udp", f"192.0.2.{number}", 5060) for number in range(1, 7)])
    assert names.chain(targets[:2]) == "udp 192.0.2.1:5060, then udp 192.0.2.2:5060"
    assert names.chain(targets).endswith(", and 2 more")
