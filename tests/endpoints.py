"""A running engine for tests, and calls that it places to itself."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sipsimple.actors.runtime import slot as slots
from sipsimple.core import SIPURI, Credentials, Engine, Route
from sipsimple.session import MSRPConfiguration, Session, SessionManager
from tests.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = "127.0.0.1"


@contextlib.contextmanager
def noting_crashes() -> Iterator[list[str]]:
    """Note every actor that crashes."""
    log_crash, crashed = slots.log_crash, []

    def note(actor: str, error: BaseException, *more: Any) -> None:
        crashed.append(f"{actor}: {error!r}")
        log_crash(actor, error, *more)

    slots.log_crash = note
    try:
        yield crashed
    finally:
        slots.log_crash = log_crash


@contextlib.contextmanager
def running(hub: str = "current", *, crashes: bool = False, **options: Any) -> Iterator[Watch]:
    """Run the engine for the length of the block, watched.

    Prove that it leaves no actor, timer or session, and, unless `crashes`, that no actor crashed.
    """
    options = {"local_ip": LOOPBACK, "local_tcp_port": 0, **options}
    manager = SessionManager()
    manager.msrp_config = MSRPConfiguration(local_use_tls=False)
    with noting_crashes() as crashed, Watch() as watch:
        Engine().start(hub=hub, **options)
        system = Engine().core.system
        try:
            yield watch
        finally:
            Engine().stop()
            manager.msrp_config = MSRPConfiguration()
    assert manager.sessions == []
    assert (system.actors, system.timers) == (0, 0)
    assert not Engine().is_running
    assert crashes or not crashed


def port(transport: str = "udp") -> int:
    """The port on which the engine listens."""
    return int(getattr(Engine(), f"local_{transport}_port"))


def target(transport: str = "udp", user: str = "bob") -> SIPURI:
    """The address of the engine itself."""
    parameters = None if transport == "udp" else {"transport": transport}
    return SIPURI(Engine().local_ip, user, port=port(transport), parameters=parameters)


def alice() -> Credentials:
    """Who calls."""
    return Credentials(SIPURI("example.com", "alice", display="Alice"), "p4ssw0rd")


@dataclass(slots=True)
class Call:
    """Both ends of one call."""

    caller: Session
    callee: Any = None


def place(watch: Watch, transport: str = "udp", to: SIPURI | None = None, route: Route | None = None) -> Call:
    """Call the engine itself and wait until it rings."""
    session = Session()
    session.connect(to or target(transport), alice(), route, chat=True)
    call = Call(session)
    call.callee = watch.until(lambda: counterpart(watch, session), "an incoming session")
    return call


def counterpart(watch: Watch, caller: Session) -> Any:
    """The other end of the call of `caller`, once it was told of."""
    for each in watch.seen:
        if each.name == "SCSessionNewIncoming" and each.sender.call.identity.call_id == caller.call.identity.call_id:
            return each.sender
    return None


def established(watch: Watch, transport: str = "udp", to: SIPURI | None = None) -> Call:
    """Call the engine itself, accept, and wait until both chats have started."""
    call = place(watch, transport, to)
    call.callee.accept(chat=True)
    for session in (call.caller, call.callee):
        watch.wait_for("SCSessionDidStart", session)
        watch.wait_for("MSRPChatDidStart", session.chat_transport)
    return call


def hang_up(watch: Watch, call: Call) -> None:
    """End a call from the caller's side and wait until both ends have told so."""
    call.caller.terminate()
    for session in (call.caller, call.callee):
        watch.wait_for("SCSessionDidEnd", session)


def deliver(watch: Watch, sender: Session, receiver: Session, text: str) -> None:
    """Send a message; wait until it has arrived and its delivery was told."""
    message_id = sender.send_message(text)
    watch.until(
        lambda: any(
            each.name == "SCSessionGotMessage" and each.sender is receiver and each.data.content == text
            for each in watch.seen
        ),
        f"the message {text!r}",
    )
    watch.until(
        lambda: any(
            each.name == "SCSessionDidDeliverMessage" and each.data.message_id == message_id for each in watch.seen
        ),
        f"the report of {text!r}",
    )


def wait_until_forgotten(watch: Watch) -> None:
    """Wait until the last transaction of the calls that are over has expired."""
    core = Engine().core
    watch.until(lambda: len(core.router) == 0, "the router to be empty")
    assert not core.around.lingering.state.calls
