"""Audio: one audio process is started, and asked what it can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gevent.event import AsyncResult

from sipsimple.actors.runtime import Actor, ChildSpec, Ref, Restart, handles
from sipsimple.api.engine.options import engine_codecs
from sipsimple.cli.doctor.finding import Clerk, Finding
from sipsimple.media.availability import is_available
from sipsimple.media.messages import Granted, Refused
from sipsimple.media.messages import Wanted as Wish
from sipsimple.media.pool.pool import AudioPool
from sipsimple.media.settings import PoolSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipsimple.api.engine.options import EngineOptions
    from sipsimple.cli.doctor.subject import Subject
    from sipsimple.media.wire import Ready

audio = Clerk("audio")

TOKEN = "0" * 16
INSTALL = 'Chat and files work. pip install "sipsimple-gevent[audio]" (Python 3.11 or 3.12).'
BROKEN = 'Try pip install --force-reinstall "sipsimple-gevent[audio]"; "python -m sipsimple.media.worker" must start.'


class Visitor(Actor):
    """Asks the pool for room, and keeps the answer.

    Args:
        pool: Is asked.
        answer: Gets what it says.
    """

    def __init__(self, pool: Ref, answer: Any) -> None:
        super().__init__()
        self.pool = pool
        self.answer = answer

    def started(self) -> None:
        """Ask."""
        self.pool.tell(Wish(TOKEN, self.ref))

    @handles(Granted)
    @handles(Refused)
    def keep(self, answer: Granted | Refused) -> None:
        """Keep it."""
        self.answer.set(answer)


def check_audio(subject: Subject) -> Iterator[Finding]:
    """Start an audio process, as the first call would."""
    trouble = is_available()
    if trouble is not None:
        yield audio.warning(f"there is no audio: {trouble}", INSTALL)
        return
    options = subject.options
    if not options.max_audio_calls:
        yield audio.skipped("max_audio_calls is 0 in the settings: there is no audio")
        return
    pool = AudioPool(subject.system.root, _settings(options, subject.limit))
    answer = AsyncResult()
    try:
        spec = ChildSpec("visitor", Visitor, (pool.ref, answer), Restart.TEMPORARY)
        subject.system.start_child(spec)
        outcome = answer.get()
        yield from judge(outcome.reason if isinstance(outcome, Refused) else outcome.worker.ready, options)
    finally:
        subject.system.root.terminate_child("visitor")
        pool.close()


def _settings(options: EngineOptions, limit: float) -> PoolSettings:
    return PoolSettings(
        ceiling=1,
        spare=0,
        codecs=engine_codecs(options.codecs),
        clock_rate=options.sample_rate * 1000,
        use_sound_devices=options.auto_sound,
        wait_limit=limit * 0.8,
        tries=1,
    )


def judge(ready: Ready | str, options: EngineOptions) -> Iterator[Finding]:
    """Say what the process can do.

    Args:
        ready: What it has reported; why there is none.
        options: What is wanted of it.
    """
    if isinstance(ready, str):
        yield audio.wrong(f"no audio process can be started: {ready}", BROKEN)
        return
    able = {each.partition("/")[0].lower() for each in ready.codecs}
    missing = [each for each in engine_codecs(options.codecs) if each.lower() not in able]
    yield audio.ok(f"an audio process starts; codecs: {', '.join(ready.codecs)}")
    if missing:
        yield audio.warning(f"the settings ask for codecs that it does not have: {', '.join(missing)}", BROKEN)
    if options.auto_sound and not (ready.playback_devices and ready.recording_devices):
        advice = "Calls can play and record files. For a microphone and a speaker look at the sound of the system."
        yield audio.ok("there are no sound devices", advice)
