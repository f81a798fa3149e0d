"""What our m=message line says of a file: the offer, or the answer to the peer's. RFC 5547 sections 6 and 8."""

from __future__ import annotations

import secrets
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING

from sipsimple.actors.transfer.part import PartFile, WrongFileError
from sipsimple.api import checking
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp.direction import RECVONLY, SENDONLY
from sipsimple.protocols.sdp.file_attributes import FileAttributes, FileDates, FileRange
from sipsimple.protocols.sdp.file_selector import FileSelector
from sipsimple.protocols.sdp.message_media import ACTPASS, TCP, TLS, MessageMedia, choose_setup
from sipsimple.protocols.sip.grammar import bracketed
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.actors.msrp.listener import MSRPListener
    from sipsimple.actors.transfer.source import SourceFile


def chosen_selector(selector: FileSelector | str) -> FileSelector:
    """Return what an application tells a file by.

    Raises:
        TypeError: It is something else.
        ValueError: It tells no file from others: the peer would take it for any.
    """
    read = FileSelector.parse(selector) if isinstance(selector, str) else selector
    if not str(checking.instance("file_selector", read, FileSelector)):
        raise ValueError(f"file_selector must have a name, type, size or hash, not {selector!r}")
    return read


def own_line(
    listener: MSRPListener, host: str, session_id: str, offer: MessageMedia | None, sends: bool
) -> MessageMedia:
    """Our line, which is reached at `host`, without what it says of the file."""
    scheme = "msrps" if listener.tls else "msrp"
    return MessageMedia(
        path=(f"{scheme}://{bracketed(host)}:{listener.port}/{session_id};tcp",),
        accept_types=("*",),
        setup=ACTPASS if offer is None else choose_setup(offer.setup),
        fingerprint=listener.fingerprint,
        protocol=TLS if listener.tls else TCP,
        port=listener.port,
        direction=SENDONLY if sends else RECVONLY,
        cema=offer is None or offer.cema,
    )


def attributes(file: SourceFile | PartFile, remote: FileAttributes | None) -> FileAttributes:
    """What our line says of an open file: the offer, or the answer to `remote`.

    Raises:
        WrongFileError: The peer wants another file, or a part of it that we cannot take.
    """
    describe = partial(_received, file) if isinstance(file, PartFile) else partial(_sent, file)
    return describe(remote)


def _sent(file: SourceFile, remote: FileAttributes | None) -> FileAttributes:
    mine = FileAttributes(file.selector, disposition="attachment", dates=_dates(file), offset=True)
    if remote is None:
        return replace(mine, transfer_id=secrets.token_hex(16))
    contradiction = file.selector.contradiction(remote.selector)
    if contradiction is not None:
        raise WrongFileError(f"the peer asks for another file: {contradiction}")
    return replace(mine, transfer_id=remote.transfer_id, range=remote.range, offset=remote.offset)


def _received(file: PartFile, remote: FileAttributes | None) -> FileAttributes:
    if remote is None:
        size = file.selector.size
        begun = file.held if size is None else min(file.held, max(size - 1, 0))
        part = FileRange(begun + 1) if begun else None
        return FileAttributes(file.selector, secrets.token_hex(16), range=part, offset=True)
    if remote.range is not None and (
        remote.range.start - 1 > file.held or remote.range.stop not in (None, _size(file))
    ):
        raise WrongFileError(f"there are {file.held} bytes of the file, to go on from {remote.range}")
    return FileAttributes(file.selector, remote.transfer_id, range=remote.range, offset=remote.offset)


def _size(file: PartFile) -> int | None:
    return file.selector.size


def _dates(file: SourceFile) -> FileDates | None:
    return None if file.modified is None else FileDates(modification=formatdate(file.modified, usegmt=True))


def check_direction(direction: str, sends: bool, remote: FileAttributes | None) -> None:
    """Refuse a line that does not fit the transfer."""
    if remote is None:
        raise RemoteProtocolError("the line is about no file", 488)
    if direction != (RECVONLY if sends else SENDONLY):
        raise RemoteProtocolError(f"a {direction} line for a file to {'send' if sends else 'receive'}", 488)
