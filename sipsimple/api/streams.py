"""The streams of one call: which actor runs each, and the object that applications hold of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sipsimple.actors import chat as chat_actor
from sipsimple.actors.chat_line import End, Line, Start, take
from sipsimple.actors.msrp_messages import ConnectionLost
from sipsimple.actors.runtime import ChildSpec, Ref, Restart, Supervisor
from sipsimple.api.chat import MSRPChat
from sipsimple.api.host import reachable_ip
from sipsimple.errors import LocalProtocolError, MSRPChatError, TransportFailed
from sipsimple.protocols.msrp import chat as chats
from sipsimple.protocols.msrp.outputs import Ended, Failed, NotDelivered
from sipsimple.protocols.msrp.uri import URI
from sipsimple.protocols.sdp.message_media import ACTPASS, TCP, TLS, MessageMedia, choose_setup, is_connecting
from sipsimple.protocols.sip.grammar import bracketed
from sipsimple.protocols.sip.usage.events import Prepare, StartStream, StopStream, StreamFailed, StreamPrepared
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.actors.msrp_listener import MSRPListener, MSRPListeners
    from sipsimple.api.configuration import MSRPConfiguration
    from sipsimple.api.options import EngineOptions
    from sipsimple.api.session import Session

CHAT = "chat"

MAILBOX_LIMIT = 10_000
"""Messages that may wait for the session or the chat of a call: far more than any but a flood brings."""

CHAT_CHILD = ChildSpec(CHAT, chat_actor.MSRPChat, (), Restart.TRANSIENT, significant=True, mailbox_limit=MAILBOX_LIMIT)
"""The chat of a call, but for its arguments. A message that it has no room for is told as not delivered."""

_TOLD = {NotDelivered: "MSRPChatDidNotDeliverMessage", Failed: "MSRPChatDidFail", Ended: "MSRPChatDidEnd"}


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What every stream of an engine is made with.

    Attributes:
        listeners: The MSRP listeners.
        host: Our address where the session's configuration names none.
        options: Of the engine; `trace_msrp` counts for streams made from now on.
    """

    listeners: MSRPListeners
    host: str
    options: EngineOptions


class CallStreams:
    """What a session's actor knows of its streams (the `Streams` of `actors.session`).

    Args:
        session: Whose streams they are.
        names: What names the call in the log.
        settings: What every stream is made with.
    """

    __slots__ = ("is_outgoing", "listener", "names", "refs", "session", "settings", "setup", "supervisor")

    def __init__(self, session: Session, names: tuple[tuple[str, str], ...], settings: StreamSettings) -> None:
        self.session = session
        self.names = names
        self.settings = settings
        self.supervisor: Supervisor | None = None
        self.refs: dict[str, Ref] = {}
        self.is_outgoing = False
        self.setup: str | None = None
        self.listener: MSRPListener | None = None

    def prepare(self, output: Prepare, session: Ref) -> None:
        """Start the actor of a stream; it tells `session` its line. One that was started is not started again."""
        if output.kind in self.refs:
            self._say_again(output.kind, session)
            return
        self.is_outgoing = output.outgoing
        chat = self._chat_object(output.outgoing)
        try:
            self._start_chat(chat, output, session)
        except (MSRPChatError, TransportFailed, LocalProtocolError) as error:
            chat.notify("MSRPChatDidFail", Failed("initialize", error.reason))
            chat.notify("MSRPChatDidEnd", Ended())
            session.tell(StreamFailed(output.kind, error.reason))

    def _say_again(self, kind: str, session: Ref) -> None:
        chat = self.session.last_chat
        if chat is not None and chat.local_media is not None:
            session.tell(StreamPrepared(kind, chat.local_media))
        else:
            session.tell(StreamFailed(kind, "the stream has ended"))

    def _start_chat(self, chat: MSRPChat, output: Prepare, session: Ref) -> None:
        configuration, settings = self.session.msrp_config, self.settings
        refuse_relay(configuration, output.outgoing)
        tls = configuration.local_use_tls if output.remote is None else output.remote.is_tls
        host = reachable_ip(configuration.local_ip or settings.host)
        self.listener = listener = settings.listeners.get(host, configuration.local_port, tls)
        line, media = chat_line(listener, chat, output)
        self.setup, described = media.setup, media.to_media()
        traces = settings.options.trace_msrp
        arguments = (Line(line), described, listener, session, chat.notify, self.names, traces)
        spec = replace(CHAT_CHILD, args=arguments)
        if self.supervisor is None:
            raise AssertionError("a call has a supervisor")
        ref = self.supervisor.start_child(spec)
        self.refs[CHAT] = ref
        chat.attach(ref, described)
        self.session.attach_chat(chat)

    def _chat_object(self, outgoing: bool) -> MSRPChat:
        local, remote = self.session.local_uri, self.session.remote_uri
        if local is None or remote is None:
            raise AssertionError("a session with streams has both parties")
        chat = MSRPChat(local, remote, outgoing)
        chat.belong_to(self.session)
        return chat

    def start(self, output: StartStream) -> None:
        """Connect the chat with the peer's line."""
        answered = output.remote.setup if self.is_outgoing else self.setup
        self.refs[output.kind].tell(Start(output.remote, is_connecting(self.is_outgoing, answered)))

    def stop(self, output: StopStream) -> None:
        """End the chat."""
        ref = self.refs.get(output.kind)
        if ref is None:
            return
        ref.insist(End())
        if not output.linger:
            ref.insist(ConnectionLost(True, "the session has ended"))

    def bury(self, reason: str) -> None:
        """Account for a chat that crashed too often as for one whose connection broke."""
        ref, chat = self.refs.get(CHAT), self.session.last_chat
        if ref is None or chat is None:
            return
        line, outputs = take(ref.state, chats.connection_lost, False, reason)
        for output in outputs or (Ended(),):  # one that had ended crashed before it could say so
            name = _TOLD.get(type(output))
            if name is not None:
                chat.notify(name, output)
        streams = [line.stream, None if line.early is None else line.early.stream]
        for stream in streams:
            if stream is not None:
                stream.close()
        if self.listener is not None:
            self.listener.forget(URI.parse(line.chat.session.local_path[-1]).session_id or "")


def refuse_relay(configuration: MSRPConfiguration, outgoing: bool) -> None:
    """Refuse a relay that was asked for by its address; without one the way is direct.

    Raises:
        MSRPChatError: There are no relays yet.
    """
    is_wanted = configuration.use_relay_outgoing if outgoing else configuration.use_relay_incoming
    if is_wanted and configuration.relay_host is not None:
        raise MSRPChatError(f"MSRP relays come in a later version: cannot use {configuration.relay_host}")


def chat_line(listener: MSRPListener, chat: MSRPChat, output: Prepare) -> tuple[chats.Chat, MessageMedia]:
    """Make the core of a chat and the line that describes it."""
    scheme = "msrps" if listener.tls else "msrp"
    path = f"{scheme}://{bracketed(listener.host)}:{listener.port}/{secrets.token_hex(10)};tcp"
    core = chats.create((path,), secrets.token_hex(4), chat.accept_types, chat.accept_wrapped_types)
    media = MessageMedia(
        path=(path,),
        accept_types=chat.accept_types,
        accept_wrapped_types=chat.accept_wrapped_types,
        setup=ACTPASS if output.remote is None else choose_setup(output.remote.setup),
        fingerprint=listener.fingerprint,
        protocol=TLS if listener.tls else TCP,
        port=listener.port,
    )
    return core, media
