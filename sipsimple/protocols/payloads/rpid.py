"""Rich presence: what a person does and how, in words that programs know.

RFC: 4480 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.payloads.notes import Note, read_notes, written_notes
from sipsimple.protocols.payloads.reading import Attributes, is_leaf, unknown, written
from sipsimple.protocols.payloads.xml import Element
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

_RPID = "{urn:ietf:params:xml:ns:pidf:rpid}"

KINDS = ("activities", "mood", "place-type", "privacy", "relationship", "service-class", "sphere")
"""The elements that list words."""
TEXTS = ("class", "status-icon", "time-offset")
"""The elements that hold one text."""

_USER_INPUT = f"{_RPID}user-input"
_INPUT_ATTRIBUTES = ("last-input", "idle-threshold", "id")
_TIMES = {"from", "until"}


class Statement(Value):
    """One thing said of a person, a service or a device.

    Attributes:
        kind: One of KINDS or TEXTS.
        words: Of a kind that lists words: `("busy", "meeting")`.
        text: Of a kind that holds a text.
        notes: Text for people.
        since: It holds from this time on, as of RFC 3339.
        until: And as long as this.
        others: What else stands in it.
        attributes: Other attributes.
    """

    kind: str
    words: tuple[str, ...] = ()
    text: str | None = None
    notes: tuple[Note, ...] = ()
    since: str | None = None
    until: str | None = None
    others: tuple[Element, ...] = ()
    attributes: Attributes = ()


class UserInput(Value):
    """Whether the device is in use: "active" or "idle".

    Attributes:
        state: The word.
        last_input: When it was last used, as of RFC 3339.
        idle_threshold: It is idle after so many seconds, as it is written.
        id: Of the element.
    """

    state: str
    last_input: str | None = None
    idle_threshold: str | None = None
    id: str | None = None


def read_rich(
    elements: Iterable[Element],
) -> tuple[tuple[Statement, ...], UserInput | None, tuple[Element, ...]]:
    """Return what RPID says among `elements`, and the others."""
    statements: list[Statement] = []
    user_input: UserInput | None = None
    others: list[Element] = []
    for each in elements:
        kind = each.name.removeprefix(_RPID) if each.name.startswith(_RPID) else ""
        if kind in KINDS and not each.text:
            statements.append(_words(kind, each))
        elif kind in TEXTS and not each.elements:
            statements.append(_text(kind, each))
        elif user_input is None and each.name == _USER_INPUT and is_leaf(each, *_INPUT_ATTRIBUTES):
            user_input = UserInput(each.text, *[each.attribute(name) for name in _INPUT_ATTRIBUTES])
        else:
            others.append(each)
    return tuple(statements), user_input, tuple(others)


def written_rich(statements: Iterable[Statement], user_input: UserInput | None) -> tuple[Element, ...]:
    """Return the elements that say this."""
    elements = [_written(each) for each in statements]
    if user_input is not None:
        values = user_input.last_input, user_input.idle_threshold, user_input.id
        attributes = written(*zip(_INPUT_ATTRIBUTES, values, strict=True))
        elements.append(Element(_USER_INPUT, attributes, (user_input.state,) if user_input.state else ()))
    return tuple(elements)


def _words(kind: str, element: Element) -> Statement:
    notes, rest = read_notes(element.elements, _RPID)
    is_word = {id(each): each.name.startswith(_RPID) and not each.attributes and not each.children for each in rest}
    return Statement(
        kind,
        tuple([each.name.removeprefix(_RPID) for each in rest if is_word[id(each)]]),
        None,
        notes,
        element.attribute("from"),
        element.attribute("until"),
        tuple([each for each in rest if not is_word[id(each)]]),
        unknown(element, _TIMES),
    )


def _text(kind: str, element: Element) -> Statement:
    return Statement(
        kind,
        text=element.text,
        since=element.attribute("from"),
        until=element.attribute("until"),
        attributes=unknown(element, _TIMES),
    )


def _written(statement: Statement) -> Element:
    attributes = (*written(("from", statement.since), ("until", statement.until)), *statement.attributes)
    children: tuple[Element | str, ...] = (
        *written_notes(statement.notes, _RPID),
        *[Element(f"{_RPID}{word}") for word in statement.words],
        *statement.others,
    )
    return Element(f"{_RPID}{statement.kind}", attributes, (statement.text,) if statement.text else children)
