"""A chat without a session: applications that do their own signalling make it, describe it, and start it.

It has a supervisor of its own under the engine, and posts its notifications in an order of its own.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from sipsimple.actors.chat.line import Line, Start
from sipsimple.actors.runtime import AutoShutdown, Ref, Restart, SupervisorSpec
from sipsimple.api import checking
from sipsimple.api.advertising import media_host
from sipsimple.api.chat.stream import CHAT_CHILD, RELAYED_CHILD, bury, chat_line
from sipsimple.api.engine.engine import Engine
from sipsimple.api.host import reachable_ip
from sipsimple.api.relaying import plan_through
from sipsimple.api.session.manager import SessionManager
from sipsimple.api.telling import insist
from sipsimple.errors import LocalProtocolError, MSRPChatError, RemoteProtocolError, TransportFailed
from sipsimple.protocols.msrp.outputs import Ended, Failed
from sipsimple.protocols.sdp.media import Media
from sipsimple.protocols.sdp.message_media import PASSIVE, MessageMedia, is_connecting
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipsimple.actors.msrp.listener import MSRPListener
    from sipsimple.actors.msrp.relay_port import MSRPRelayPort
    from sipsimple.actors.runtime import GivenUp
    from sipsimple.api.chat.chat import MSRPChat
    from sipsimple.api.engine.core import Core
    from sipsimple.api.notification.delivery import Item
    from sipsimple.api.notification.notification import NotificationData

BUDGET, PERIOD = 3, 30.0
_numbers = count(1)


class Alone:
    """Stands where the session of a chat would: it posts what the chat tells.

    Attributes:
        is_begun: The chat was told to start.
    """

    has_ended = True  # nobody is told of messages but by the chat

    def __init__(self, core: Core) -> None:
        self._queue = core.delivery.queue()
        self.is_begun = False

    def post(self, sender: object, name: str, data: NotificationData) -> None:
        """Post a notification of the chat."""
        self._queue.post(sender, name, data)

    @property
    def waiting(self) -> Sequence[Item]:
        """What no observer was told yet."""
        return self._queue.waiting

    def detach_stream(self, chat: object) -> None:
        """Do nothing: the chat ends by itself."""


def initialize(chat: MSRPChat, ip: str | None, port: int | None, use_tls: bool) -> None:
    """Make the actor of a chat; from any thread.

    Raises:
        SIPCoreError: The engine is not running.
    """
    ip, port = checking.ip_or_none("ip", ip), checking.port_or_none("port", port)
    use_tls = checking.boolean("use_tls", use_tls)
    core = Engine().core
    chat.belong_to(Alone(core))
    sounds = SessionManager().ringtone_config
    chat.attach_sound(core.sound, sounds.message_received_sound, sounds.message_sent_sound)
    core.system.call(_begin, core, chat, ip, port, use_tls)


def _begin(core: Core, chat: MSRPChat, ip: str | None, port: int | None, use_tls: bool) -> None:
    try:
        _start_actor(core, chat, ip, port, use_tls)
    except (MSRPChatError, TransportFailed, LocalProtocolError) as error:
        chat.notify("MSRPChatDidFail", Failed("initialize", error.reason))
        chat.notify("MSRPChatDidEnd", Ended())


def _start_actor(core: Core, chat: MSRPChat, ip: str | None, port: int | None, use_tls: bool) -> None:
    listener = core.listeners.get(reachable_ip(ip or core.host), port, use_tls)
    line, media = chat_line(listener, media_host(core.options, listener.host, None), chat, None)
    if not chat.outgoing:
        media = dataclasses.replace(media, setup=PASSIVE)
    described = media.to_media()
    plan = None
    if chat.relay:
        configuration, describe = SessionManager().msrp_config, partial(_describe, chat)
        plan = plan_through(chat.relay, configuration, core.options, media.path[-1], describe)
    child = CHAT_CHILD if plan is None else RELAYED_CHILD
    port_at_relay = None if plan is None else plan.port
    traces = core.options.trace_msrp
    arguments = (Line(line), described, plan or listener, None, chat.notify, (), traces, chat.lags)
    spec = SupervisorSpec(
        f"chat-{next(_numbers)}",
        intensity=BUDGET,
        period=PERIOD,
        auto_shutdown=AutoShutdown.ANY_SIGNIFICANT,
        children=(replace(child, args=arguments),),
        restart=Restart.TEMPORARY,
        when_given_up=partial(_give_up, chat, listener, port_at_relay),
    )
    ref = core.system.root.start_child(spec).child(child.id)
    assert isinstance(ref, Ref), "a supervisor begins with its children"
    chat.attach(ref, described if plan is None else None)


def _describe(chat: MSRPChat, media: Media) -> None:
    if chat.ref is not None:
        chat.attach(chat.ref, media)


def _give_up(chat: MSRPChat, listener: MSRPListener, port: MSRPRelayPort | None, _report: GivenUp) -> None:
    bury(chat, listener, port, "the chat's actor crashed too often")


def start(chat: MSRPChat, ref: Ref, remote_media: Media) -> None:
    """Connect with the peer's line, or wait for its connection."""
    if not isinstance(remote_media, Media):
        raise TypeError(f"remote_media must be the m=message line of the peer, not {type(remote_media).__name__}")
    try:
        remote = MessageMedia.from_media(remote_media)
    except RemoteProtocolError as error:
        chat.notify("MSRPChatDidFail", Failed("sdp_negotiation", error.reason))
        chat.end()
        return
    answered = remote.setup if chat.outgoing else PASSIVE
    insist(ref, Start(remote, is_connecting(chat.outgoing, answered)))
