"""Shapes of bytes that many cases send."""

from __future__ import annotations

from typing import Any

from sipsimple.testing.msrp.case import Case, Level, Send, Step

TEXT = "text/plain;charset=utf-8"
EVERY_OCTET = bytes(range(256))


def lines(t: str, method: str, *headers: str) -> bytes:
    """A start line and header lines, without the end of the head."""
    return "\r\n".join([f"MSRP {_tid(t)} {method}", *headers]).encode("utf-8", "surrogateescape")


def _tid(t: str) -> str:
    """The placeholder `[[t1]]` for `t1`; other text stands for itself."""
    return f"[[{t}]]" if t[1:].isdigit() and t[0] == "t" and len(t) < 4 else t


def closing(t: str, flag: str = "$") -> bytes:
    """The end-line."""
    return f"-------{_tid(t)}{flag}\r\n".encode()


def request(
    t: str = "t1",
    method: str = "SEND",
    *,
    m: str | None = "m1",
    to: str | None = "[[to]]",
    frm: str | None = "[[from]]",
    span: str | None = None,
    success: str | None = None,
    failure: str | None = None,
    extra: tuple[str, ...] = (),
    kind: str | None = TEXT,
    body: bytes | None = b"hello",
    flag: str = "$",
) -> bytes:
    """One chunk; what is None is left out. Without `span` the Byte-Range is that of the whole body."""
    size = len(body or b"")
    headers = [
        f"To-Path: {to}" if to else None,
        f"From-Path: {frm}" if frm else None,
        f"Message-ID: [[{m}]]" if m else None,
        None if span == "" else f"Byte-Range: {span or f'1-{size}/{size}'}",
        f"Success-Report: {success}" if success else None,
        f"Failure-Report: {failure}" if failure else None,
        *extra,
        f"Content-Type: {kind}" if kind and body is not None else None,
    ]
    head = lines(t, method, *(each for each in headers if each is not None))
    content = b"\r\n" if body is None else b"\r\n\r\n" + body + b"\r\n"
    return head + content + closing(t, flag)


def send(t: str = "t1", *, pieces: int = 0, on: str = "a", **options: Any) -> Send:
    """A step that writes one chunk; the options are those of `request`."""
    return Send(request(t, **options), pieces, on)


def several(*chunks: bytes, pieces: int = 0, on: str = "a") -> Send:
    """A step that writes several chunks in one go."""
    return Send(b"".join(chunks), pieces, on)


def report(t: str, m: str, *, status: str = "000 200 OK", span: str = "1-5/5", to: str = "[[to]]") -> bytes:
    """A REPORT of ours."""
    return request(t, "REPORT", m=m, to=to, span=span, extra=(f"Status: {status}",), body=None)


def cpim(content: bytes, *headers: str, kind: str = "text/plain;charset=utf-8", inner: tuple[str, ...] = ()) -> bytes:
    """A CPIM message with these message headers; From and To by default."""
    given = headers or ("From: <sip:alice@example.com>", "To: <sip:bob@example.com>", "DateTime: 2026-11-22T19:12:55Z")
    head = "\r\n".join(given) + "\r\n\r\n" + "\r\n".join([*inner, f"Content-Type: {kind}"]) + "\r\n\r\n"
    return head.encode() + content


def must(id_: str, rule: str, *steps: Step, **options: Any) -> Case:
    """A case that proves a MUST."""
    return Case(id_, rule, steps, **options)


def should(id_: str, rule: str, *steps: Step, **options: Any) -> Case:
    """A case that proves a SHOULD, or what every sound peer does though no word says so."""
    return Case(id_, rule, steps, Level.SHOULD, **options)
