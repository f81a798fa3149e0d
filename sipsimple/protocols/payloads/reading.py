"""From elements to typed values and back: what all documents do alike.

What a document's type does not know is kept as elements and written back
behind what it knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.payloads.xml import XML, Element, parse_xml

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

Attributes: TypeAlias = tuple[tuple[str, str], ...]

LANGUAGE = f"{{{XML}}}lang"


def root_of(data: bytes, name: str) -> Element:
    """Read a document whose root is called `name`.

    Raises:
        RemoteProtocolError: It is no such document.
    """
    root = parse_xml(data)
    if root.name != name:
        raise RemoteProtocolError(f"a document of {root.name[:80]!r}, not of {name!r}")
    return root


def required(element: Element, name: str) -> str:
    """Return the value of an attribute that must be there."""
    value = element.attribute(name)
    if value is None:
        raise RemoteProtocolError(f"{element.name[:80]} without {name}")
    return value


def number(text: str, what: str) -> int:
    """Read a number without sign; one that no counter reaches is refused."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise RemoteProtocolError(f"{what} is no number: {text[:40]!r}")
    return int(text)


def optional_number(element: Element, name: str) -> int | None:
    """Read the number that an attribute holds, if it is there."""
    value = element.attribute(name)
    return None if value is None else number(value, name)


def written(*pairs: tuple[str, object | None]) -> Attributes:
    """Return the attributes that have a value."""
    return tuple([(name, str(value)) for name, value in pairs if value is not None])


def unknown(element: Element, known: Container[str]) -> Attributes:
    """Return the attributes that `known` lacks."""
    return tuple([each for each in element.attributes if each[0] not in known])


def leaf(name: str, text: str | None, attributes: Attributes = ()) -> tuple[Element, ...]:
    """Return the element that holds nothing but `text`, or nothing for None."""
    return () if text is None else (Element(name, attributes, (text,) if text else ()),)


def is_leaf(element: Element, *attributes: str) -> bool:
    """Tell whether an element holds nothing but text, and no attributes but these."""
    return not element.elements and all(name in attributes for name, _ in element.attributes)


def take(elements: Iterable[Element], name: str) -> tuple[str | None, tuple[Element, ...]]:
    """Return the text of the first plain leaf called `name`, and the elements without it."""
    found: str | None = None
    left = []
    for each in elements:
        if found is None and each.name == name and is_leaf(each):
            found = each.text
        else:
            left.append(each)
    return found, tuple(left)
