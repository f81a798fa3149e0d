"""The options of `Engine.start()` as type checkers see them; what each means says `EngineOptions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sipsimple.actors.sip.authentication import Ask
    from sipsimple.api.audio.sound_files import StrPath
    from sipsimple.protocols.sip.admission.limits import AdmissionLimits, Manners


class StartOptions(TypedDict, total=False):
    """Those that are given by keyword only; the types are what may be given, which is more than what is kept."""

    local_udp_port: int | None
    local_tcp_port: int | None
    local_tls_port: int | None
    tls_verify_server: bool
    tls_verify_client: bool
    tls_ca_file: StrPath | None
    tls_cert_file: StrPath | None
    tls_privkey_file: StrPath | None
    tls_timeout: int
    ec_tail_length: int
    user_agent: str
    log_level: int
    trace_sip: bool
    trace_msrp: bool
    sample_rate: int
    playback_dtmf: bool
    rtp_port_range: Sequence[int] | None
    codecs: Sequence[str]
    max_audio_calls: int
    audio_spare_workers: int
    events: Mapping[str, Sequence[str]] | None
    message_types: Sequence[str]
    unsolicited_events: Sequence[str]
    served_events: Sequence[str]
    sip_t1: float
    session_expires: int | None
    min_session_expires: int
    reliable_provisionals: bool
    tolerate_missing_ack: bool
    advertised_host: str | None
    advertised_udp_port: int | None
    advertised_tcp_port: int | None
    advertised_tls_port: int | None
    advertised_inside: Sequence[str]
    refuse_md5: bool
    authenticate: Ask | None
    digest_algorithms: Sequence[str]
    admission: AdmissionLimits
    manners: Manners
