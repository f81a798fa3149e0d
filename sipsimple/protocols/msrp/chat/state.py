"""The state of a chat: its MSRP session, what each side takes, and what is under way beside the messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from immutables import Map

from sipsimple.protocols import is_composing
from sipsimple.protocols.is_composing import Composer, Watch
from sipsimple.protocols.msrp.content_types import CPIM, accepts
from sipsimple.protocols.msrp.state import Outputs
from sipsimple.protocols.values import Discreet, Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols import imdn
    from sipsimple.protocols.msrp.chat.draft import Draft
    from sipsimple.protocols.msrp.message import MSRPData
    from sipsimple.protocols.msrp.state import Session, State

ACCEPT_TYPES = ("message/cpim", "text/*", is_composing.CONTENT_TYPE)
ACCEPT_WRAPPED_TYPES = ("*",)


class Media(Value):
    """What each side takes; what is said of the peer is empty until its SDP is known.

    Attributes:
        local_address: We, in the wrapper of what is sent without the application: a URI, or `cpim.format_address`.
        remote_address: Likewise the remote party.
        chatroom: What this side can do as a chat room; empty: it is none.
        remote_chatroom: Likewise the peer; None: it is none.
        remote_max_size: Most bytes of a message that the peer takes; None: it does not say.
        wraps: Messages are wrapped in CPIM: the peer takes `message/cpim`.
        remote_types: What the peer takes the way we send it, wrapped or not.
    """

    accept_types: tuple[str, ...] = ACCEPT_TYPES
    accept_wrapped_types: tuple[str, ...] = ACCEPT_WRAPPED_TYPES
    remote_accept_types: tuple[str, ...] = ()
    local_address: str = ""
    remote_address: str = ""
    chatroom: tuple[str, ...] = ()
    remote_chatroom: tuple[str, ...] | None = None
    remote_max_size: int | None = None
    wraps: bool = False
    remote_types: tuple[str, ...] = ()

    def of_peer(
        self,
        accept_types: tuple[str, ...],
        accept_wrapped_types: tuple[str, ...],
        max_size: int | None,
        chatroom: tuple[str, ...] | None,
    ) -> Media:
        """The same with what the peer's SDP says."""
        wraps = accepts(accept_types, CPIM)
        return replace(
            self,
            remote_accept_types=accept_types,
            remote_max_size=max_size,
            remote_chatroom=chatroom,
            wraps=wraps,
            remote_types=accept_wrapped_types + accept_types if wraps else accept_types,
        )


class Features(Discreet):
    """What is under way beside the messages.

    Attributes:
        composer: What the peer was told of our writing.
        watch: Who writes at the far end.
        displays: What senders asked to be told of messages that are not displayed yet, the oldest first.
        nicknames: What was asked of the chat room, by the id of the transaction.
        wanted: What participants asked of us, likewise.
    """

    HIDDEN = ("wanted",)

    composer: Composer = Composer()
    watch: Watch = Watch()
    displays: tuple[imdn.Request, ...] = ()
    nicknames: Map[str, str] = Map()
    wanted: Map[str, MSRPData] = Map()


NOTHING = Features()


class Chat(Discreet):
    """One chat.

    Attributes:
        session: The MSRP session under it.
        waiting: Messages that wait for the start, by their id.
    """

    HIDDEN = ("waiting",)

    session: Session
    media: Media
    waiting: Map[str, Draft]
    features: Features = NOTHING

    @property
    def state(self) -> State:
        """The state of the session."""
        return self.session.state

    @property
    def cpim_enabled(self) -> bool:
        """Messages are wrapped in CPIM: the peer takes `message/cpim`."""
        return self.media.wraps


Step = tuple[Chat, Outputs]
