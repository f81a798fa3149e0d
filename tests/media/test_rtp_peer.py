"""The RTP peer, measured by another of its kind."""

import contextlib
import resource
import socket
from time import monotonic

import pytest

from tests.media import tones
from tests.media.ear import Ear
from tests.media.rtp import FRAME_SECONDS, Packet, parse
from tests.media.rtp_peer import RTPPeer
from tests.media.srtp import SRTP, Crypto, parse_crypto
from tests.media.voice import Voice


@contextlib.contextmanager
def pair(codec="PCMU", **options):
    """Two peers that send to each other."""
    with RTPPeer(codec, **options) as first, RTPPeer(codec, **options) as second:
        first.send_to(second.port)
        second.send_to(first.port)
        yield first, second


# Without sockets


def test_a_packet_is_read_as_it_was_written():
    packet = Packet(101, 65535, 2**32 - 1, 0xDEADBEEF, b"payload", marker=True)
    assert parse(bytes(packet)) == packet
    assert bytes(packet)[:2] == b"\x80\xe5"


@pytest.mark.parametrize("data", [b"", b"\x80" * 11, b"\0" * 40, b"INVITE sip:a SIP/2.0"])
def test_what_is_no_rtp_is_told_apart(data):
    assert parse(data) is None


def test_sequence_numbers_tell_what_was_lost_and_what_was_late():
    ear = Ear()
    for sequence in (65534, 65535, 2, 0, 1, 3, 7):  # 0 and 1 come late, 4 to 6 never
        ear.hear(Packet(0, sequence, 0, 1, b"\xff"), 0.0)
    assert (ear.packets, ear.lost, ear.sources) == (7, 3, {1})


def test_another_source_is_not_a_loss():
    ear = Ear()
    ear.hear(Packet(0, 10, 0, 1, b"\xff"), 0.0)
    ear.hear(Packet(0, 5000, 0, 2, b"\xff"), 0.0)
    assert (ear.lost, ear.sources) == (0, {1, 2})


def test_gaps_are_noted_with_their_start():
    ear = Ear()
    for sequence, now in enumerate((1.0, 1.02, 1.5, 1.52)):
        ear.hear(Packet(0, sequence, 0, 1, b"\xff"), now)
    assert [(gap.start, round(gap.seconds, 3)) for gap in ear.gaps] == [(1.02, 0.48)]
    assert (ear.first, ear.last) == (1.0, 1.52)


def test_a_digit_grows_and_ends_thrice_under_one_timestamp():
    voice = Voice("PCMU")
    voice.play(440)
    before = voice.next_packet()
    voice.send_digit("5", 60)
    packets = [voice.next_packet() for _ in range(5)]
    assert {packet.timestamp for packet in packets} == {before.timestamp + 160 & 0xFFFFFFFF}
    assert [packet.marker for packet in packets] == [True, False, False, False, False]
    assert [packet.payload[:2].hex() for packet in packets] == ["050a", "050a", "058a", "058a", "058a"]
    assert [int.from_bytes(packet.payload[2:]) for packet in packets] == [160, 320, 480, 480, 480]
    assert voice.next_packet().timestamp == before.timestamp + 6 * 160 & 0xFFFFFFFF


def test_repeated_packets_of_a_digit_count_once_and_the_same_digit_again_counts_again():
    voice, ear = Voice("PCMU"), Ear()
    for digit in "11#D":
        voice.send_digit(digit, 40)
    while voice.is_sending_digits:
        packet = voice.next_packet()
        if packet is not None:
            ear.hear(packet, 0.0)
    assert ear.digits == "11#D"
    assert ear.events == [(digit, 40.0, True) for digit in "11#D"]


# With sockets


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_a_tone_arrives_as_loud_as_it_was_sent(codec):
    with pair(codec) as (first, second):
        first.play(440)
        second.play(600, 4000)
        second.wait_to_hear(440)
        first.wait_to_hear(600, at_least=3900)
        assert second.amplitude(440) == pytest.approx(tones.LOUD, rel=0.02)
        assert second.amplitude(600) < 0.01 * tones.LOUD
        assert (first.lost, second.lost) == (0, 0)
        assert second.source == ("127.0.0.1", first.port)


def test_the_clock_does_not_drift():
    with pair() as (first, second):
        first.play_silence()
        second.wait_for_packets(1)
        begin = monotonic()
        second.wait_for_packets(50)
        assert monotonic() - begin == pytest.approx(50 * FRAME_SECONDS, abs=3 * FRAME_SECONDS)


def test_silence_is_packets_and_nothing_is_none():
    with pair() as (first, second):
        first.play(440)
        second.wait_to_hear(440)
        first.play_silence()
        second.wait_for_quiet()
        second.wait_for_packets(3)
        first.play_nothing()
        sent = first.sent
        second.wait_for_no_packets()
        assert first.sent == sent
        assert second.amplitude(440) == 0


def test_what_does_not_come_in_time_fails_with_figures():
    with pair() as (_, second), pytest.raises(AssertionError, match=r"600 Hz\nRTP peer on .* level 0"):
        second.wait_to_hear(600, timeout=0.05)


def test_digits_come_in_order_between_the_audio():
    with pair() as (first, second):
        first.play(440)
        for digit in "0*#":
            first.send_digit(digit, 40)
        second.wait_for_digits("0*#")
        second.wait_until(lambda peer: peer.events[-1][2])
        assert [duration for _, duration, _ in second.events] == [40.0] * 3


def test_a_light_peer_only_counts():
    with RTPPeer() as first, RTPPeer(light=True) as second:
        first.send_to(second.port)
        first.play(440)
        first.send_digit("1", 40)
        second.wait_for_packets(12)
        assert (second.lost, second.digits, len(second.samples(1))) == (0, "", 0)


def test_both_ports_are_taken_and_given_back():
    with RTPPeer() as peer:
        assert peer.port % 2 == 0
        for port in (peer.port, peer.port + 1):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, pytest.raises(OSError, match="in use"):
                probe.bind(("127.0.0.1", port))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", peer.port))


@pytest.mark.slow
def test_a_hundred_peers_at_full_rate_cost_less_than_half_a_core():
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(RTPPeer(light=True)) for _ in range(100)]
        for peer, other in zip(peers, reversed(peers), strict=True):
            peer.send_to(other.port)
            peer.play(440)
        peers[0].wait_for_packets(10)
        begin, cpu, packets = monotonic(), _cpu(), sum(peer.packets for peer in peers)
        peers[0].wait_for_packets(100, timeout=10)
        seconds = monotonic() - begin
        assert sum(peer.packets for peer in peers) - packets == pytest.approx(5000 * seconds, rel=0.1)
        assert sum(peer.lost for peer in peers) == 0
        assert _cpu() - cpu < 0.5 * seconds


def _cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


# SRTP


def test_a_crypto_line_is_read_as_it_was_written():
    crypto = Crypto(tag=2)
    assert parse_crypto(f"v=0\r\na=crypto:1 AES_256_CM_X inline:AAAA\r\na=crypto:{crypto}|2^31\r\n") == crypto
    assert parse_crypto("a=rtpmap:0 PCMU/8000\r\n") is None


def test_encrypted_audio_is_heard_with_the_key_only():
    ours, theirs = Crypto(), Crypto()
    with pair() as (first, second):
        first.srtp, second.srtp = SRTP(ours, theirs), SRTP(theirs, ours)
        first.play(440)
        second.wait_to_hear(440)
        assert second.refused == 0
        first.srtp = None
        second.wait_until(lambda peer: peer.refused > 3)
        second.wait_for_quiet()


def test_another_key_is_refused():
    ours, theirs = Crypto(), Crypto()
    with pair() as (first, second):
        first.srtp, second.srtp = SRTP(Crypto(), theirs), SRTP(theirs, ours)
        first.play(440)
        second.wait_until(lambda peer: peer.refused > 3)
        assert second.packets == 0
