"""Specs are refused when they are written down."""

from __future__ import annotations

import pytest

from sipsimple.actors.runtime import Actor, AutoShutdown, ChildSpec, Restart, SupervisorSpec
from sipsimple.errors import LocalProtocolError

ANY = AutoShutdown.ANY_SIGNIFICANT


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"id": ""}, "needs an id"),
        ({"significant": True}, "permanent"),
        ({"shutdown": -1.0}, "shutdown of 'a'"),
        ({"mailbox_limit": 0}, "mailbox_limit of 'a'"),
    ],
)
def test_a_child_spec_is_refused(wrong, text):
    with pytest.raises(LocalProtocolError, match=text):
        ChildSpec(**{"id": "a", "actor": Actor, **wrong})


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"id": ""}, "needs an id"),
        ({"intensity": -1}, "intensity"),
        ({"period": 0.0}, "period"),
        ({"shutdown": -1.0}, "shutdown"),
        ({"significant": True}, "permanent"),
        ({"children": (ChildSpec("a", Actor), ChildSpec("b", Actor), SupervisorSpec("a"))}, "same id: a"),
        ({"children": (ChildSpec("a", Actor, restart=Restart.TRANSIENT, significant=True),)}, "never"),
        ({"children": (SupervisorSpec("a", restart=Restart.TEMPORARY, significant=True),)}, "never"),
    ],
)
def test_a_supervisor_spec_is_refused(wrong, text):
    with pytest.raises(LocalProtocolError, match=text):
        SupervisorSpec(**{"id": "s", **wrong})


def test_a_significant_transient_child_is_fine_where_its_end_is_heeded():
    child = ChildSpec("a", Actor, restart=Restart.TRANSIENT, significant=True)
    assert SupervisorSpec("s", auto_shutdown=ANY, children=(child,)).children == (child,)


def test_a_spec_does_not_change():
    with pytest.raises(AttributeError):
        SupervisorSpec("s").intensity = 5
