"""The file transfers of a session: those it was given, those its peer proposes, and which of them can begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api.session.facts import SessionFacts
from sipsimple.api.transfer.transfer import MSRPFileTransfer
from sipsimple.protocols.sip.usage.streams import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sipsimple.api.notification.notification import NotificationData
    from sipsimple.protocols.sdp.media import Media


class FileFacts(SessionFacts):
    """What a session knows of its files; each is known by the name of its stream, `file-1`, which no other ever has."""

    def __init__(self) -> None:
        super().__init__()
        self._files: tuple[tuple[str, MSRPFileTransfer], ...] = ()
        self._named = 0

    @property
    def files(self) -> list[MSRPFileTransfer]:
        """The file transfers that the session has, running or being set up; a new list each time."""
        call = self.call
        return [] if call is None else [transfer for kind, transfer in self._files if call.has(kind)]

    @property
    def proposed_files(self) -> list[MSRPFileTransfer]:
        """Those that wait for an answer, of the INVITE or of a proposal, ours or the peer's; a new list each time."""
        call = self.call
        if call is None:
            return []
        return [transfer for kind, transfer in self._files if kind in call.proposal or call.proposes(kind)]

    def file_of(self, kind: str) -> MSRPFileTransfer:
        """Return the transfer that a stream of this name carries; the engine calls this."""
        return next(transfer for each, transfer in self._files if each == kind)

    def post_of_file(self, sender: object, name: str, data: NotificationData) -> None:
        """Post a notification of a transfer of this session."""
        raise NotImplementedError

    def _adopt(self, files: tuple[MSRPFileTransfer, ...]) -> tuple[str, ...]:
        """Take transfers in that this side proposes, and return the names of their streams."""
        named = []
        for transfer in files:
            self._named += 1
            transfer.belong_to(self.post_of_file)
            named.append((f"{lines.FILE}-{self._named}", transfer))
        self._files += tuple(named)
        return tuple([kind for kind, _ in named])

    def _disown(self, files: Iterable[MSRPFileTransfer]) -> None:
        """Give transfers back of which nothing came."""
        gone = tuple(files)
        for transfer in gone:
            transfer.belong_to(None)
        self._files = tuple([each for each in self._files if each[1] not in gone])

    def _note_files(self, told: Mapping[str, Media | None]) -> list[MSRPFileTransfer]:
        """Return the transfers that a notification is about; those of the peer are made when it is told of them."""
        if not told:
            return []
        local, remote = self.local_uri, self.remote_uri
        known = dict(self._files)
        for kind, media in told.items():
            if kind not in known and media is not None and local is not None and remote is not None:
                known[kind] = transfer = MSRPFileTransfer(local, remote, False)
                transfer.be_offered(media)
        self._files = tuple(known.items())
        return [known[kind] for kind in told if kind in known]

    def _forget_files(self, *, all_of_them: bool = False) -> None:
        """Forget what the peer proposed and nobody took; at the end of the session also what was to be proposed."""
        call = self.call
        kept = []
        for kind, transfer in self._files:
            if all_of_them and transfer.is_taken:
                transfer.give_up("the session has ended")
            elif transfer.is_taken or (call is not None and call.stream(kind) is not None):
                kept.append((kind, transfer))
        self._files = () if all_of_them else tuple(kept)

    def _has_place(self, transfer: MSRPFileTransfer) -> bool:
        """Tell whether a transfer has all that it needs to begin."""
        if transfer.sends:
            return transfer.file_path is not None
        return transfer.save_directory is not None or self.msrp_config.save_directory is not None

    def _to_propose(self, files: Iterable[MSRPFileTransfer]) -> tuple[MSRPFileTransfer, ...]:
        """Check transfers that this side is to propose.

        Raises:
            TypeError: One is no MSRPFileTransfer.
            ValueError: One cannot be proposed, or not again.
        """
        chosen = _transfers(files)
        for each in chosen:
            if not each.outgoing:
                raise ValueError(f"a transfer that is proposed must be outgoing: {each}")
            if each.is_taken:
                raise ValueError(f"a transfer serves once: {each}")
            self._check_place(each)
        return chosen

    def _to_accept(self, files: Iterable[MSRPFileTransfer]) -> tuple[str, ...]:
        """Check transfers of the peer's, and return the names of their streams.

        Raises:
            TypeError: One is no MSRPFileTransfer.
            ValueError: One was not proposed, or has no place.
        """
        chosen = _transfers(files)
        proposed = self.proposed_files
        for each in chosen:
            if each not in proposed:
                raise ValueError(f"the file was not proposed: {each}")
            self._check_place(each)
        return tuple([kind for kind, transfer in self._files if transfer in chosen])

    def _check_place(self, transfer: MSRPFileTransfer) -> None:
        if not self._has_place(transfer):
            what = "file_path" if transfer.sends else "save_directory"
            raise ValueError(f"the transfer has no {what}: {transfer}")


def _transfers(files: Iterable[MSRPFileTransfer]) -> tuple[MSRPFileTransfer, ...]:
    chosen = tuple(files)
    for each in chosen:
        if not isinstance(each, MSRPFileTransfer):
            raise TypeError(f"files must be MSRPFileTransfer objects, not {each!r}")
    if len(set(map(id, chosen))) < len(chosen):
        raise ValueError("the same transfer is given twice")
    return chosen
