"""What observers are handed, and the path that all of it is imported from."""

import ast
import datetime
import inspect

import pytest

import sipsimple.notification
from sipsimple.notification import Any, Notification, NotificationData, UnknownSender


def test_data_is_a_bag_of_attributes():
    data = NotificationData(code=486, reason="Busy Here")
    data.originator = "remote"
    assert repr(data) == "NotificationData(code=486, reason='Busy Here', originator='remote')"
    with pytest.raises(AttributeError):
        _ = data.nothing


def test_a_notification_tells_its_time_in_three_ways():
    notification = Notification("a", "s", NotificationData(n=1))
    assert repr(notification) == "Notification('a', 's', NotificationData(n=1))"
    assert notification.datetime.timestamp() == pytest.approx(notification.timestamp, abs=1e-5)
    utc = notification.utcdatetime.replace(tzinfo=datetime.UTC)
    assert utc.timestamp() == pytest.approx(notification.timestamp, abs=1e-5)
    assert notification.datetime.tzinfo is notification.utcdatetime.tzinfo is None
    with pytest.raises(ValueError, match="must not be Any"):
        Notification(Any)


def test_markers_say_their_name():
    assert (repr(Any), repr(UnknownSender)) == ("Any", "UnknownSender")


def test_the_published_path_only_exports():
    tree = ast.parse(inspect.getsource(sipsimple.notification))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert all(hasattr(sipsimple.notification, name) for name in sipsimple.notification.__all__)
