"""An actor that does one thing and ends: should it crash over and over, that costs nobody else anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.runtime import Actor, AutoShutdown, ChildSpec, GivenUp, Restart, Supervisor, SupervisorSpec

if TYPE_CHECKING:
    from collections.abc import Callable

RESTARTS, RESTART_PERIOD = 3, 10.0


def start_job(
    supervisor: Supervisor,
    id_: str,
    actor: type[Actor],
    args: tuple[object, ...],
    when_given_up: Callable[[GivenUp], None],
) -> None:
    """Start an actor that begins again when it crashes, a few times; after that, `when_given_up` is called.

    Raises:
        ActorDied: The supervisor is ending.
    """
    job = ChildSpec("job", actor, args, Restart.TRANSIENT, shutdown=1.0, significant=True)
    spec = SupervisorSpec(
        id_,
        intensity=RESTARTS,
        period=RESTART_PERIOD,
        auto_shutdown=AutoShutdown.ANY_SIGNIFICANT,
        children=(job,),
        restart=Restart.TEMPORARY,
        when_given_up=when_given_up,
    )
    supervisor.start_child(spec)
