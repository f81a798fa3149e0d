"""What the actor of a transfer has to do with the disk.

The disk works off the hub, beside other work. When it does not keep up the gate closes: nothing more is read, so the
far end stops when its window is full, or its writing stalls. So a slow disk holds up the far end and not our memory.
What the disk still owes is kept with the file, so that an incarnation that was killed is followed by one that goes on.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from gevent import get_hub

from sipsimple.actors.runtime import Actor, carries, handles
from sipsimple.actors.transfer.line import GoOn, Setup, TransferLine, Written, take
from sipsimple.actors.transfer.opening import disk_reason, opened
from sipsimple.actors.transfer.part import JOB_BYTES, PartFile, WrongFileError
from sipsimple.actors.transfer.source import SourceFile
from sipsimple.protocols.msrp.outputs import Ended
from sipsimple.protocols.msrp.transfer.outputs import Read, TransferFailed, Verify, Write
from sipsimple.protocols.msrp.transfer.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sipsimple.protocols.msrp.message import MSRPData

LULL_TIMER, LULL = "lull", 0.01  # seconds after which less is written too


class TransferDisk(Actor):
    """Has a file opened, hashed, read, written and put in its place.

    Args:
        setup: What the transfer is made with.
    """

    state: TransferLine

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self.state = TransferLine()
        self.setup = setup
        self.file = setup.file
        self.is_writing = self.is_patient = False
        self.taken = 0

    def be_reachable(self) -> None:
        """Let the peer connect, and tell the session what to tell it."""
        raise NotImplementedError

    def tell_failed(self, output: TransferFailed) -> None:
        """Tell that the transfer broke; Ended follows."""
        raise NotImplementedError

    def tell_ended(self, output: Ended) -> None:
        """Tell everybody, end."""
        raise NotImplementedError

    @handles(GoOn)
    def go_on(self, _command: GoOn) -> None:
        """Open the file, hash a slice of it, or give it its place; whatever is next."""
        state = self.state.state
        if state is State.CLOSED:
            return
        try:
            if self.state.core is None:
                self._prepare()
            elif isinstance(self.file, PartFile):
                self._settle(self.file)
                self._hash(self.file)
            else:
                self._settle(self.file)
        except OSError as error:
            self._fail_disk(error)

    def _prepare(self) -> None:
        if not off_hub(self.file.prepare):
            self.ref.tell(GoOn())
            return
        try:
            media, file = self.setup.describe(self.file)
        except WrongFileError as error:
            self.fail_preparing(str(error))
            return
        self.advance(opened, self.setup, media, file)
        self.setup.notify("MSRPFileTransferDidInitialize", None)
        self.be_reachable()
        self.ref.tell(GoOn())

    def _hash(self, file: PartFile) -> None:
        """Hash what an earlier attempt left, a slice for each message; at the end check the whole."""
        if file.has_to_catch_up:
            off_hub(file.hash_some)
            self.ref.tell(GoOn())
        elif file.is_whole:
            size = self.state.core.size if self.state.core is not None else None
            try:
                off_hub(partial(file.place, size or 0))
            except WrongFileError as error:
                self.advance(take, "verified", str(error))
            else:
                self.advance(take, "verified")

    def _settle(self, file: SourceFile | PartFile) -> None:
        """Have the disk do what the core has asked for, in order, and wait for it."""
        if isinstance(file, PartFile):
            while file.pending:
                self.setup.gate.leave(off_hub(file.write_pending))
        else:
            self._read(file)

    def _read(self, file: SourceFile) -> None:
        while file.pending:
            if self.state.stream is not None and self.state.stream.has_enough:
                return
            wanted = file.pending[0]
            read = partial(file.read, wanted.offset, wanted.size)
            blocks = file.read_now(wanted.offset, wanted.size) or off_hub(read)
            if file.pending and file.pending[0] is wanted:
                file.pending.popleft()
            self.advance(take, "data_read", wanted.offset, blocks)

    def _fail_disk(self, error: OSError) -> None:
        self.file.pending.clear()
        reason = disk_reason(error)
        self.log.warning("transfer.disk_failed", reason=reason)
        if self.state.core is not None:
            self.advance(take, "disk_failed", reason)
        else:
            self.fail_preparing(reason)

    def fail_preparing(self, reason: str) -> None:
        """End before there was anything to transfer."""
        self.tell_failed(TransferFailed("initialize", reason))
        self.tell_ended(Ended())

    def advance_and_settle(self, step: Callable[..., Any], *stimulus: Any) -> None:
        """Advance, and have the disk do what comes of it."""
        self.advance(step, *stimulus)
        self.settle()

    def settle_some(self, chunks: Iterable[MSRPData]) -> None:
        """Have the disk begin with what came; what the core did not take leaves the gate at once."""
        file = self.file
        if not isinstance(file, PartFile):
            self.settle()
            return
        taken, self.taken = self.taken, 0
        self.setup.gate.leave(max(0, sum([len(each.data) for each in chunks]) - taken))
        if file.pending.size >= JOB_BYTES:
            self._begin_to_write(file)
        elif file.pending and not self.is_patient:
            self.is_patient = True
            self.start_timer(LULL_TIMER, LULL)

    def end_lull(self) -> None:
        """Write what has come, though it is little."""
        self.is_patient = False
        if isinstance(self.file, PartFile) and self.file.pending:
            self._begin_to_write(self.file)

    def _begin_to_write(self, file: PartFile) -> None:
        """Write beside other work, one job at a time: the reader of the connection gets the next run together."""
        if not self.is_writing:
            self.is_writing = True
            ref, leave = self.ref, self.setup.gate.leave
            write = partial(file.write_runs, partial(ref.system.post, leave))
            job = get_hub().threadpool.spawn(_outcome, write)
            job.rawlink(lambda done: ref.tell(Written(done.value[1])))

    @handles(Written)
    def note_written(self, event: Written) -> None:
        """Go on with what has come meanwhile."""
        self.is_writing = False
        if isinstance(event.error, OSError):
            self._fail_disk(event.error)
        elif self.file.pending:
            self.settle_some(())

    def settle(self) -> None:
        """Have the disk do all that it was asked for; its failure is the transfer's."""
        try:
            self._settle(self.file)
        except OSError as error:
            self._fail_disk(error)

    def let_go(self) -> None:
        """Write what came, as another attempt may go on from it, and close the file."""
        if isinstance(self.file, PartFile):
            with suppress(OSError):
                off_hub(self.file.write_pending)
        off_hub(self.file.close)

    @carries(Read)
    def keep_to_read(self, output: Read) -> None:
        """Keep it for the end of this turn, with others."""
        assert isinstance(self.file, SourceFile)
        self.file.pending.append(output)

    @carries(Write)
    def keep_to_write(self, output: Write) -> None:
        """Keep it for the end of this turn, with others."""
        assert isinstance(self.file, PartFile)
        self.file.pending.put(output)
        self.taken += len(output.data)

    @carries(Verify)
    def verify(self, _output: Verify) -> None:
        """Check the file when all of it is written."""
        assert isinstance(self.file, PartFile)
        self.file.is_whole = True
        self.ref.tell(GoOn())


def off_hub(job: Callable[[], Any]) -> Any:
    """Run a job that waits for the disk in a thread, and wait for it with the hub running."""
    value, error = get_hub().threadpool.apply(_outcome, (job,))
    if error is not None:
        raise error
    return value


def _outcome(job: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """What came of a job; the thread pool would print an error."""
    try:
        return job(), None
    except (OSError, WrongFileError) as error:
        return None, error
