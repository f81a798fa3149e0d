"""Telling, asking and killing, from greenlets and from foreign threads."""

from __future__ import annotations

import threading

import gevent
import pytest

from sipsimple.actors.runtime import DEFERRED, Actor, ChildSpec, Killed, Overflow, Restart, handles
from sipsimple.errors import ActorDied, ActorError, AskTimedOut, MailboxFull


class Echo(Actor):
    """Answers a string with itself; knows some words."""

    def __init__(self):
        self.kept = []
        self.state = ()

    @handles(str)
    def take(self, word):
        self.state = (*self.state, word)
        match word:
            case "crash":
                raise ValueError(word)
            case "hang":
                gevent.get_hub().switch()
            case "later":
                self.kept.append(self.question)
                return DEFERRED
            case "now":
                self.kept.pop().answer("at last")
            case "stop":
                self.stop()
            case "ask yourself":
                return self.ref.ask("")
        return word


@pytest.fixture
def ref(system):
    ref = system.start_child(ChildSpec("echo", Echo))
    gevent.idle()
    return ref


@pytest.fixture
def temporary(system):
    return system.start_child(ChildSpec("temporary", Echo, restart=Restart.TEMPORARY))


def outcome(function, *args):
    """Return the value or the error of a call."""
    try:
        return function(*args)
    except ActorError as error:
        return error


def in_thread(function, *args):
    """Run in a foreign thread, with the hub running meanwhile."""
    results = []
    thread = threading.Thread(target=lambda: results.append(outcome(function, *args)))
    thread.start()
    while thread.is_alive():
        gevent.sleep(0.001)
    thread.join()
    return results[0]


def asking(ref, word, timeout=5.0):
    """Ask in a greenlet of its own."""
    asker = gevent.spawn(outcome, ref.ask, word, timeout)
    gevent.idle()
    return asker


def test_the_answer_is_what_the_method_returns(ref):
    assert ref.ask("hello") == "hello"


def test_a_crash_gives_the_asker_actor_died_with_the_cause_and_the_actor_lives_on(ref):
    with pytest.raises(ActorDied) as died:
        ref.ask("crash")
    assert repr(died.value.__cause__) == "ValueError('crash')"
    assert ref.ask("hello") == "hello"


def test_questions_that_wait_in_the_mailbox_survive_the_crash_of_another(ref):
    crash, hello = gevent.spawn(outcome, ref.ask, "crash"), gevent.spawn(outcome, ref.ask, "hello")
    gevent.joinall([crash, hello])
    assert (type(crash.value), hello.value) == (ActorDied, "hello")


def test_no_answer_in_time_is_an_error(ref, clock):
    asker = asking(ref, "later", timeout=2.0)
    clock.advance(1.9)
    assert not asker.dead
    clock.advance(0.2)
    assert isinstance(asker.value, AskTimedOut)
    assert clock.pending == 0


def test_an_answer_may_come_later(ref):
    asker = asking(ref, "later")
    assert not asker.dead
    ref.tell("now")
    gevent.idle()
    assert asker.value == "at last"


def test_a_deferred_question_fails_when_the_actor_crashes(ref):
    asker = asking(ref, "later")
    ref.kill()
    gevent.idle()
    assert isinstance(asker.value, ActorDied)


def test_a_question_that_waits_fails_when_the_actor_ends(temporary):
    temporary.tell("stop")
    asker = asking(temporary, "too late")
    assert isinstance(asker.value, ActorDied)


def test_asking_the_dead_is_an_error_and_telling_them_is_not(temporary):
    temporary.tell("stop")
    gevent.idle()
    assert temporary.tell("hello") is False
    with pytest.raises(ActorDied):
        temporary.ask("hello")
    assert in_thread(temporary.tell, "hello") is False
    assert isinstance(in_thread(temporary.ask, "hello"), ActorDied)


def test_a_full_mailbox_refuses_the_question(system):
    ref = system.start_child(ChildSpec("small", Echo, mailbox_limit=1, overflow=Overflow.REFUSE))
    assert [ref.tell("a"), ref.tell("b")] == [True, False]
    with pytest.raises(MailboxFull):
        ref.ask("c")


def test_what_ends_an_actor_gets_past_the_limit_of_its_mailbox_and_keeps_its_turn(system):
    ref = system.start_child(ChildSpec("small", Echo, restart=Restart.TEMPORARY, mailbox_limit=1))
    ref.tell("a")
    ref.insist("stop")
    ref.insist("too late")
    assert ref.tell("refused") is False
    gevent.idle()
    assert ref.state == ("a", "stop")
    ref.insist("after the end")
    assert (ref.is_alive, ref.depth) == (False, 0)


def test_an_actor_that_asks_itself_is_told_so_at_once(ref):
    with pytest.raises(ActorDied) as died:
        ref.ask("ask yourself")
    assert "asked itself" in str(died.value.__cause__)


def test_a_callback_of_the_hub_cannot_ask(ref):
    seen = []
    gevent.get_hub().loop.run_callback(lambda: seen.append(outcome(ref.ask, "hello")))
    gevent.idle()
    assert "cannot wait" in str(seen[0])


def test_there_is_no_question_outside_of_one(system):
    seen = []

    class Curious(Actor):
        def started(self):
            seen.append(outcome(lambda: self.question))

    system.start_child(ChildSpec("curious", Curious))
    gevent.idle()
    assert isinstance(seen[0], ActorError)


def test_an_asker_that_is_killed_leaves_nothing(ref, clock):
    asker = asking(ref, "later")
    asker.kill()
    ref.tell("now")
    gevent.idle()
    assert clock.pending == 0


def test_a_foreign_thread_tells_and_asks(ref):
    assert in_thread(ref.tell, "hello") is True
    assert in_thread(ref.ask, "there") == "there"
    assert ref.state == ("hello", "there")


def test_a_foreign_thread_hears_of_crash_timeout_and_full_mailbox(ref, system):
    assert isinstance(in_thread(ref.ask, "crash"), ActorDied)
    assert isinstance(in_thread(ref.ask, "later", 0.01), AskTimedOut)
    small = system.start_child(ChildSpec("small", Echo, mailbox_limit=1))
    gevent.idle()
    small.tell("hang")
    gevent.idle()
    small.tell("a")
    assert isinstance(in_thread(small.ask, "c"), MailboxFull)
    small.kill()
    gevent.idle()


def test_an_answer_after_the_foreign_thread_gave_up_does_no_harm(ref):
    in_thread(ref.ask, "later", 0.01)
    ref.tell("now")
    assert ref.ask("hello") == "hello"


@pytest.mark.parametrize("where", [lambda kill: kill(), in_thread], ids=["greenlet", "thread"])
def test_kill_crashes_the_actor_where_it_waits(ref, where):
    asker = asking(ref, "hang")
    where(ref.kill)
    gevent.idle()
    assert isinstance(asker.value, ActorDied)
    assert isinstance(asker.value.__cause__, Killed)
    assert (ref.restarts, ref.ask("hello")) == (1, "hello")


def test_kill_right_after_the_start_crashes_too(system):
    ref = system.start_child(ChildSpec("echo", Echo))
    ref.kill()
    gevent.idle()
    assert (ref.restarts, ref.ask("hello")) == (1, "hello")


def test_an_actor_that_kills_itself_crashes(system):
    class Tired(Echo):
        @handles(int)
        def rest(self, _):
            self.ref.kill(ZeroDivisionError())

    ref = system.start_child(ChildSpec("tired", Tired))
    with pytest.raises(ActorDied) as died:
        ref.ask(1)
    assert isinstance(died.value.__cause__, ZeroDivisionError)


def test_killing_the_dead_does_nothing(temporary):
    temporary.kill()
    gevent.idle()
    temporary.kill()
    gevent.idle()
    assert not temporary.is_alive


def test_two_kills_at_once_are_one_crash(ref):
    ref.ask("hello")
    ref.kill()
    ref.kill()
    gevent.idle()
    assert ref.restarts == 1


def test_a_ref_prints_its_name(ref):
    assert repr(ref) == "<Ref root/echo>"


def test_a_deferred_question_that_timed_out_is_not_kept(ref, clock):
    asking(ref, "later", timeout=2.0)
    clock.advance(3.0)
    second = asking(ref, "later")
    assert len(ref._slot._deferred) == 1
    ref.tell("now")
    gevent.idle()
    assert second.value == "at last"
