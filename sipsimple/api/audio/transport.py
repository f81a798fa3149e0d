"""`AudioTransport` and `RTPTransport`: the audio stream of a session as applications hold it.

They are for reading. What 2009 did with them by hand, from STUN to the SDP of
offer and answer, the session and its audio leg do by themselves: `set_INIT`,
`set_LOCAL`, `set_ESTABLISHED`, `get_local_media`, `start`, `update_direction`
and the notifications of RTPTransport are gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api.audio.statistics import AudioStatistics
from sipsimple.api.audio.tones import checked_digit
from sipsimple.api.configuration import RTPConfiguration
from sipsimple.api.telling import tell_or
from sipsimple.errors import SIPCoreError
from sipsimple.media.leg.events import SendDigit
from sipsimple.media.leg.facts import Facts
from sipsimple.media.wire import Statistics

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Ref
    from sipsimple.media.leg.facts import Address

_NOTHING = Facts()
_NOWHERE = (None, None)


class RTPTransport:
    """The way that the packets of an audio stream take.

    The arguments are the fields of `RTPConfiguration` and can be read as
    attributes; by default the address is that of the host.
    """

    def __init__(
        self,
        local_rtp_address: str | None = None,
        use_srtp: bool = False,
        srtp_forced: bool = False,
        use_ice: bool = False,
        ice_stun_address: str | None = None,
        ice_stun_port: int = 3478,
    ) -> None:
        address = RTPConfiguration().local_rtp_address if local_rtp_address is None else local_rtp_address
        options = (use_srtp, srtp_forced, use_ice, ice_stun_address, ice_stun_port)
        self._configuration = RTPConfiguration(address, *options)
        self._ref: Ref | None = None

    @classmethod
    def configured(cls, configuration: RTPConfiguration) -> RTPTransport:
        """Return one as `configuration` says; the engine calls this."""
        transport = cls()
        transport._configuration = configuration.copy()
        return transport

    def attach(self, ref: Ref) -> None:
        """Be the face of the audio leg `ref`; the engine calls this."""
        self._ref = ref

    @property
    def ref(self) -> Ref | None:
        """The audio leg; None before there is one."""
        return self._ref

    @property
    def facts(self) -> Facts:
        """What the audio leg has last told of itself."""
        if self._ref is None:
            return _NOTHING
        facts: Facts = self._ref.state.facts
        return facts

    @property
    def state(self) -> str:
        """NULL, INIT, LOCAL when our line is known, ESTABLISHED while audio flows, INVALID after the end."""
        if self._ref is None:
            return "NULL"
        if not self._ref.is_alive:
            return "INVALID"
        facts = self.facts
        if facts.is_running:
            return "ESTABLISHED"
        return "INIT" if facts.local is None else "LOCAL"

    @property
    def use_srtp(self) -> bool:
        """Whether SRTP was asked for."""
        return self._configuration.use_srtp

    @property
    def srtp_forced(self) -> bool:
        """Whether plain RTP is refused, if SRTP is used."""
        return self._configuration.srtp_forced

    @property
    def use_ice(self) -> bool:
        """Whether ICE was asked for; on a loopback address there is none."""
        return self._configuration.use_ice

    @property
    def ice_stun_address(self) -> str | None:
        """The STUN server for ICE."""
        return self._configuration.ice_stun_address

    @property
    def ice_stun_port(self) -> int:
        """Its UDP port."""
        return self._configuration.ice_stun_port

    @property
    def srtp_active(self) -> bool:
        """Whether the stream is encrypted."""
        return bool(self.facts.srtp_suite)

    @property
    def srtp_suite(self) -> str | None:
        """The crypto suite in use; None: plain RTP."""
        return self.facts.srtp_suite or None

    @property
    def local_rtp_address(self) -> str | None:
        """The address in our SDP; before that is known, the one that was asked for."""
        return self._configuration.local_rtp_address if self.facts.local is None else self.facts.local[0]

    @property
    def local_rtp_port(self) -> int | None:
        """The port in our SDP."""
        return _end(self.facts.local)[1]

    @property
    def remote_rtp_address_sdp(self) -> str | None:
        """The address in the peer's SDP."""
        return _end(self.facts.remote)[0]

    @property
    def remote_rtp_port_sdp(self) -> int | None:
        """The port in the peer's SDP."""
        return _end(self.facts.remote)[1]

    @property
    def remote_rtp_address_received(self) -> str | None:
        """The address that packets come from."""
        return _end(self.facts.received)[0]

    @property
    def remote_rtp_port_received(self) -> int | None:
        """The port that packets come from."""
        return _end(self.facts.received)[1]


class AudioTransport:
    """The audio stream of a session.

    Attributes:
        transport: The way that its packets take.

    Notifications:
        SCAudioTransportGotDTMF for each digit, before the session's SCSessionGotDTMF.
    """

    def __init__(self, transport: RTPTransport) -> None:
        if not isinstance(transport, RTPTransport):
            raise TypeError(f"transport must be an RTPTransport, not {type(transport).__name__}")
        self.transport = transport

    @property
    def facts(self) -> Facts:
        """What the audio leg has last told of itself."""
        return self.transport.facts

    @property
    def ref(self) -> Ref | None:
        """The audio leg; None before there is one."""
        return self.transport.ref

    @property
    def is_active(self) -> bool:
        """Whether audio flows, or could if nobody held."""
        ref = self.ref
        return ref is not None and ref.is_alive and self.facts.is_running

    @property
    def is_started(self) -> bool:
        """Whether audio flowed at any time."""
        return self.facts.codec is not None

    @property
    def direction(self) -> str | None:
        """Sendrecv, sendonly, recvonly or inactive, seen from here; None before the start."""
        return self.facts.direction

    @property
    def codec(self) -> str | None:
        """The name of the codec; None before the start."""
        return self.facts.codec

    @property
    def sample_rate(self) -> int | None:
        """The sample rate of the audio in Hz (16000 for G722); None before the start."""
        return self.facts.sample_rate

    @property
    def was_received(self) -> bool:
        """Whether any audio came from the peer."""
        return self.facts.was_received

    @property
    def recording_file_name(self) -> str | None:
        """The file that the stream is recorded to; None while it is not recorded."""
        return self.facts.recording_file_name

    @property
    def worker_pid(self) -> int | None:
        """The process that the stream runs in at present; None while it runs in none."""
        ref = self.ref
        return self.facts.worker_pid if ref is not None and ref.is_alive else None

    @property
    def statistics(self) -> AudioStatistics | None:
        """How the stream fares; None before it runs."""
        return None if self.facts.codec is None else counters(self.facts)

    def send_dtmf(self, digit: str) -> None:
        """Send one DTMF digit.

        Raises:
            SIPCoreError: It is not exactly one of 0123456789*#ABCD, no audio flows, or the peer takes none.

        RFC: 4733.
        """
        ref = self.ref
        command = SendDigit(checked_digit(digit))
        if ref is None or not self.is_active:
            raise SIPCoreError("the audio stream does not run")
        require_digits(self.facts)
        tell_or(ref, command, lambda: None)


def require_digits(facts: Facts) -> None:
    """Refuse digits to a peer that takes none.

    Raises:
        SIPCoreError: It names no telephone-event.
    """
    if not facts.takes_digits:
        raise SIPCoreError("the peer takes no DTMF: its audio line names no telephone-event")


def counters(facts: Facts) -> AudioStatistics:
    """Return the counters of a leg, under our names."""
    counted = facts.statistics or Statistics("")
    return AudioStatistics(
        packets_received=counted.packets_received,
        packets_sent=counted.packets_sent,
        bytes_received=counted.bytes_received,
        bytes_sent=counted.bytes_sent,
        packets_lost=counted.packets_lost,
        packets_lost_by_peer=counted.packets_lost_by_peer,
        jitter_ms=counted.jitter_ms,
        round_trip_ms=counted.round_trip_ms,
        codec=facts.codec or "",
        restarts=facts.restarts,
    )


def _end(address: Address | None) -> tuple[str, int] | tuple[None, None]:
    return address or _NOWHERE
