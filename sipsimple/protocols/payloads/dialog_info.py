"""The dialogs of somebody: `application/dialog-info+xml`.

RFC: 4235 4.
"""

from __future__ import annotations

from typing import Self

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.payloads.reading import (
    Attributes,
    is_leaf,
    leaf,
    number,
    optional_number,
    required,
    root_of,
    take,
    unknown,
    written,
)
from sipsimple.protocols.payloads.xml import Element
from sipsimple.protocols.values import Value

CONTENT_TYPE = "application/dialog-info+xml"

_INFO = "{urn:ietf:params:xml:ns:dialog-info}"
_OF_A_DIALOG = frozenset({"id", "call-id", "local-tag", "remote-tag", "direction"})


class Participant(Value):
    """One side of a dialog.

    Attributes:
        identity: Its URI.
        display: What to call it.
        target: Its Contact.
        others: Other elements, those of the target too.
        attributes: Other attributes.
    """

    identity: str | None = None
    display: str | None = None
    target: str | None = None
    others: tuple[Element, ...] = ()
    attributes: Attributes = ()


class DialogState(Value):
    """One dialog.

    Attributes:
        id: Names it in this and later documents.
        state: "trying", "proceeding", "early", "confirmed" or "terminated".
        call_id: Its Call-ID.
        local_tag: The tag of the one who tells.
        remote_tag: The other's.
        direction: "initiator" or "recipient".
        event: What made the state so: "cancelled", "rejected", "replaced", "local-bye", ...
        code: The status code of that.
        duration: Seconds since it began.
        local: The one who tells.
        remote: The other.
        others: Other elements.
        attributes: Other attributes.
    """

    id: str
    state: str
    call_id: str | None = None
    local_tag: str | None = None
    remote_tag: str | None = None
    direction: str | None = None
    event: str | None = None
    code: int | None = None
    duration: int | None = None
    local: Participant | None = None
    remote: Participant | None = None
    others: tuple[Element, ...] = ()
    attributes: Attributes = ()


class DialogInfo(Value):
    """A document.

    Attributes:
        entity: Whose dialogs they are.
        version: One more in each document; a gap means that some were lost.
        is_full: It tells all dialogs, not only what changed.
        dialogs: The dialogs.
        others: Other elements.
        attributes: Other attributes.
    """

    entity: str
    version: int = 0
    is_full: bool = True
    dialogs: tuple[DialogState, ...] = ()
    others: tuple[Element, ...] = ()
    attributes: Attributes = ()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a document.

        Raises:
            RemoteProtocolError: It is none.
        """
        root = root_of(data, f"{_INFO}dialog-info")
        name = f"{_INFO}dialog"
        return cls(
            required(root, "entity"),
            number(required(root, "version"), "version"),
            required(root, "state") == "full",
            tuple([_dialog(each) for each in root.all(name)]),
            tuple([each for each in root.elements if each.name != name]),
            unknown(root, {"entity", "version", "state"}),
        )

    def __bytes__(self) -> bytes:
        state = "full" if self.is_full else "partial"
        attributes = written(("version", self.version), ("state", state), ("entity", self.entity))
        children = (*[_written(each) for each in self.dialogs], *self.others)
        return bytes(Element(f"{_INFO}dialog-info", (*attributes, *self.attributes), children))


def _dialog(element: Element) -> DialogState:
    state = next((each for each in element.all(f"{_INFO}state") if is_leaf(each, "event", "code")), None)
    if state is None:
        raise RemoteProtocolError("a dialog without a state")
    duration, rest = take(element.elements, f"{_INFO}duration")
    local, remote = element.first(f"{_INFO}local"), element.first(f"{_INFO}remote")
    return DialogState(
        required(element, "id"),
        state.text,
        element.attribute("call-id"),
        element.attribute("local-tag"),
        element.attribute("remote-tag"),
        element.attribute("direction"),
        state.attribute("event"),
        optional_number(state, "code"),
        None if duration is None else number(duration, "duration"),
        None if local is None else _participant(local),
        None if remote is None else _participant(remote),
        tuple([each for each in rest if not any(each is known for known in (state, local, remote))]),
        unknown(element, _OF_A_DIALOG),
    )


def _participant(element: Element) -> Participant:
    rest = element.elements
    identity = next((each for each in rest if each.name == f"{_INFO}identity" and is_leaf(each, "display")), None)
    target = next(
        (each for each in rest if each.name == f"{_INFO}target" and not each.children and is_leaf(each, "uri")), None
    )
    return Participant(
        None if identity is None else identity.text,
        None if identity is None else identity.attribute("display"),
        None if target is None else target.attribute("uri"),
        tuple([each for each in rest if each is not identity and each is not target]),
        element.attributes,
    )


def _written(value: DialogState) -> Element:
    attributes = written(
        ("id", value.id),
        ("call-id", value.call_id),
        ("local-tag", value.local_tag),
        ("remote-tag", value.remote_tag),
        ("direction", value.direction),
    )
    duration = None if value.duration is None else str(value.duration)
    children = (
        *leaf(f"{_INFO}state", value.state, written(("event", value.event), ("code", value.code))),
        *leaf(f"{_INFO}duration", duration),
        *_written_participant("local", value.local),
        *_written_participant("remote", value.remote),
        *value.others,
    )
    return Element(f"{_INFO}dialog", (*attributes, *value.attributes), children)


def _written_participant(name: str, value: Participant | None) -> tuple[Element, ...]:
    if value is None:
        return ()
    display = written(("display", value.display))
    target = () if value.target is None else (Element(f"{_INFO}target", (("uri", value.target),)),)
    children = (*leaf(f"{_INFO}identity", value.identity, display), *target, *value.others)
    return (Element(f"{_INFO}{name}", value.attributes, children),)
