"""Descriptions as peers and streams write them."""

from __future__ import annotations

from sipsimple.protocols.sdp.media import Media
from sipsimple.protocols.sdp.message_media import MessageMedia


def line_of(kind: str, port: int = 4000) -> Media:
    if kind == "audio":
        return audio_media(port)
    port = port + 1 if port != 4000 else 2855
    return file_media(port) if kind.startswith("file") else chat_media(port)


def audio_media(port: int = 4000, direction: str | None = None, address: str = "192.0.2.9", *more: str) -> Media:
    """Return an audio line as a worker writes it."""
    lines = [f"m=audio {port} RTP/AVP 0 8 101", f"c=IN IP4 {address}", "b=AS:84", f"a=rtcp:{port + 1} IN IP4 {address}"]
    lines += ["a=rtpmap:101 telephone-event/8000", "a=ssrc:1 cname:x", *more, f"a={direction or 'sendrecv'}"]
    return Media.parse(lines)


def chat_media(port: int = 2855, protocol: str = "TCP/MSRP", **attributes: str | bool) -> Media:
    scheme = "msrps" if "TLS" in protocol else "msrp"
    path = (f"{scheme}://192.0.2.9:{port or 2855}/s1;tcp",)
    return MessageMedia(path, ("message/cpim", "text/*"), port=port, protocol=protocol, **attributes).to_media()


def file_media(port: int = 2855, name: str = "a.txt") -> Media:
    """Return a line that offers a file; with another port it is that of the receiver."""
    direction = "sendonly" if port == 2855 else "recvonly"
    return chat_media(port, file_selector=f'name:"{name}" size:3', direction=direction)


def sdp(*lines: str, version: int = 1) -> bytes:
    """Return a description with these media lines, a usable chat by default."""
    chosen = lines or (str_of(chat_media()),)
    head = f"v=0\r\no=- 7 {version} IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
    return (head + "".join(chosen)).encode()


def str_of(media: Media) -> str:
    return "\r\n".join([*media.lines(), ""])
