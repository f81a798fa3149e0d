"""Who watches whom: `application/watcherinfo+xml`.

RFC: 3857 (the event package), 3858 (the document).
"""

from __future__ import annotations

from typing import Self

from sipsimple.protocols.payloads.reading import (
    LANGUAGE,
    Attributes,
    number,
    optional_number,
    required,
    root_of,
    unknown,
    written,
)
from sipsimple.protocols.payloads.xml import Element
from sipsimple.protocols.values import Value

CONTENT_TYPE = "application/watcherinfo+xml"

_INFO = "{urn:ietf:params:xml:ns:watcherinfo}"
_OF_A_WATCHER = frozenset({"id", "status", "event", "display-name", "expiration", "duration-subscribed", LANGUAGE})


class Watcher(Value):
    """One subscription of somebody.

    Attributes:
        uri: Who watches.
        id: Names the subscription.
        status: "pending", "active", "waiting" or "terminated".
        event: What made it so: "subscribe", "approved", "rejected", ...
        display_name: What to call the watcher.
        expiration: Seconds that the subscription has left.
        duration_subscribed: Seconds that it has existed.
        language: Of the name.
        attributes: Other attributes.
    """

    uri: str
    id: str
    status: str
    event: str
    display_name: str | None = None
    expiration: int | None = None
    duration_subscribed: int | None = None
    language: str | None = None
    attributes: Attributes = ()


class WatcherList(Value):
    """The watchers of one resource.

    Attributes:
        resource: Whom they watch.
        package: The event package.
        watchers: Who watches.
        others: Other elements.
        attributes: Other attributes.
    """

    resource: str
    package: str
    watchers: tuple[Watcher, ...] = ()
    others: tuple[Element, ...] = ()
    attributes: Attributes = ()


class WatcherInfo(Value):
    """A document.

    Attributes:
        version: One more in each document; a gap means that some were lost.
        is_full: It tells all watchers, not only what changed.
        lists: The watchers by resource.
        others: Other elements.
        attributes: Other attributes.
    """

    version: int
    is_full: bool = True
    lists: tuple[WatcherList, ...] = ()
    others: tuple[Element, ...] = ()
    attributes: Attributes = ()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a document.

        Raises:
            RemoteProtocolError: It is none.
        """
        root = root_of(data, f"{_INFO}watcherinfo")
        name = f"{_INFO}watcher-list"
        return cls(
            number(required(root, "version"), "version"),
            required(root, "state") == "full",
            tuple([_list(each) for each in root.all(name)]),
            tuple([each for each in root.elements if each.name != name]),
            unknown(root, {"version", "state"}),
        )

    def __bytes__(self) -> bytes:
        attributes = written(("version", self.version), ("state", "full" if self.is_full else "partial"))
        children = (*[_written_list(each) for each in self.lists], *self.others)
        return bytes(Element(f"{_INFO}watcherinfo", (*attributes, *self.attributes), children))


def _list(element: Element) -> WatcherList:
    name = f"{_INFO}watcher"
    return WatcherList(
        required(element, "resource"),
        required(element, "package"),
        tuple([_watcher(each) for each in element.all(name)]),
        tuple([each for each in element.elements if each.name != name]),
        unknown(element, {"resource", "package"}),
    )


def _watcher(element: Element) -> Watcher:
    return Watcher(
        element.text,
        required(element, "id"),
        required(element, "status"),
        required(element, "event"),
        element.attribute("display-name"),
        optional_number(element, "expiration"),
        optional_number(element, "duration-subscribed"),
        element.attribute(LANGUAGE),
        unknown(element, _OF_A_WATCHER),
    )


def _written_list(value: WatcherList) -> Element:
    attributes = (("resource", value.resource), ("package", value.package), *value.attributes)
    children = (*[_written_watcher(each) for each in value.watchers], *value.others)
    return Element(f"{_INFO}watcher-list", attributes, children)


def _written_watcher(value: Watcher) -> Element:
    attributes = written(
        ("id", value.id),
        ("status", value.status),
        ("event", value.event),
        ("display-name", value.display_name),
        ("expiration", value.expiration),
        ("duration-subscribed", value.duration_subscribed),
        (LANGUAGE, value.language),
    )
    return Element(f"{_INFO}watcher", (*attributes, *value.attributes), (value.uri,) if value.uri else ())
