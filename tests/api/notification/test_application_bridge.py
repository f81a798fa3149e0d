"""The bridge to application.notification, against a small package of that name."""

import sys

import pytest

from sipsimple.notification import (
    IObserver,
    NotificationCenter,
    NotificationData,
    UnknownSender,
    install_bridge,
    remove_bridge,
    signals,
)

THEIRS = """
from zope.interface import Interface

class Any: pass
class UnknownSender: pass

class IObserver(Interface):
    def handle_notification(notification): pass

class NotificationData:
    def __init__(self, **attributes): self.__dict__.update(attributes)

class Notification:
    def __init__(self, name, sender, data):
        self.name, self.sender, self.data = name, sender, data

class NotificationCenter:
    centers = {}
    def __new__(cls, *name):  # as in the original, () and ('default',) make two centers
        if name not in cls.centers:
            cls.centers[name] = self = object.__new__(cls)
            self.observers, self.queue = [], []
        return cls.centers[name]
    def add_observer(self, observer, name=Any, sender=Any):
        if not IObserver.providedBy(observer): raise TypeError(observer)
        self.observers.append(observer)
    def discard_observer(self, observer, name=Any, sender=Any):
        self.observers.remove(observer)
    def post_notification(self, name, sender=UnknownSender, data=None):
        self.queue.append(Notification(name, sender, data))
        while len(self.queue) == 1:  # as the original: what is posted from inside is delivered afterwards
            for observer in tuple(self.observers): observer.handle_notification(self.queue[0])
            more = self.queue[1:]
            self.queue.clear()
            for each in more: self.post_notification(each.name, each.sender, each.data)
"""


class Recorder:
    def __init__(self):
        self.got = []

    def handle_notification(self, notification):
        self.got.append((notification.name, notification.sender, notification.data))


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a package `application` on the path, with that source as its notification module."""

    def install(source, package="", name="application/notification.py"):
        folder = tmp_path / "application"
        folder.mkdir()
        (folder / "__init__.py").write_text(package)
        (tmp_path / name).write_text(source)
        monkeypatch.syspath_prepend(tmp_path)

    yield install
    remove_bridge()
    for name in ("application", "application.notification"):
        sys.modules.pop(name, None)


@pytest.fixture
def theirs(install):
    install(THEIRS)
    assert install_bridge()
    return sys.modules["application.notification"]


@pytest.fixture
def both(theirs):
    """An observer at each of the default centers."""
    from zope.interface import directlyProvides

    ours, other = Recorder(), Recorder()
    directlyProvides(other, theirs.IObserver)
    NotificationCenter().add_observer(ours)
    theirs.NotificationCenter().add_observer(other)
    yield ours, other
    NotificationCenter().remove_observer(ours)


def test_what_is_posted_at_ours_is_seen_once_at_both(both):
    data = NotificationData(n=1)
    NotificationCenter().post_notification("a", "sender", data)
    assert [each.got for each in both] == [[("a", "sender", data)]] * 2


def test_what_is_posted_at_theirs_is_seen_once_at_both_and_by_receivers(both, theirs):
    got, data = [], theirs.NotificationData(n=1)
    signals.a.connect(receiver := lambda sender, notification: got.append(notification.data))
    theirs.NotificationCenter().post_notification("a", "sender", data)
    assert [each.got for each in both] == [[("a", "sender", data)]] * 2
    assert got == [data]
    assert receiver
    signals.clear()


def test_anonymous_stays_anonymous_on_the_other_side(both, theirs):
    ours, other = both
    NotificationCenter().post_notification("a")
    theirs.NotificationCenter().post_notification("b")
    assert [sender for _, sender, _ in ours.got] == [UnknownSender] * 2
    assert [sender for _, sender, _ in other.got] == [theirs.UnknownSender] * 2


def test_what_their_observer_posts_at_ours_is_seen_once_too(both, theirs):
    """Their center delivers it only later, when nothing of ours is on the stack any more."""
    ours, other = both
    record = other.handle_notification

    def answer(notification):
        record(notification)
        if notification.name == "a":
            NotificationCenter().post_notification("b")

    other.handle_notification = answer
    theirs.NotificationCenter().post_notification("a")
    assert [name for name, *_ in ours.got] == [name for name, *_ in other.got] == ["a", "b"]


def test_an_observer_that_implements_our_interface_may_observe_theirs(theirs):
    from zope.interface import directlyProvides

    recorder = Recorder()
    directlyProvides(recorder, IObserver)
    theirs.NotificationCenter().add_observer(recorder)
    NotificationCenter().post_notification("a")
    assert [name for name, *_ in recorder.got] == ["a"]


def test_centers_of_other_names_are_tied_too_when_made_later(theirs):
    recorder = Recorder()
    center = NotificationCenter("made after the bridge")
    center.add_observer(recorder)
    theirs.NotificationCenter("made after the bridge").post_notification("a")
    assert [name for name, *_ in recorder.got] == ["a"]
    center.remove_observer(recorder)
    del NotificationCenter.instances["made after the bridge"]


def test_installing_twice_is_once_and_removing_unties(both, theirs):
    ours, other = both
    assert install_bridge()
    NotificationCenter().post_notification("a")
    remove_bridge()
    remove_bridge()
    NotificationCenter().post_notification("b")
    theirs.NotificationCenter().post_notification("c")
    assert [name for name, *_ in ours.got] == ["a", "b"]
    assert [name for name, *_ in other.got] == ["a", "c"]


@pytest.mark.parametrize(
    "source",
    [
        "from __builtin__ import object",
        "print 'Python 2'",
        "from zope.interface import implements, Interface\nclass A(object): implements(Interface)",
        "undefined",
        "NotificationCenter = 1",
    ],
)
def test_a_package_that_does_not_work_is_as_good_as_none(install, source):
    install(source)
    assert not install_bridge()


def test_no_package_no_bridge():
    assert not install_bridge()


def test_an_unrelated_package_of_that_name_is_not_even_imported(install):
    install("", package="raise SystemExit('run by mistake')", name="application/other.py")
    assert not install_bridge()
    assert "application" not in sys.modules


def test_an_application_module_of_the_users_own_is_not_even_imported(tmp_path, monkeypatch):
    (tmp_path / "application.py").write_text("raise SystemExit('run by mistake')")
    monkeypatch.syspath_prepend(tmp_path)
    assert not install_bridge()
    assert "application" not in sys.modules
