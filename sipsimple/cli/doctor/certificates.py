"""TLS: whether the server's certificate is the domain's, who vouches for it, and for how long it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from cryptography import x509

from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.sockets import address_text
from sipsimple.actors.wire.tls import self_signed_context
from sipsimple.actors.wire.tls_failure import Fault, TLSFailed
from sipsimple.actors.wire.tls_identity import Identities, must_bear
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.cli.doctor.finding import Clerk, Finding
from sipsimple.errors import LocalProtocolError, TransportFailed

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from sipsimple.cli.doctor.subject import Subject
    from sipsimple.protocols.sip.resolve.targets import Target

tls = Clerk("tls")

SOON = timedelta(days=14)

ADVICE = {
    Fault.NAME: "Is the domain or proxy right in the settings? Else its operator needs a certificate for that name.",
    Fault.EXPIRY: "Is the clock of this host right? Else the operator of the server must renew the certificate.",
    Fault.UNKNOWN_CA: "If the authority is your own, name its certificate: tls_ca_file in [engine].",
    Fault.CERTIFICATE: "The operator of the server must mend it.",
    Fault.REFUSED: "The server may ask for a certificate of ours: tls_cert_file and tls_privkey_file in [engine].",
    Fault.TIMEOUT: "Something listens there and does not speak TLS, or it is very slow. Is the port right?",
    Fault.PROTOCOL: "What is there does not speak TLS 1.2 or later. Is the port right?",
    Fault.CONNECTION: "The server closes the connection in the handshake. Is the port right?",
    Fault.NO_CLIENT_CERTIFICATE: "The operator of the server must mend it.",
}
RENEW = "The operator of the server must renew it before."


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server shows.

    Attributes:
        name: Whom it must prove to be.
        cipher: Version and cipher that were agreed on; empty without a handshake.
        fault: What is wrong; None: nothing.
        reason: That in words.
        der: Its certificate, if it could be had.
    """

    name: str
    cipher: str = ""
    fault: Fault | None = None
    reason: str = ""
    der: bytes | None = None


def check_certificates(subject: Subject) -> Iterator[Finding]:
    """Look at the certificate of each target by TLS; of one that is not used, if it is there."""
    targets = {each: True for each in subject.targets if each.transport == "tls"}
    spare = subject.alternatives.get("tls")
    if spare is not None:
        targets[spare] = False
    if not targets:
        yield tls.skipped("no server by TLS is known")
        return
    try:
        options = subject.options
    except LocalProtocolError as error:
        yield tls.wrong(str(error), "Mend tls_ca_file, tls_cert_file and tls_privkey_file in [engine].")
        return
    for target, is_used in targets.items():
        yield from _look(target, is_used, options.tls_contexts().client, subject.patience)
    if not options.tls_verify_server:
        advice = "Remove tls_verify_server = false: anybody between here and there can pose as the server."
        yield tls.warning("certificates of servers are not verified", advice)


def _look(target: Target, is_used: bool, context: ssl.SSLContext, seconds: float) -> Iterator[Finding]:
    name = target.server_name or target.host
    place = address_text((target.host, target.port))
    try:
        shown = _shake(target, name, context, seconds)
    except TransportFailed as error:
        if is_used:
            yield tls.skipped(f"{place}: {error.reason}")
        else:
            yield tls.skipped(f"no TLS at {place}, and it is not used: what goes to the server is not encrypted")
        return
    yield from judge(shown, place, is_used, datetime.now(UTC))


def _shake(target: Target, name: str, context: ssl.SSLContext, seconds: float) -> Shown:
    """Shake hands as the engine does; if that fails, again without looking, to see what is shown.

    Raises:
        TransportFailed: There is no connection at all.
    """
    verify = partial(must_bear, name) if context.verify_mode else None
    try:
        cipher, der = _handshake(target, name, context, verify, seconds)
    except TLSFailed as error:
        try:
            _, der = _handshake(target, name, self_signed_context(), None, seconds)
        except TLSFailed:
            der = None
        return Shown(name, "", error.fault, error.reason, der)
    return Shown(name, cipher, None, "", der)


def _handshake(
    target: Target, name: str, context: ssl.SSLContext, verify: Callable[[bytes | None], None] | None, seconds: float
) -> tuple[str, bytes | None]:
    begun = monotonic()
    sock = sockets.connect(target.host, target.port, seconds)
    named = name if sockets.family_of(name) is None else None
    stream = TLSStream(sock, (target.host, target.port), context, server_name=named, verify=verify)
    try:
        stream.handshake(max(0.1, seconds - (monotonic() - begun)))
        return stream.cipher, stream.peer_certificate
    finally:
        stream.close(flush=False)


def judge(shown: Shown, place: str, is_used: bool, now: datetime) -> Iterator[Finding]:
    """Say what is shown: a fault is wrong where requests go that way."""
    if shown.fault is not None:
        tell = tls.wrong if is_used else tls.warning
        yield tell(f"{place}: {_why(shown)}", ADVICE[shown.fault])
    else:
        yield tls.ok(f"{place}: {shown.cipher}")
    if shown.der is not None and shown.fault is not Fault.EXPIRY:
        ends = x509.load_der_x509_certificate(shown.der).not_valid_after_utc
        what = f"the certificate of {place} is for {Identities.of(shown.der)}, and holds until {ends:%Y-%m-%d}"
        yield tls.warning(what, RENEW) if ends - now < SOON else tls.ok(what)


def _why(shown: Shown) -> str:
    if shown.fault is Fault.NAME and shown.der is not None:
        return f"the certificate is for {Identities.of(shown.der)}, and not for {shown.name}"
    return shown.reason
