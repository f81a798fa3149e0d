"""The options of `Engine.start()`, checked before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from sipsimple.actors.wire.tls import Contexts
from sipsimple.actors.wire.tls_settings import ClientCertificates, TLSSettings
from sipsimple.api import checking
from sipsimple.version import __version__

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
    if isinstance(value, str) or not all(isinstance(each, str) for each in value):
        raise TypeError(f"{name} must be a sequence of names, not {value!r}")
    codecs = tuple(value)
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


def _switch(_name: str, value: Any) -> bool:
    return bool(value)


@dataclass(slots=True)
class EngineOptions(checking.Checked):
    """Everything that `Engine.start()` takes beside `hub`; checked when it is set.

    Attributes:
        auto_sound: Open the default sound devices, where there are any.
        local_ip: Address to listen on and to tell peers; None: the one that leaves this host by default.
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
        events: Accepted content types by event package.
        sip_t1: The T1 of RFC 3261 in seconds: all SIP timers follow from it.
    """

    CHECKS = {
        "local_ip": checking.ip_or_none,
        "local_udp_port": checking.port_or_none,
        "local_tcp_port": checking.port_or_none,
        "local_tls_port": checking.port_or_none,
        "user_agent": checking.line,
        "tls_verify_server": _switch,
        "tls_verify_client": _switch,
        "tls_timeout": _timeout,
        "log_level": _log_level,
        "trace_sip": _switch,
        "trace_msrp": _switch,
        "sample_rate": _sample_rate,
        "playback_dtmf": _switch,
        "rtp_port_range": _port_range,
        "codecs": _codecs,
        "auto_sound": _switch,
        "ec_tail_length": _tail_length,
        "max_audio_calls": _most_calls,
        "audio_spare_workers": _spare,
        "sip_t1": checking.seconds,
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
    sip_t1: float = 0.5
    tls: TLSSettings | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.events = dict(self.events or {})
        files = self.tls_ca_file, self.tls_cert_file, self.tls_privkey_file
        if self.local_tls_port is not None or any(files) or not self.tls_verify_server:
            self.tls = TLSSettings(self.tls_verify_server, *files, self.tls_timeout / 1000, self._client_certificates())

    def _client_certificates(self) -> ClientCertificates:
        return ClientCertificates.REQUIRED if self.tls_verify_client else ClientCertificates.IGNORED

    def tls_contexts(self) -> Contexts:
        """Return what SIP over TLS is spoken with."""
        return Contexts(timeout=self.tls_timeout / 1000) if self.tls is None else self.tls.contexts()

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Return each option with its default: the published `default_start_options`."""
        options = cls()
        return {each.name: getattr(options, each.name) for each in fields(cls) if each.init}
