"""Which tests run one after the other, and which begin first, where several processes share them.

Each process runs whole files. Those that listen to sound, second by second, do
so in two of the processes at the most, and begin first; then come those that
wait for most of their time, and those that compute fill the gaps.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

SOUND = {
    "the sound of workers": ("media/", "chaos/test_audio", "chaos/test_killed_audio", "chaos/test_random_audio"),
    "the sound of calls": (
        "/test_audio",
        "api/audio/",
        "baresip",
        "kamailio_accounts",
        "cli/test_call",
        "cli/test_demo",
    ),
}
"""What the paths of tests have in them that listen to it."""
WAITING = ("chaos", "interop", "cli", "network")
"""The folders of tests that wait for peers, for time to pass and for programs to start."""


def lane(nodeid: str) -> str:
    """Name what runs in one process: a file, or all that listens to one kind of sound."""
    path = nodeid.partition("::")[0].removeprefix("tests/")
    kinds = (kind for kind, words in SOUND.items() if any(word in path for word in words))
    return path if path.startswith("protocols/") else next(kinds, path)


def rank(nodeid: str) -> int:
    """Return 0 for what begins first."""
    own = lane(nodeid)
    return 0 if own in SOUND else 1 if own.partition("/")[0] in WAITING else 2


class Lanes(LoadScopeScheduling):
    """Hands out lanes, in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        return lane(nodeid)
