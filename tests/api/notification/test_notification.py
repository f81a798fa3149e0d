"""Both buses: who is told, in which order, and what one observer's failure means to the others."""

import gc
import io
import json
import threading

import gevent
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from zope.interface import implementer

from sipsimple.notification import (
    Any,
    IObserver,
    NotificationCenter,
    NotificationData,
    ObserverWeakrefProxy,
    UnknownSender,
    signals,
)


@implementer(IObserver)
class Recorder:
    """An observer that keeps what it gets, and may do something about it."""

    def __init__(self, then=None):
        self.got = []
        self.then = then

    def handle_notification(self, notification):
        self.got.append(notification)
        if self.then is not None:
            self.then(notification)

    @property
    def names(self):
        return [notification.name for notification in self.got]


class Sender:
    pass


def fail(*_, **__):
    raise RuntimeError("observer's own fault")


@pytest.fixture
def log():
    """What is logged through structlog."""
    capture = structlog.testing.LogCapture()
    structlog.configure(processors=[capture], cache_logger_on_first_use=False)
    yield capture.entries
    structlog.reset_defaults()


# Centers and registrations


def test_a_center_is_one_object_per_name():
    assert NotificationCenter() is NotificationCenter() is NotificationCenter("default")
    assert NotificationCenter("x") is NotificationCenter("x") is not NotificationCenter()
    assert repr(NotificationCenter("x")) == "NotificationCenter('x')"


def test_an_observer_gets_all_that_was_posted_with_it(center):
    recorder, sender, data = Recorder(), Sender(), NotificationData(code=486)
    center.add_observer(recorder)
    center.post_notification("SCSessionDidFail", sender, data)
    (notification,) = recorder.got
    assert (notification.name, notification.sender, notification.data) == ("SCSessionDidFail", sender, data)
    assert notification.center is center


def test_what_is_not_given_is_unknown_sender_and_new_empty_data(center):
    recorder = Recorder(lambda notification: setattr(notification.data, "seen", True))
    center.add_observer(recorder)
    center.post_notification("a")
    center.post_notification("a")
    first, second = recorder.got
    assert first.sender is UnknownSender
    assert first.data is not second.data


ALICE, BOB = Sender(), Sender()
REGISTRATIONS = st.tuples(st.sampled_from([Any, "a", "b"]), st.sampled_from([Any, UnknownSender, ALICE, BOB]))


@given(st.sets(REGISTRATIONS), st.sampled_from(["a", "b", "c"]), st.sampled_from([UnknownSender, ALICE, BOB]))
def test_an_observer_is_told_once_if_any_of_its_registrations_matches(registrations, name, sender):
    center, recorder = NotificationCenter("property"), Recorder()
    for registered in registrations:
        center.add_observer(recorder, *registered)
    center.post_notification(name, sender)
    for registered in registrations:
        center.remove_observer(recorder, *registered)
    center.post_notification(name, sender)
    expected = any(of in (Any, name) and by in (Any, sender) for of, by in registrations)
    assert len(recorder.got) == expected
    assert not center._anyone
    assert not center._by_sender


def test_senders_are_told_apart_by_identity(center):
    first, second, recorder = [], [], Recorder()
    center.add_observer(recorder, sender=first)
    center.post_notification("a", second)
    assert recorder.got == []
    center.post_notification("a", first)
    assert recorder.names == ["a"]


def test_registering_twice_is_registering_once(center):
    recorder = Recorder()
    center.add_observer(recorder, "a")
    center.add_observer(recorder, "a")
    center.post_notification("a")
    center.remove_observer(recorder, "a")
    center.post_notification("a")
    assert recorder.names == ["a"]


def test_removing_what_is_not_registered_is_a_key_error_and_discarding_is_not(center):
    recorder = Recorder()
    center.add_observer(recorder, "a", ALICE)
    for name, sender in (("a", Any), (Any, ALICE), ("a", BOB), ("b", ALICE)):
        with pytest.raises(KeyError, match="not registered"):
            center.remove_observer(recorder, name, sender)
        center.discard_observer(recorder, name, sender)
    center.discard_observer(recorder, "a", ALICE)
    with pytest.raises(KeyError):
        center.remove_observer(recorder, "a", ALICE)


def test_purging_takes_back_all_registrations_of_one_observer_only(center):
    recorder, other = Recorder(), Recorder()
    for each in (recorder, other):
        center.add_observer(each)
        center.add_observer(each, "a", ALICE)
    center.purge_observer(recorder)
    center.post_notification("a", ALICE)
    assert (recorder.names, other.names) == ([], ["a"])


def test_the_method_alone_makes_an_observer(center):
    class Plain:
        handle_notification = print

    center.add_observer(Plain())
    assert center._anyone


@pytest.mark.parametrize("observer", [None, object(), print, Recorder])
def test_what_cannot_observe_is_refused(center, observer):
    with pytest.raises(TypeError, match="does not provide IObserver: it needs a method handle_notification"):
        center.add_observer(observer)
    with pytest.raises(TypeError, match="does not provide IObserver"):
        ObserverWeakrefProxy(observer)


@pytest.mark.parametrize("observed", [True, False])
@pytest.mark.parametrize("arguments", [(Any,), ("a", Any)])
def test_any_cannot_be_posted(center, arguments, observed):
    if observed:
        center.add_observer(Recorder())
    with pytest.raises(ValueError, match="must not be Any"):
        center.post_notification(*arguments)


def test_registering_in_one_thread_while_another_posts_loses_nothing(center):
    always, coming, failures = Recorder(), Recorder(), []
    center.add_observer(always)

    def register():
        try:
            for _ in range(2000):
                center.add_observer(coming, "a", ALICE)
                center.remove_observer(coming, "a", ALICE)
        except (LookupError, RuntimeError) as error:
            failures.append(error)

    thread = threading.Thread(target=register)
    thread.start()
    for _ in range(2000):
        center.post_notification("a", ALICE)
    thread.join()
    assert failures == []
    assert len(always.got) == 2000


def test_a_weak_proxy_is_one_per_observer_and_goes_with_it(center):
    recorder = Recorder()
    center.add_observer(ObserverWeakrefProxy(recorder), "a")
    assert ObserverWeakrefProxy(recorder) is ObserverWeakrefProxy(recorder)
    center.post_notification("a")
    assert recorder.names == ["a"]
    del recorder
    gc.collect()
    center.post_notification("a")
    assert not center._anyone


# Order and failures


def test_what_an_observer_posts_comes_after_the_present_one_reached_all(center):
    told = []

    def first(notification):
        if notification.name == "a":
            center.post_notification("b")
            center.post_notification("c")
        told.append(("first", notification.name))

    observers = Recorder(first), Recorder(lambda notification: told.append(("second", notification.name)))
    for each in observers:
        center.add_observer(each)
    signals.a.connect(receiver := lambda _, notification: told.append(("receiver", notification.name)))
    center.post_notification("a")
    assert told[:3] == [("first", "a"), ("second", "a"), ("receiver", "a")]
    assert told[3:] == [("first", "b"), ("second", "b"), ("first", "c"), ("second", "c")]
    assert receiver


def test_a_waiting_observer_does_not_keep_another_greenlet_from_delivering(center):
    """What application.notification gets wrong with greenlets: its queue is the thread's."""
    go_on = gevent.event.Event()
    recorder = Recorder(lambda notification: notification.name == "slow" and go_on.wait())
    center.add_observer(recorder)
    slow = gevent.spawn(center.post_notification, "slow")
    gevent.sleep(0)
    center.post_notification("b")
    assert recorder.names == ["slow", "b"]
    assert not slow.ready()
    go_on.set()
    slow.get(timeout=10)


def test_one_failing_observer_stops_no_other_on_either_bus(center, log):
    got = []
    failing, recorder = Recorder(fail), Recorder()
    center.add_observer(failing)
    center.add_observer(recorder)
    signals.a.connect(fail)
    signals.a.connect(receiver := lambda sender, notification: got.append(notification))
    center.post_notification("a", data=NotificationData(content="a secret"))
    assert got == recorder.got
    assert [entry["event"] for entry in log] == ["observer.failed"] * 2
    assert [entry["observer"] for entry in log] == [repr(failing), repr(fail)]
    assert {entry["notification"] for entry in log} == {"a"}
    assert "secret" not in repr(log)
    assert receiver


def test_where_an_observer_failed_is_logged_as_text_without_the_values_of_variables(center):
    """Renderers show the variables of an exception's frames: here the notification, with body and all."""
    written = io.StringIO()
    renderers = [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
    structlog.configure(processors=renderers, logger_factory=structlog.PrintLoggerFactory(written))
    center.add_observer(Recorder(fail))
    try:
        center.post_notification("a", data=NotificationData(content="hush"))
    finally:
        structlog.reset_defaults()
    assert "in fail" in json.loads(written.getvalue())["traceback"]
    assert "hush" not in written.getvalue()


def test_an_observer_that_cannot_be_printed_is_reported_like_any_other(center, log):
    class Unprintable(Recorder):
        def __repr__(self):
            raise ValueError("cannot be printed")

    class UnprintableError(Exception):
        def __str__(self):
            raise ValueError("cannot be printed")

    def fail_unprintably(_):
        raise UnprintableError

    recorder = Recorder()
    center.add_observer(Unprintable(fail_unprintably))
    center.add_observer(recorder)
    center.post_notification("a")
    assert recorder.names == ["a"]
    ((observer, error),) = [(each["observer"], each["error"]) for each in log]
    assert "Unprintable object at" in observer
    assert error == "UnprintableError"


def test_without_structlog_a_failure_is_seen_in_the_standard_log(center, caplog):
    failing = Recorder(fail)
    center.add_observer(failing)
    center.post_notification("a")
    (record,) = caplog.records
    told = f"observer={failing!r} notification=a error=RuntimeError: observer's own fault"
    assert record.getMessage() == f"observer.failed {told}"
    assert record.exc_info[0] is RuntimeError


def test_what_is_no_exception_reaches_the_poster_and_the_bus_goes_on(center):
    def interrupt(notification):
        if notification.name == "a":
            center.post_notification("dropped")
            raise gevent.GreenletExit

    recorder = Recorder(interrupt)
    center.add_observer(recorder)
    with pytest.raises(gevent.GreenletExit):
        center.post_notification("a")
    center.post_notification("b")
    assert recorder.names == ["a", "b"]
