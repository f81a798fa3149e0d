"""How a transfer begins: the core for an opened file, and what both lines of SDP mean for it. RFC 5547 section 8."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sipsimple.actors.transfer.part import PartFile
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.msrp.transfer import receiving as transfer_receiving
from sipsimple.protocols.msrp.transfer import sending as transfer_sending
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.actors.transfer.line import Setup, Start, Step, TransferLine
    from sipsimple.actors.transfer.source import SourceFile
    from sipsimple.protocols.msrp.transfer.state import Receiving, Sending
    from sipsimple.protocols.sdp.file_attributes import FileAttributes
    from sipsimple.protocols.sdp.media import Media


def opened(line: TransferLine, setup: Setup, media: Media, file: FileAttributes) -> Step:
    """The file is open, and our line is known."""
    path, source = (setup.local_path,), setup.file
    core: Sending | Receiving
    if isinstance(source, PartFile):
        core = transfer_receiving.create(path, setup.seed)
    else:
        size, content_type = source.size or 0, source.content_type
        core = transfer_sending.create(path, setup.seed, size, setup.message_id, content_type)
    return replace(line, core=core, media=media, file=file), ()


def start_arguments(source: SourceFile | PartFile, local: FileAttributes, command: Start) -> dict[str, Any]:
    """What the core is to be started with beside the path.

    Raises:
        WrongFileError: The peer's line is about another file.
        RemoteProtocolError: The range that it asks for is not in the file.
    """
    remote = command.file
    if isinstance(source, PartFile):
        source.learn(remote.selector)
        size = source.selector.size
        if size is not None and source.held > size:
            raise RemoteProtocolError(f"there are {source.held} bytes already of a file that has {size}", 488)
        is_range = local.range is not None and remote.range is not None
        begun = local.range.start - 1 if is_range and local.range is not None else 0
        return {"size": size, "held": source.held, "begun": begun}
    size = source.size or 0
    wanted = remote.range
    if wanted is None:
        return {"asks": local.offset and remote.offset}
    stop = size if wanted.stop is None else wanted.stop
    if wanted.start - 1 > stop or stop > size:
        raise RemoteProtocolError(f"the file has {size} bytes: cannot send {wanted}", 488)
    return {"begun": wanted.start - 1, "stop": stop}


def disk_reason(error: OSError) -> str:
    """What went wrong with the disk, without the path: it is told to the peer's user too, perhaps."""
    return os.strerror(error.errno).lower() if error.errno else str(error).partition(":")[0]
