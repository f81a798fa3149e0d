"""Running cases against a peer, each in a session of its own."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sipsimple.testing.msrp.case import Case, Level, Result, Role, Verdict
from sipsimple.testing.msrp.player import DoesNotHold, Player
from sipsimple.testing.msrp.session import NoSession
from sipsimple.testing.msrp.wire import faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sipsimple.testing.msrp.session import Source

GRAMMAR = Case("4975-9-grammar", "Everything that the peer sends follows the grammar")


@dataclass(frozen=True, slots=True)
class Peer:
    """What the suite knows of the peer.

    Attributes:
        source: How to get a session with it.
        abilities: What it does beyond the RFCs: `echo` (sends back what it is sent), `cpim` (takes message/cpim),
            `max_size` (refuses messages larger than 10 MiB).
        limit: Seconds to wait for what must come.
        settle: Seconds to wait for what must not come, after the peer has answered a probe.
        users: Names and passwords at a relay.
    """

    source: Source
    abilities: frozenset[str] = frozenset({"cpim"})
    limit: float = 5.0
    settle: float = 0.0
    users: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def run(cases: Iterable[Case], peer: Peer) -> Iterator[Result]:
    """Play cases one after another, then judge the grammar of all that came."""
    wrong: list[str] = []
    played = 0
    for case in cases:
        result = run_one(case, peer)
        wrong += [f"{case.id}: {each}" for each in result.faults if case.is_judged]
        played += result.verdict in (Verdict.PASS, Verdict.FAIL, Verdict.WARN)
        yield result
    if played:
        yield Result(GRAMMAR, Verdict.FAIL if wrong else Verdict.PASS, "; ".join(dict.fromkeys(wrong))[:500])


def run_one(case: Case, peer: Peer) -> Result:
    """Play one case."""
    lacking = case.needs - peer.abilities - {"sip", "relay"}
    if lacking or not peer.source.can(case):
        return Result(case, Verdict.SKIP, f"needs {', '.join(sorted(lacking)) or case.role}")
    begun = time.monotonic()
    found: tuple[str, ...] = ()
    try:
        with peer.source.open(case, peer.limit) as session, closing(_player(session, peer)) as player:
            verdict, reason = _play(case, player)
            found = tuple(fault for chunk in player.received() for fault in faults(chunk))
    except NoSession as error:
        verdict, reason = Verdict.ERROR, str(error)
    return Result(case, verdict, reason, time.monotonic() - begun, found)


def _player(session: object, peer: Peer) -> Player:
    return Player(session, peer.limit, peer.settle, peer.users)  # type: ignore[arg-type]


def _play(case: Case, player: Player) -> tuple[Verdict, str]:
    description = player.session.description
    if case.answer is not None and description is not None:
        wrong = case.answer(description)
        if wrong:
            return _failed(case), wrong
    try:
        if case.binds and case.role is Role.ACTIVE:
            player.bind()
        for number, step in enumerate(case.steps, 1):
            try:
                player.play(step)
            except DoesNotHold as error:
                return _failed(case), f"step {number}, {type(step).__name__}: {error}"
    except DoesNotHold as error:
        return Verdict.ERROR, f"before the case: {error}"
    return Verdict.PASS, ""


def _failed(case: Case) -> Verdict:
    return Verdict.FAIL if case.level is Level.MUST else Verdict.WARN
