"""Any sequence of messages, crashes, kills and stops leaves a sound tree, and in the end nothing."""

from __future__ import annotations

import gevent
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.actors.runtime import Actor, ChildSpec, FakeClock, Restart, Strategy, SupervisorSpec, System, handles
from sipsimple.errors import ActorError

IDS = ("a", "b", "c")


class Counter(Actor):
    """Counts what it handles; `handled` is the truth that its state must agree with."""

    def __init__(self, handled, id_):
        self.handled = handled
        self.id = id_
        self.state = 0

    @handles(str)
    def take(self, word):
        match word:
            case "crash":
                raise ValueError(word)
            case "stop":
                self.stop()
            case "wait":
                self.start_timer("T", 3.0)
                gevent.sleep(0)
        self.advance(lambda state: (state + 1, ()))
        self.handled[self.id] += 1
        return self.state


def ask(ref, word):
    try:
        return ref.ask(word, 2.0)
    except ActorError:
        return None


@st.composite
def actions(draw):
    kind = draw(st.sampled_from(["tell", "tell", "ask", "kill", "terminate", "settle", "pass"]))
    return kind, draw(st.sampled_from(IDS)), draw(st.sampled_from(["x", "x", "crash", "stop", "wait"]))


@given(
    st.sampled_from(Strategy),
    st.lists(st.sampled_from(Restart), min_size=3, max_size=3),
    st.lists(actions(), max_size=30),
)
def test_nothing_is_lost_that_was_committed_and_nothing_is_left(strategy, restarts, plan):
    clock, handled, reports = FakeClock(), dict.fromkeys(IDS, 0), []
    system = System(clock)
    children = tuple(
        ChildSpec(id_, Counter, (handled, id_), restart) for id_, restart in zip(IDS, restarts, strict=True)
    )
    supervisor = system.start_child(
        SupervisorSpec("s", strategy, children=children, restart=Restart.TEMPORARY, when_given_up=reports.append)
    )
    refs = {id_: supervisor.child(id_) for id_ in IDS}
    askers = []
    for kind, id_, word in plan:
        match kind:
            case "tell":
                refs[id_].tell(word)
            case "ask":
                askers.append(gevent.spawn(ask, refs[id_], word))
            case "kill":
                refs[id_].kill()
            case "terminate":
                supervisor.terminate_child(id_, wait=False)
            case "settle":
                gevent.idle()
            case "pass":
                clock.advance(11.0)
    gevent.idle()

    assert {id_: ref.state for id_, ref in refs.items()} == handled
    living = [child.spec.id for child in supervisor.children]
    assert [id_ for id_ in IDS if refs[id_].is_alive] == [id_ for id_ in IDS if id_ in living]
    assert len(reports) <= (not supervisor.is_alive)
    clock.advance(2.0)
    assert all(asker.dead for asker in askers)
    system.root.stop_soon()
    clock.advance(60.0)
    assert (system.actors, system.supervisors, system.timers) == (0, 0, 0)
    assert not any(ref.is_alive for ref in refs.values())
