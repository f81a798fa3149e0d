"""The engine in a program of its own: on the main greenlet's hub, ended by signals."""

from __future__ import annotations

import signal
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gevent

from sipsimple.cli.log import write_log
from sipsimple.cli.refusal import Refused, refusing
from sipsimple.core import Engine
from sipsimple.errors import TransportFailed
from sipsimple.session import SessionManager

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

TRANSPORTS = ("udp", "tcp")
ATTEMPTS = 20
"""So many port numbers are tried until UDP and TCP are both free at one of them."""


@dataclass(frozen=True, slots=True)
class EndpointOptions:
    """What the commands let their users choose about the endpoint.

    Attributes:
        host: Numeric address to listen on; None: all of this host.
        port: For each transport; 0: a free one, the same for all if possible.
        transports: Out of TRANSPORTS.
        t1: T1 of SIP in seconds.
        msrp_tls: Offer MSRP over TLS.
        trace: File for the structured log.
        trace_sip: Have SCEngineSIPTrace posted, even without such a file.
        engine: What the settings say of the engine; it wins over ports and T1.
    """

    host: str | None = None
    port: int = 0
    transports: tuple[str, ...] = TRANSPORTS
    t1: float = 0.5
    msrp_tls: bool = True
    trace: Path | None = None
    trace_sip: bool = False
    engine: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def running(options: EndpointOptions) -> Iterator[dict[str, int]]:
    """Run the engine for the length of the block, which gets the ports by transport.

    At the end all sessions are hung up and everything is told.

    Raises:
        Refused: The options cannot be had.
    """
    if options.trace is not None:
        _write_log(options.trace)
    SessionManager().msrp_config.local_use_tls = options.msrp_tls
    with refusing():
        _start(options)
    engine = Engine()
    try:
        yield {transport: getattr(engine, f"local_{transport}_port") for transport in options.transports}
    finally:
        engine.stop()


def on_signals(act: Callable[[], object]) -> None:
    """Call `act` for each SIGTERM and SIGINT, from now on."""
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, act)


def _write_log(path: Path) -> None:
    try:
        write_log(path)
    except OSError as error:
        raise Refused(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from error


def _start(options: EndpointOptions) -> None:
    for port in _candidates(options):
        try:
            Engine().start(**_engine_options(options, port))
        except TransportFailed as error:
            failure = error
        else:
            return
    raise Refused(f"{failure.reason} ({failure.transport})") from failure


def _engine_options(options: EndpointOptions, port: int) -> dict[str, Any]:
    ports = {f"local_{name}_port": port if name in options.transports else None for name in TRANSPORTS}
    chosen = {"sip_t1": options.t1, **ports, **options.engine, "hub": "current", "local_ip": options.host}
    if options.trace is not None:
        chosen |= {"trace_sip": True, "trace_msrp": True}
    elif options.trace_sip:
        chosen["trace_sip"] = True
    return chosen


def _candidates(options: EndpointOptions) -> Iterator[int]:
    """Name the ports to try: of free ones some that TCP has, and then whatever each transport gets."""
    if options.port == 0 and len(options.transports) > 1:
        with suppress(OSError):  # no such address: the engine will say so better
            for _ in range(ATTEMPTS):
                yield _free_tcp_port(options.host)
    yield options.port


def _free_tcp_port(host: str | None) -> int:
    family = socket.AF_INET6 if host is not None and ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host or "", 0))
        return int(probe.getsockname()[1])
