"""SIPp plays the registrar, over UDP and TCP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sipsimple.core import SIPURI, Credentials, Registration, Route
from tests.endpoints import running
from tests.interop.scenario import Scenario, needs_sipp

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.interop, needs_sipp, pytest.mark.parametrize("transport", ["udp", "tcp"])]


@pytest.mark.parametrize(
    ("name", "granted", "successes"),
    [("s_register_401", 600, 1), ("s_register_423", 1800, 1), ("s_register_short", 4, 3)],
)
def test_a_registration_is_made_kept_and_taken_back(
    name: str, granted: int, successes: int, transport: str, tmp_path: Path
) -> None:
    with running(hub="own") as watch, Scenario(name, transport, tmp_path, seconds=40) as sipp:
        credentials = Credentials(SIPURI("sipp.test", "alice"), "secret")
        registration = Registration(credentials, Route("127.0.0.1", sipp.port, transport))
        registration.register()
        told = watch.wait_for("SCRegistrationDidSucceed", registration, successes)
        assert told.data.expires == granted
        registration.unregister()
        watch.wait_for("SCRegistrationDidEnd", registration)
        sipp.passes(5)
    assert watch.count("SCRegistrationDidFail") == 0
    registers = sipp.received()
    assert len({_line(each, "Call-ID") for each in registers}) == 1
    assert len({_line(each, "Contact") for each in registers}) == 1
    assert [_line(each, "CSeq").split()[1] for each in registers] == [str(each + 1) for each in range(len(registers))]


def _line(message: str, name: str) -> str:
    return next(line for line in message.splitlines() if line.startswith(f"{name}:"))
