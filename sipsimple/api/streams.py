"""The streams of one call: which actor runs each, and the object that applications hold of it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sipsimple.actors import chat as chat_actor
from sipsimple.actors.chat import End, Line, Start
from sipsimple.actors.runtime import ChildSpec, Ref, Restart, Supervisor
from sipsimple.api.chat import MSRPChat
from sipsimple.errors import TransportFailed
from sipsimple.protocols.msrp import chat as chats
from sipsimple.protocols.sdp.message_media import ACTPASS, TCP, TLS, MessageMedia, choose_setup, is_connecting
from sipsimple.protocols.sip.usage.events import Prepare, StartStream, StopStream, StreamFailed

if TYPE_CHECKING:
    from sipsimple.actors.msrp_listener import MSRPListener, MSRPListeners
    from sipsimple.api.session import Session

CHAT = "chat"


class CallStreams:
    """What a session's actor knows of its streams (the `Streams` of `actors.session`).

    Args:
        session: Whose streams they are.
        listeners: The MSRP listeners of the engine.
        default_ip: Our address where the session's configuration names none.
    """

    __slots__ = ("default_ip", "is_outgoing", "listeners", "refs", "session", "setup", "supervisor")

    def __init__(self, session: Session, listeners: MSRPListeners, default_ip: str) -> None:
        self.session = session
        self.listeners = listeners
        self.default_ip = default_ip
        self.supervisor: Supervisor | None = None
        self.refs: dict[str, Ref] = {}
        self.is_outgoing = False
        self.setup: str | None = None

    def prepare(self, output: Prepare, session: Ref) -> None:
        """Start the actor of a stream; it tells `session` its line."""
        self.is_outgoing = output.outgoing
        try:
            self._prepare_chat(output, session)
        except TransportFailed as error:
            session.tell(StreamFailed(output.kind, error.reason))

    def _prepare_chat(self, output: Prepare, session: Ref) -> None:
        configuration = self.session.msrp_config
        tls = configuration.local_use_tls if output.remote is None else output.remote.is_tls
        host = configuration.local_ip or self.default_ip
        listener = self.listeners.get(host, configuration.local_port, tls)
        chat = self._chat_object(output.outgoing)
        line, media = chat_line(listener, chat, output)
        self.setup = media.setup
        arguments = (Line(line), media.to_media(), listener, session, chat.notify)
        spec = ChildSpec(CHAT, chat_actor.MSRPChat, arguments, Restart.TRANSIENT, significant=True)
        if self.supervisor is None:
            raise AssertionError("a call has a supervisor")
        ref = self.supervisor.start_child(spec)
        self.refs[CHAT] = ref
        chat.attach(self.session, ref, media.to_media())
        self.session.attach_chat(chat)

    def _chat_object(self, outgoing: bool) -> MSRPChat:
        local, remote = self.session.local_uri, self.session.remote_uri
        if local is None or remote is None:
            raise AssertionError("a session with streams has both parties")
        return MSRPChat(local, remote, outgoing)

    def start(self, output: StartStream) -> None:
        """Connect the chat with the peer's line."""
        answered = output.remote.setup if self.is_outgoing else self.setup
        self.refs[output.kind].tell(Start(output.remote, is_connecting(self.is_outgoing, answered)))

    def stop(self, output: StopStream) -> None:
        """End the chat."""
        ref = self.refs.get(output.kind)
        if ref is not None:
            ref.tell(End())


def chat_line(listener: MSRPListener, chat: MSRPChat, output: Prepare) -> tuple[chats.Chat, MessageMedia]:
    """Make the core of a chat and the line that describes it."""
    scheme = "msrps" if listener.tls else "msrp"
    host = f"[{listener.host}]" if ":" in listener.host else listener.host
    path = f"{scheme}://{host}:{listener.port}/{secrets.token_hex(10)};tcp"
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
