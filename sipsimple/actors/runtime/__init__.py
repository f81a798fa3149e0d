"""The actor runtime: actors under supervision, on one gevent hub."""

from sipsimple.actors.runtime.actor import DEFERRED, Actor
from sipsimple.actors.runtime.clock import Clock, FakeClock, HubClock, Scheduled
from sipsimple.actors.runtime.exits import GivenUp, Killed
from sipsimple.actors.runtime.log import Logger, get_logger, is_silent
from sipsimple.actors.runtime.mailbox import Mailbox, Overflow
from sipsimple.actors.runtime.messages import TimerFired
from sipsimple.actors.runtime.ref import Ref
from sipsimple.actors.runtime.reply import Question
from sipsimple.actors.runtime.restarts import AutoShutdown, Restart, Strategy
from sipsimple.actors.runtime.spec import ChildSpec, SupervisorSpec
from sipsimple.actors.runtime.supervisor import Supervisor
from sipsimple.actors.runtime.system import System
from sipsimple.actors.runtime.tables import again, carries, handles
from sipsimple.actors.runtime.tree import Node, render, tree

__all__ = [
    "DEFERRED",
    "Actor",
    "AutoShutdown",
    "ChildSpec",
    "Clock",
    "FakeClock",
    "GivenUp",
    "HubClock",
    "Killed",
    "Logger",
    "Mailbox",
    "Node",
    "Overflow",
    "Question",
    "Ref",
    "Restart",
    "Scheduled",
    "Strategy",
    "Supervisor",
    "SupervisorSpec",
    "System",
    "TimerFired",
    "again",
    "carries",
    "get_logger",
    "handles",
    "is_silent",
    "render",
    "tree",
]
