"""The options of `Engine.start()`, checked before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sipsimple.actors.wire.tls import Contexts
from sipsimple.actors.wire.tls_settings import ClientCertificates, TLSSettings
from sipsimple.api import advertising, checking
from sipsimple.api.asking import events
from sipsimple.api.body import checked_types
from sipsimple.api.engine import authentication, extensions
from sipsimple.protocols.sip.admission.limits import AdmissionLimits, Manners
from sipsimple.protocols.sip.challenging import ALGORITHMS
from sipsimple.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipsimple.actors.sip.authentication import Ask

DEFAULT_USER_AGENT = f"sipsimple-gevent/{__version__}"
DEFAULT_CODECS = ("G722", "PCMU", "PCMA")

CODECS = {
    "speex": ("speex",),
    "g711": ("PCMU", "PCMA"),
    "ilbc": ("iLBC",),
    "gsm": ("GSM",),
    "g722": ("G722",),
    "pcmu": ("PCMU",),
    "pcma": ("PCMA",),
    "l16": ("L16",),
}
"""Names for `codecs`, in any case, and what the audio engine calls them."""


FEWEST_PORTS = 16
"""One audio process needs so many."""


def _codecs(name: str, value: Any) -> tuple[str, ...]:
    """Return names of codecs that there are, none twice, in the order given."""
    codecs = checking.texts(name, value, "names")
    if not codecs or not all(each.lower() in CODECS for each in codecs):
        raise ValueError(f"{name} must be some of {', '.join(CODECS)}, not {value!r}")
    meant = engine_codecs(codecs)
    if len(set(meant)) < len(meant):
        raise ValueError(f"{name} must name each codec once, not {value!r}")
    return codecs


def engine_codecs(codecs: tuple[str, ...]) -> tuple[str, ...]:
    """Return what the audio engine calls `codecs`, in this order."""
    return tuple([meant for each in codecs for meant in CODECS[each.lower()]])


def _port_range(name: str, value: Any) -> tuple[int, int] | None:
    """Return two ports, of which the second is not the lower, or None."""
    if value is None:
        return None
    if not isinstance(value, tuple | list):
        raise TypeError(f"{name} must be the first and the last port, not {value!r}")
    if len(value) != 2:
        raise ValueError(f"{name} must be the first and the last port, not {value!r}")
    first, last = value
    ports = checking.integer(name, first, 1, 65535), checking.integer(name, last, 1, 65535)
    if last - first < FEWEST_PORTS:
        raise ValueError(f"{name} must be two ports in order, {FEWEST_PORTS} or more apart, not {value!r}")
    return ports


def _tail_length(name: str, value: Any) -> int:
    return checking.integer(name, value, 0, 500)


def _timeout(name: str, value: Any) -> int:
    return checking.integer(name, value, 1, 600_000)


def _most_calls(name: str, value: Any) -> int:
    return checking.integer(name, value, 0, 100_000)


def _spare(name: str, value: Any) -> int:
    return checking.integer(name, value, 0, 100)


def _log_level(name: str, value: Any) -> int:
    return checking.integer(name, value, 0, 6)


def _sample_rate(name: str, value: Any) -> int:
    if value not in (8, 16, 32):
        raise ValueError(f"{name} must be 8, 16 or 32 kHz, not {value!r}")
    return int(value)


def _admission(name: str, value: Any) -> AdmissionLimits:
    if not isinstance(value, AdmissionLimits):
        raise TypeError(f"{name} must be AdmissionLimits, not {value!r}")
    return value


def _manners(name: str, value: Any) -> Manners:
    if not isinstance(value, Manners):
        raise TypeError(f"{name} must be Manners, not {value!r}")
    return value


@dataclass(slots=True)
class EngineOptions(checking.Checked):
    """Everything that `Engine.start()` takes beside `hub`; checked when it is set.

    Attributes:
        auto_sound: Open the default sound devices, where there are any.
        local_ip: Address to listen on and to tell peers; None: all of this host, and each peer is told the one that
            leads to it, also when that changes.
        local_udp_port: 0: any free port, None: no UDP.
        local_tcp_port: Likewise for TCP.
        local_tls_port: Likewise for TLS.
        tls_verify_server: A server must show a valid certificate for its domain (RFC 5922).
        tls_verify_client: Whoever connects must show a certificate that an authority of `tls_ca_file` signed.
        tls_ca_file: PEM file of the trusted authorities.
        tls_cert_file: PEM file of our certificate.
        tls_privkey_file: PEM file of its key.
        tls_timeout: Milliseconds for a TLS handshake.
        ec_tail_length: Milliseconds of the echo canceller.
        user_agent: For User-Agent and Server.
        log_level: As in 2009, 0 to 6; nothing depends on it: the audio processes tell only what went wrong.
        trace_sip: Post `SCEngineSIPTrace` for each message, and log it whole but for bodies and credentials.
        trace_msrp: Log each MSRP message, without its body.
        sample_rate: Of the audio engine in kHz: 8, 16 or 32.
        playback_dtmf: Play DTMF tones locally.
        rtp_port_range: First and last UDP port for RTP, two for each call; None: any free ones.
        codecs: Audio codecs in order of preference, of `CODECS`.
        max_audio_calls: So many calls may have audio at once; 0: this engine has no audio.
        audio_spare_workers: So many audio processes wait, once audio was used, for the next calls.
        events: Accepted content types by event package, beside those of the packages that are known by themselves.
        message_types: Content types of messages that are taken outside of sessions: `text/plain`, `text/*`, `*`; empty:
            no such message is taken.
        unsolicited_events: Event packages whose NOTIFYs are taken without a subscription, like `message-summary`.
        served_events: Event packages to which others may subscribe: each SUBSCRIBE is told by SCEngineGotSubscribe.
        sip_t1: The T1 of RFC 3261 in seconds: all SIP timers follow from it.
        session_expires: Seconds after which a session ends that nobody refreshes (RFC 4028), `min_session_expires` at
            least; 0 or None: we ask for no such timer, and still support one that the peer asks for.
        min_session_expires: A peer that asks for fewer seconds is told so by 422. Less than 90 is for tests only.
        reliable_provisionals: Send 180 reliably whenever the peer supports it (RFC 3262), not only when it insists.
        tolerate_missing_ack: Begin a session whose 200 is not acknowledged in 64*T1, and go on with one likewise, where
            the RFC wants it ended: some devices and proxies lose every ACK.
        advertised_host: Name or address by which peers outside reach us; it stands in Contact, Via, `c=` and MSRP
            paths. RTP and MSRP ports must be the same outside, and audio needs an address. None: where we listen.
        advertised_udp_port: Where that leads to our UDP port; None: the same number.
        advertised_tcp_port: Likewise for TCP.
        advertised_tls_port: Likewise for TLS.
        advertised_inside: Networks whose hosts reach us where we listen, like `10.0.0.0/8`.
        refuse_md5: Neither answer a challenge with MD5, nor challenge for it.
        authenticate: Is asked whether the sender of a request that belongs to no session must show who he is: takes
            an `IncomingRequest`, returns a `Demand` or None. It runs on the hub and must return at once.
        digest_algorithms: What such a sender may answer with: `SHA-512-256`, `SHA-256`, `MD5`.
        admission: What strangers may ask of us.
        manners: How strangers are met.
    """

    CHECKS = {
        "local_ip": checking.ip_or_none,
        "local_udp_port": checking.port_or_none,
        "local_tcp_port": checking.port_or_none,
        "local_tls_port": checking.port_or_none,
        "user_agent": checking.line,
        "tls_verify_server": checking.boolean,
        "tls_verify_client": checking.boolean,
        "tls_ca_file": checking.readable_or_none,
        "tls_cert_file": checking.readable_or_none,
        "tls_privkey_file": checking.readable_or_none,
        "tls_timeout": _timeout,
        "log_level": _log_level,
        "trace_sip": checking.boolean,
        "trace_msrp": checking.boolean,
        "sample_rate": _sample_rate,
        "playback_dtmf": checking.boolean,
        "rtp_port_range": _port_range,
        "codecs": _codecs,
        "auto_sound": checking.boolean,
        "ec_tail_length": _tail_length,
        "max_audio_calls": _most_calls,
        "audio_spare_workers": _spare,
        "sip_t1": checking.seconds,
        "events": events.checked_events,
        "message_types": checked_types,
        "unsolicited_events": events.checked_packages,
        "served_events": events.checked_packages,
        "session_expires": extensions.session_expires,
        "min_session_expires": extensions.min_session_expires,
        "reliable_provisionals": checking.boolean,
        "tolerate_missing_ack": checking.boolean,
        "advertised_host": advertising.host_or_none,
        "advertised_udp_port": advertising.port_or_none,
        "advertised_tcp_port": advertising.port_or_none,
        "advertised_tls_port": advertising.port_or_none,
        "advertised_inside": advertising.networks,
        "refuse_md5": checking.boolean,
        "authenticate": authentication.checked_ask,
        "digest_algorithms": authentication.checked_algorithms,
        "admission": _admission,
        "manners": _manners,
    }

    auto_sound: bool = True
    local_ip: str | None = None
    local_udp_port: int | None = 0
    local_tcp_port: int | None = None
    local_tls_port: int | None = None
    tls_verify_server: bool = True
    tls_verify_client: bool = False
    tls_ca_file: str | None = None
    tls_cert_file: str | None = None
    tls_privkey_file: str | None = None
    tls_timeout: int = 1000
    ec_tail_length: int = 50
    user_agent: str = DEFAULT_USER_AGENT
    log_level: int = 5
    trace_sip: bool = False
    trace_msrp: bool = False
    sample_rate: int = 16
    playback_dtmf: bool = True
    rtp_port_range: tuple[int, int] | None = None
    codecs: tuple[str, ...] = DEFAULT_CODECS
    max_audio_calls: int = 256
    audio_spare_workers: int = 1
    events: dict[str, tuple[str, ...]] | None = None
    message_types: tuple[str, ...] = ("*",)
    unsolicited_events: tuple[str, ...] = ()
    served_events: tuple[str, ...] = ()
    sip_t1: float = 0.5
    session_expires: int = 1800
    min_session_expires: int = 90
    reliable_provisionals: bool = False
    tolerate_missing_ack: bool = False
    advertised_host: str | None = None
    advertised_udp_port: int | None = None
    advertised_tcp_port: int | None = None
    advertised_tls_port: int | None = None
    advertised_inside: tuple[str, ...] = ()
    refuse_md5: bool = False
    authenticate: Ask | None = field(default=None, repr=False)
    digest_algorithms: tuple[str, ...] = ALGORITHMS
    admission: AdmissionLimits = field(default_factory=AdmissionLimits)
    manners: Manners = field(default_factory=Manners)
    tls: TLSSettings | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.refuse_md5:
            self.digest_algorithms = authentication.without_md5(self.digest_algorithms)
        files = self.tls_ca_file, self.tls_cert_file, self.tls_privkey_file
        if self.local_tls_port is not None or any(files) or not self.tls_verify_server:
            self.tls = TLSSettings(self.tls_verify_server, *files, self.tls_timeout / 1000, self._client_certificates())

    def _client_certificates(self) -> ClientCertificates:
        return ClientCertificates.REQUIRED if self.tls_verify_client else ClientCertificates.IGNORED

    def tls_contexts(self) -> Contexts:
        """Return what SIP over TLS is spoken with."""
        return Contexts(timeout=self.tls_timeout / 1000) if self.tls is None else self.tls.contexts()

    @classmethod
    def given(cls, given: Mapping[str, Any]) -> EngineOptions:
        """Return what an application has written down, checked.

        Raises:
            TypeError: There is no such option, or one is of the wrong type.
            ValueError: One has a bad value.
        """
        known = [each.name for each in fields(cls) if each.init]
        if unknown := next((name for name in given if name not in known), None):
            raise TypeError(f"there is no option {unknown!r}; there are {', '.join(known)}")
        return cls(**given)

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Return each option with its default: the published `default_start_options`."""
        options = cls()
        return {each.name: getattr(options, each.name) for each in fields(cls) if each.init}
