"""The chat of one call: which actor runs it, and the `MSRPChat` that applications hold."""

from __future__ import annotations

from os import urandom
from typing import TYPE_CHECKING

from sipsimple.actors.chat import chat as chat_actor
from sipsimple.actors.chat.line import End, Line, Start, take
from sipsimple.actors.chat.relayed import RelayedChat
from sipsimple.actors.msrp.messages import ConnectionLost
from sipsimple.actors.runtime import ChildSpec, Ref, Restart, Supervisor
from sipsimple.api.advertising import media_host, peer_host
from sipsimple.api.chat.chat import MSRPChat
from sipsimple.api.chat.content import cpim_address
from sipsimple.api.host import reachable_ip
from sipsimple.api.limits import MAILBOX_LIMIT
from sipsimple.api.relaying import relay_plan
from sipsimple.errors import LocalProtocolError, MSRPChatError, TransportFailed
from sipsimple.protocols.msrp.chat import chat as chats
from sipsimple.protocols.msrp.chat.outputs import NicknameAnswered
from sipsimple.protocols.msrp.outputs import Ended, Failed, NotDelivered
from sipsimple.protocols.msrp.state import MAX_MESSAGE_BYTES
from sipsimple.protocols.msrp.uri import own_session_id
from sipsimple.protocols.sdp.message_media import ACTPASS, TCP, TLS, MessageMedia, choose_setup, is_connecting
from sipsimple.protocols.sip.grammar import bracketed
from sipsimple.protocols.sip.usage.events import StreamFailed, StreamPrepared
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.actors.msrp.listener import MSRPListener
    from sipsimple.actors.msrp.relay_port import MSRPRelayPort
    from sipsimple.api.session.call_streams import StreamSettings
    from sipsimple.api.session.session import Session
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.usage.outputs import Prepare, StartStream, StopStream

CHAT = "chat"

CHAT_CHILD = ChildSpec(CHAT, chat_actor.MSRPChat, (), Restart.TRANSIENT, significant=True, mailbox_limit=MAILBOX_LIMIT)
"""The chat of a call, but for its arguments. A message that it has no room for is told as not delivered."""

RELAYED_CHILD = replace(CHAT_CHILD, actor=RelayedChat)
"""Likewise, of a chat that goes through a relay."""

_TOLD = {
    NotDelivered: "MSRPChatDidNotDeliverMessage",
    NicknameAnswered: "MSRPChatDidNotSetNickname",
    Failed: "MSRPChatDidFail",
    Ended: "MSRPChatDidEnd",
}


class ChatStream:
    """One chat from its preparation to its end.

    Args:
        session: Whose chat it is.
        outgoing: This side made the offer.
        settings: What every stream is made with.
        names: What names the call in the log.
    """

    __slots__ = ("chat", "is_outgoing", "listener", "names", "port", "ref", "session", "settings", "setup")

    def __init__(
        self, session: Session, outgoing: bool, settings: StreamSettings, names: tuple[tuple[str, str], ...]
    ) -> None:
        self.session = session
        self.is_outgoing = outgoing
        self.settings = settings
        self.names = names
        self.chat = self._chat_object()
        self.ref: Ref | None = None
        self.setup: str | None = None
        self.listener: MSRPListener | None = None
        self.port: MSRPRelayPort | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing runs any more, or ever did."""
        return self.ref is None or not self.ref.is_alive

    def prepare(self, output: Prepare, owner: Ref, supervisor: Supervisor, child: str) -> None:
        """Start the actor, or say again what it is described by; `owner` is told."""
        if self.ref is not None:
            if self.chat.local_media is not None:
                owner.tell(StreamPrepared(CHAT, self.chat.local_media))
            return
        try:
            self._start_actor(output, owner, supervisor, child)
        except (MSRPChatError, TransportFailed, LocalProtocolError) as error:
            self.chat.notify("MSRPChatDidFail", Failed("initialize", error.reason))
            self.chat.notify("MSRPChatDidEnd", Ended())
            owner.tell(StreamFailed(CHAT, error.reason))

    def _start_actor(self, output: Prepare, owner: Ref, supervisor: Supervisor, child: str) -> None:
        configuration, settings = self.session.msrp_config, self.settings
        offer = output.remote
        tls = offer.is_tls if isinstance(offer, MessageMedia) else configuration.local_use_tls
        host = reachable_ip(configuration.local_ip or settings.host)
        self.listener = listener = settings.listeners.get(host, configuration.local_port, tls)
        told = media_host(settings.options, listener.host, peer_host(self.session))
        line, media = chat_line(listener, told, self.chat, offer if isinstance(offer, MessageMedia) else None)
        self.setup, described = media.setup, media.to_media()
        plan = relay_plan(self.session, settings.options, output, media.path[-1], listener, self._describe)
        way = listener if plan is None else plan
        chat, traces = self.chat, settings.options.trace_msrp
        arguments = (Line(line), described, way, owner, chat.notify, self.names, traces, chat.lags)
        spec = CHAT_CHILD if plan is None else RELAYED_CHILD
        self.ref = supervisor.start_child(replace(spec, id=child, args=arguments))
        self.port = None if plan is None else plan.port
        self.chat.attach(self.ref, described if plan is None else None)
        self.session.attach_chat(self.chat)

    def _describe(self, media: Media) -> None:
        """Know our line, which a relay has to tell first."""
        if self.ref is not None:
            self.chat.attach(self.ref, media)

    def _chat_object(self) -> MSRPChat:
        local, remote = self.session.local_uri, self.session.remote_uri
        if local is None or remote is None:
            raise AssertionError("a session with streams has both parties")
        rooms = self.session.msrp_config.chatroom_capabilities
        chat = MSRPChat(local, remote, self.is_outgoing, chatroom_capabilities=rooms)
        chat.belong_to(self.session)
        return chat

    def start(self, output: StartStream) -> None:
        """Connect with the peer's line."""
        remote = output.remote
        if self.ref is None or not isinstance(remote, MessageMedia):
            raise AssertionError("a chat starts when it is prepared, with the peer's message line")
        made_offer = self.setup == ACTPASS  # a call that came in without an offer leaves it to us
        self.ref.insist(Start(remote, is_connecting(made_offer, remote.setup if made_offer else self.setup)))

    def revert(self) -> None:
        """Do nothing: what a chat once agreed on is never renegotiated."""

    def hold(self, is_held: bool) -> None:
        """Do nothing: a chat goes on while the session is on hold."""

    def stop(self, output: StopStream) -> None:
        """End the chat."""
        if self.ref is not None:
            self.ref.insist(End())
            if not output.linger:
                self.ref.insist(ConnectionLost(True, "the session has ended"))

    def bury(self, reason: str) -> None:
        """Account for a chat that crashed too often as for one whose connection broke."""
        if self.listener is not None:
            bury(self.chat, self.listener, self.port, reason)


def bury(chat: MSRPChat, listener: MSRPListener, port: MSRPRelayPort | None, reason: str) -> None:
    """Account for a chat that crashed too often as for one whose connection broke."""
    ref = chat.ref
    if ref is None or chat.has_ended:
        return
    line, outputs = take(ref.state, chats.connection_lost, False, reason)
    for output in outputs or (Ended(),):  # one that had ended crashed before it could say so
        name = _TOLD.get(type(output))
        if name is not None:
            chat.notify(name, output)
    for stream in (line.stream, None if line.early is None else line.early.stream):
        if stream is not None:
            stream.close()
    if port is not None:
        port.lose(True, reason)
    listener.forget(own_session_id(line.chat.session.local_path[-1]))


def chat_line(
    listener: MSRPListener, host: str, chat: MSRPChat, offer: MessageMedia | None
) -> tuple[chats.Chat, MessageMedia]:
    """Make the core of a chat and the line that describes it at `host`, the answer to `offer` if there is one."""
    scheme = "msrps" if listener.tls else "msrp"
    path = f"{scheme}://{bracketed(host)}:{listener.port}/{urandom(10).hex()};tcp"
    core = chats.create(
        (path,),
        urandom(4).hex(),
        chat.accept_types,
        chat.accept_wrapped_types,
        addresses=(cpim_address(chat.from_uri), cpim_address(chat.to_uri)),
        chatroom=chat.chatroom_capabilities,
    )
    media = MessageMedia(
        path=(path,),
        accept_types=chat.accept_types,
        accept_wrapped_types=chat.accept_wrapped_types,
        setup=ACTPASS if offer is None else choose_setup(offer.setup),
        fingerprint=listener.fingerprint,
        protocol=TLS if listener.tls else TCP,
        port=listener.port,
        max_size=MAX_MESSAGE_BYTES,
        chatroom=chat.chatroom_capabilities or None,
        cema=offer is None or offer.cema,
    )
    return core, media
