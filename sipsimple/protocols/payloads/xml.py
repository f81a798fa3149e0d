"""XML as a value: read within limits, kept whole, written back.

A peer's document may be a bomb: entities, external references and document
types are refused, so are documents that are too large or too deep. Names are
in James Clark's notation, `{namespace}local`. Comments, processing
instructions and the white space between elements are not kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from defusedxml.ElementTree import DefusedXMLParser, ParseError

from sipsimple.errors import LocalProtocolError, RemoteProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_BYTES = 1 << 20
"""Most bytes of one document."""
MAX_DEPTH = 64
"""Elements may stand so deep within each other."""
MAX_ELEMENTS = 20_000
"""Most elements of one document."""

XML = "http://www.w3.org/XML/1998/namespace"
PREFIXES = {
    "urn:ietf:params:xml:ns:pidf": "pidf",
    "urn:ietf:params:xml:ns:pidf:data-model": "dm",
    "urn:ietf:params:xml:ns:pidf:rpid": "rpid",
}
"""The customary prefixes of namespaces, for documents of ours."""
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_OF_A_NAME = re.compile(r"[\s<>&\"'/={}:;,!?()\[\]]|^[-.\d]|^$")
_LINE_ENDS = {"\r": "&#13;"}
_IN_ATTRIBUTES = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


@dataclass(frozen=True, slots=True)
class Element:
    """One element.

    Attributes:
        name: In Clark notation.
        attributes: Names, likewise, and values.
        children: Elements and the text between them.
        namespaces: Prefixes that it declares; for the way it is written only.
    """

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Element | str, ...] = ()
    namespaces: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def elements(self) -> tuple[Element, ...]:
        """The children that are elements."""
        return tuple([each for each in self.children if isinstance(each, Element)])

    @property
    def text(self) -> str:
        """The text directly within, without white space around it."""
        return "".join([each for each in self.children if isinstance(each, str)]).strip()

    def attribute(self, name: str) -> str | None:
        """Return the value of an attribute, None where there is none."""
        return next((value for each, value in self.attributes if each == name), None)

    def all(self, name: str) -> tuple[Element, ...]:
        """Return the children called `name`."""
        return tuple([each for each in self.elements if each.name == name])

    def first(self, name: str) -> Element | None:
        """Return the first child called `name`."""
        return next((each for each in self.elements if each.name == name), None)

    def __bytes__(self) -> bytes:
        return (_HEAD + "".join(_written(self, {"": "", "xml": XML}, 1)) + "\n").encode()


def parse_xml(data: bytes) -> Element:
    """Read a document.

    Raises:
        RemoteProtocolError: It is no XML, has a document type, or is too large or too deep.
    """
    if len(data) > MAX_BYTES:
        raise RemoteProtocolError(f"an XML document of {len(data)} bytes", 413)
    parser = DefusedXMLParser(target=_Builder(), forbid_dtd=True)
    try:
        parser.feed(data)
        root = parser.close()
    except (ParseError, ValueError, LookupError) as error:  # a document type is a ValueError, an encoding either
        raise RemoteProtocolError(f"no XML that can be read: {type(error).__name__}") from error
    assert isinstance(root, Element), "a document that was read has a root"
    return root


@dataclass(slots=True)
class _Open:
    """An element whose end was not read yet."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    namespaces: tuple[tuple[str, str], ...]
    children: list[Element | str] = field(default_factory=list)

    def closed(self) -> Element:
        children = self.children
        if any(isinstance(each, Element) for each in children):
            children = [each for each in children if isinstance(each, Element) or each.strip()]
        return Element(self.name, self.attributes, tuple(children), self.namespaces)


class _Builder:
    """Makes elements of what the parser finds."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._declared: list[tuple[str, str]] = []
        self._texts: list[str] = []
        self._count = 0
        self._root: Element | None = None

    def start_ns(self, prefix: str | None, uri: str | None) -> None:
        self._declared.append((prefix or "", uri or ""))

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise RemoteProtocolError("an XML document with too many elements", 413)
        self._end_text()
        self._open.append(_Open(name, tuple(attributes.items()), tuple(self._declared)))
        self._declared.clear()

    def data(self, text: str) -> None:
        self._texts.append(text)

    def _end_text(self) -> None:
        if self._texts and self._open:
            self._open[-1].children.append("".join(self._texts))
        self._texts.clear()

    def end(self, _name: str) -> None:
        self._end_text()
        element = self._open.pop().closed()
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element

    def close(self) -> Element | None:
        return self._root


def _written(element: Element, scope: dict[str, str], depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise LocalProtocolError(f"more than {MAX_DEPTH} elements within each other")
    outer, scope = scope, {**scope, **dict(element.namespaces)}
    name = _qualified(element.name, scope, attribute=False)
    attributes = [(_qualified(each, scope, attribute=True), value) for each, value in element.attributes]
    declared = [(prefix, uri) for prefix, uri in scope.items() if outer.get(prefix) != uri]
    yield f"<{name}"
    for prefix, uri in declared:
        yield f" xmlns{':' if prefix else ''}{prefix}={_quoted(uri)}"
    for each, value in attributes:
        yield f" {each}={_quoted(value)}"
    if not element.children:
        yield "/>"
        return
    yield ">"
    for child in element.children:
        if isinstance(child, Element):
            yield from _written(child, scope, depth + 1)
        else:
            yield _escaped(_checked(child), _LINE_ENDS)
    yield f"</{name}>"


def _qualified(name: str, scope: dict[str, str], *, attribute: bool) -> str:
    """Return the name with its prefix; one that the namespace lacks is added to `scope`."""
    uri, _, local = name[1:].rpartition("}") if name[:1] == "{" else ("", "", name)
    if _NOT_OF_A_NAME.search(_checked(local)):
        raise LocalProtocolError(f"not a name in XML: {name[:40]!r}")
    if not uri:
        if not attribute and scope.get(""):
            scope[""] = ""
        return local
    if not attribute and scope.get("") == uri:
        return local
    prefix = next((each for each, known in scope.items() if known == uri and each), None)
    if prefix is None:
        prefix = _new_prefix(uri, scope, attribute=attribute)
        scope[prefix] = uri
    return f"{prefix}:{local}" if prefix else local


def _new_prefix(uri: str, scope: dict[str, str], *, attribute: bool) -> str:
    if not attribute and len(scope) == 2:
        return ""  # the root's own namespace is the default one
    wanted = PREFIXES.get(uri)
    if wanted is not None and wanted not in scope:
        return wanted
    return next(each for each in (f"ns{number}" for number in count(1)) if each not in scope)


def _quoted(text: str) -> str:
    escaped = _escaped(_checked(text), _IN_ATTRIBUTES).replace('"', "&quot;")
    return f'"{escaped}"'


def _escaped(text: str, more: Mapping[str, str]) -> str:
    """Escape; `xml.sax.saxutils` would, but loads sockets."""
    for character, reference in ({"&": "&amp;", "<": "&lt;", ">": "&gt;"} | dict(more)).items():
        text = text.replace(character, reference)
    return text


def _checked(text: Any) -> str:
    if not isinstance(text, str) or _FORBIDDEN.search(text):
        raise LocalProtocolError(f"text that XML cannot carry: {str(text)[:40]!r}")
    return text
