"""Presence documents: `application/pidf+xml` with the data model's persons and devices.

RFC: 3863 4; 4479 3, 5; 4480.
"""

from __future__ import annotations

from typing import Self

from sipsimple.protocols.payloads.notes import Note, read_notes, written_notes
from sipsimple.protocols.payloads.reading import (
    Attributes,
    is_leaf,
    leaf,
    required,
    root_of,
    take,
    unknown,
    written,
)
from sipsimple.protocols.payloads.rpid import Statement, UserInput, read_rich, written_rich
from sipsimple.protocols.payloads.xml import Element
from sipsimple.protocols.values import Value

CONTENT_TYPE = "application/pidf+xml"

_PIDF = "{urn:ietf:params:xml:ns:pidf}"
_MODEL = "{urn:ietf:params:xml:ns:pidf:data-model}"
_DEVICE_ID = f"{_MODEL}deviceID"


class Contact(Value):
    """An address of a tuple; `priority` is from 0 to 1, as it is written."""

    uri: str
    priority: str | None = None


class Tuple(Value):
    """One service of the presentity.

    Attributes:
        id: Unlike that of every other element of the document.
        basic: "open", "closed", or None.
        contact: Where the service is reached.
        statements: What RPID says of it.
        user_input: When the device was last used.
        notes: Text for people.
        timestamp: When the status changed, as of RFC 3339.
        status: What else stands in the status.
        others: What else stands in the tuple.
        attributes: Other attributes.
    """

    id: str
    basic: str | None = None
    contact: Contact | None = None
    statements: tuple[Statement, ...] = ()
    user_input: UserInput | None = None
    notes: tuple[Note, ...] = ()
    timestamp: str | None = None
    status: tuple[Element, ...] = ()
    others: tuple[Element, ...] = ()
    attributes: Attributes = ()


class Person(Value):
    """The presentity as a human being; attributes as of `Tuple`."""

    id: str
    statements: tuple[Statement, ...] = ()
    user_input: UserInput | None = None
    notes: tuple[Note, ...] = ()
    timestamp: str | None = None
    others: tuple[Element, ...] = ()
    attributes: Attributes = ()


class Device(Value):
    """A device of the presentity; `device_id` is a URN, other attributes as of `Tuple`."""

    id: str
    device_id: str | None = None
    statements: tuple[Statement, ...] = ()
    user_input: UserInput | None = None
    notes: tuple[Note, ...] = ()
    timestamp: str | None = None
    others: tuple[Element, ...] = ()
    attributes: Attributes = ()


class Presence(Value):
    """A presence document.

    Attributes:
        entity: The URI of the presentity.
        tuples: Its services.
        notes: Text for people.
        persons: What is said of the human being.
        devices: What is said of devices.
        others: Other elements.
        attributes: Other attributes.
    """

    entity: str
    tuples: tuple[Tuple, ...] = ()
    notes: tuple[Note, ...] = ()
    persons: tuple[Person, ...] = ()
    devices: tuple[Device, ...] = ()
    others: tuple[Element, ...] = ()
    attributes: Attributes = ()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a document.

        Raises:
            RemoteProtocolError: It is none.
        """
        root = root_of(data, f"{_PIDF}presence")
        notes, rest = read_notes(root.elements, _PIDF)
        known = {f"{_PIDF}tuple", f"{_MODEL}person", f"{_MODEL}device"}
        return cls(
            required(root, "entity"),
            tuple([_tuple(each) for each in root.all(f"{_PIDF}tuple")]),
            notes,
            tuple([_person(each) for each in root.all(f"{_MODEL}person")]),
            tuple([_device(each) for each in root.all(f"{_MODEL}device")]),
            tuple([each for each in rest if each.name not in known]),
            unknown(root, {"entity"}),
        )

    def __bytes__(self) -> bytes:
        children = (
            *[_written_tuple(each) for each in self.tuples],
            *written_notes(self.notes, _PIDF),
            *[_written_person(each) for each in self.persons],
            *[_written_device(each) for each in self.devices],
            *self.others,
        )
        return bytes(Element(f"{_PIDF}presence", (("entity", self.entity), *self.attributes), children))


def _tuple(element: Element) -> Tuple:
    status = element.first(f"{_PIDF}status")
    basic, others_of_status = take(() if status is None else status.elements, f"{_PIDF}basic")
    contact = next((each for each in element.all(f"{_PIDF}contact") if is_leaf(each, "priority")), None)
    timestamp, rest = take(element.elements, f"{_PIDF}timestamp")
    notes, rest = read_notes([each for each in rest if each is not status and each is not contact], _PIDF)
    statements, user_input, others = read_rich(rest)
    return Tuple(
        required(element, "id"),
        basic,
        None if contact is None else Contact(contact.text, contact.attribute("priority")),
        statements,
        user_input,
        notes,
        timestamp,
        others_of_status,
        others,
        unknown(element, {"id"}),
    )


def _written_tuple(value: Tuple) -> Element:
    contact = value.contact
    address = () if contact is None else leaf(f"{_PIDF}contact", contact.uri, written(("priority", contact.priority)))
    children = (
        Element(f"{_PIDF}status", (), (*leaf(f"{_PIDF}basic", value.basic), *value.status)),
        *written_rich(value.statements, value.user_input),
        *value.others,
        *address,
        *written_notes(value.notes, _PIDF),
        *leaf(f"{_PIDF}timestamp", value.timestamp),
    )
    return Element(f"{_PIDF}tuple", (("id", value.id), *value.attributes), children)


def _person(element: Element) -> Person:
    timestamp, rest = take(element.elements, f"{_MODEL}timestamp")
    notes, rest = read_notes(rest, _MODEL)
    statements, user_input, others = read_rich(rest)
    attributes = unknown(element, {"id"})
    return Person(required(element, "id"), statements, user_input, notes, timestamp, others, attributes)


def _written_person(value: Person) -> Element:
    children = (
        *written_rich(value.statements, value.user_input),
        *value.others,
        *written_notes(value.notes, _MODEL),
        *leaf(f"{_MODEL}timestamp", value.timestamp),
    )
    return Element(f"{_MODEL}person", (("id", value.id), *value.attributes), children)


def _device(element: Element) -> Device:
    timestamp, rest = take(element.elements, f"{_MODEL}timestamp")
    device_id, rest = take(rest, _DEVICE_ID)
    notes, rest = read_notes(rest, _MODEL)
    statements, user_input, others = read_rich(rest)
    attributes = unknown(element, {"id"})
    return Device(required(element, "id"), device_id, statements, user_input, notes, timestamp, others, attributes)


def _written_device(value: Device) -> Element:
    children = (
        *written_rich(value.statements, value.user_input),
        *value.others,
        *leaf(_DEVICE_ID, value.device_id),
        *written_notes(value.notes, _MODEL),
        *leaf(f"{_MODEL}timestamp", value.timestamp),
    )
    return Element(f"{_MODEL}device", (("id", value.id), *value.attributes), children)
