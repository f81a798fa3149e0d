"""The bridge to `application.notification`, where that package works.

Code written for python-application registers with its centers and posts to
them. Once the bridge is installed the centers of both kinds that bear the same
name see the same notifications, each once.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec
from typing import TYPE_CHECKING

from zope.interface import Interface, directlyProvides

from sipsimple.api.notification.notification import IObserver, Notification, NotificationCenter, UnknownSender

if TYPE_CHECKING:
    from typing import Any

_VOCABULARY = ("IObserver", "NotificationCenter", "UnknownSender")


class Crossed(str):
    """The name of a notification that has come over the bridge, and so does not go back."""

    __slots__ = ()


class Crossing:
    """An observer of everything at one center, which posts it to the other."""

    def __init__(self, other: Any, senders: dict[int, object]) -> None:
        self.other = other
        self.senders = senders  # the anonymous sender of this side -> that of the other

    def handle_notification(self, notification: Notification) -> None:
        """Post to the other center what began at this one."""
        name, sender = notification.name, notification.sender
        if isinstance(name, str) and type(name) is not Crossed:
            self.other.post_notification(Crossed(name), self.senders.get(id(sender), sender), notification.data)


class Bridge:
    """What was registered, to be taken back when the bridge is removed."""

    def __init__(self, theirs: Any) -> None:
        self.theirs = theirs
        self.registered: list[tuple[Any, Crossing]] = []

    def connect(self, center: NotificationCenter) -> None:
        """Tie `center` to the other package's center of that name."""
        name = () if center is NotificationCenter() else (center.name,)  # theirs without a name and "default" are two
        other = self.theirs.NotificationCenter(*name)
        anonymous = self.theirs.UnknownSender
        self._register(center, Crossing(other, {id(UnknownSender): anonymous}))
        self._register(other, Crossing(center, {id(anonymous): UnknownSender}))

    def _register(self, center: Any, crossing: Crossing) -> None:
        directlyProvides(crossing, self.theirs.IObserver)
        center.add_observer(crossing)
        self.registered.append((center, crossing))

    def disconnect(self) -> None:
        """Untie all centers."""
        for center, crossing in self.registered:
            center.discard_observer(crossing)
        self.registered.clear()


_installed: list[Bridge] = []


def install_bridge() -> bool:
    """Tie our notification centers to those of `application.notification`.

    Tells whether the bridge stands; False means that no working `application`
    package is installed. Installing it again does nothing.
    """
    if _installed:
        return True
    theirs = _find()
    if theirs is None:
        return False
    bridge = Bridge(theirs)
    _installed.append(bridge)
    IObserver.__bases__ = (theirs.IObserver,)  # so that observers of ours are observers for their centers too
    NotificationCenter.created.append(bridge.connect)
    for center in (NotificationCenter(), *NotificationCenter.instances.values()):
        if all(crossing.other is not center for _, crossing in bridge.registered):
            bridge.connect(center)
    return True


def remove_bridge() -> None:
    """Untie the centers; without a bridge this does nothing."""
    while _installed:
        bridge = _installed.pop()
        NotificationCenter.created.remove(bridge.connect)
        bridge.disconnect()
        IObserver.__bases__ = (Interface,)


def _find() -> Any:
    """Return the module `application.notification`, None when there is none that works."""
    module = sys.modules.get("application.notification")
    if module is None:
        try:
            package = find_spec("application")
        except ValueError:  # a module without a spec: somebody's __main__
            return None
        places = package and package.submodule_search_locations
        if not places or PathFinder.find_spec("application.notification", places) is None:
            return None  # nothing was imported: an application.py of the user's own stays untouched
        try:
            module = import_module("application.notification")
        except Exception:  # noqa: BLE001 - PyPI's is Python 2 code: it fails in more ways than ImportError
            return None
    return module if all(hasattr(module, name) for name in _VOCABULARY) else None
