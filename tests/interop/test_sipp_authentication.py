"""SIPp is challenged by our engine, and challenges it, over UDP and TCP; SIPp answers MD5 only."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from sipsimple.core import SIPURI, Credentials, Demand, Passwords
from sipsimple.session import Session
from tests.endpoints import port, running
from tests.interop.msrp_peer import PassivePeer
from tests.interop.scenario import Scenario, needs_sipp

if TYPE_CHECKING:
    from pathlib import Path

    from sipsimple.core import IncomingRequest

pytestmark = [pytest.mark.interop, needs_sipp, pytest.mark.parametrize("transport", ["udp", "tcp"])]

PASSWORDS = {"alice": "secret"}


def ask_as_proxy(_request: IncomingRequest) -> Demand:
    """Ask by 407."""
    return Demand("sipp.test", lambda name, _realm, _algorithm: PASSWORDS.get(name), 407)


@pytest.mark.parametrize("status", [401, 407])
def test_sipp_answers_our_challenge(status: int, transport: str, tmp_path: Path) -> None:
    ask = ask_as_proxy if status == 407 else Passwords("sipp.test", PASSWORDS)
    with running(hub="own", authenticate=ask, digest_algorithms=("MD5",)) as watch:
        watch.on["SCSessionNewIncoming"] = lambda session: session.accept(chat=True)
        with Scenario(f"c_auth{status}_chat", transport, tmp_path, calls=port(transport)) as sipp:
            sipp.passes()
        session = watch.wait_for("SCSessionDidEnd").sender
        assert session.authenticated_user == "alice"
        assert watch.count("SCSessionNewIncoming") == 1


@pytest.mark.parametrize("status", [401, 407])
def test_we_answer_the_challenge_of_sipp(status: int, transport: str, tmp_path: Path) -> None:
    name = f"s_auth{status}_chat"
    with (
        PassivePeer(tmp_path) as peer,
        running(hub="own") as watch,
        Scenario(name, transport, tmp_path, msrp_port=peer.port) as sipp,
    ):
        session = Session()
        parameters = {} if transport == "udp" else {"transport": transport}
        callee = SIPURI("127.0.0.1", "bob", port=sipp.port, parameters=parameters)
        session.connect(callee, Credentials(SIPURI("sipp.test", "alice"), "secret"), chat=True)
        watch.wait_for("SCSessionDidStart", session)
        session.terminate()
        sipp.passes()
        watch.wait_for("SCSessionDidEnd", session)
    sent = [text for text in sipp.received() if "uthorization: Digest" in text]
    assert [text.split(" ")[0] for text in sent] == ["INVITE", "ACK", "BYE"]
    for text in (sent[0], sent[2]):
        assert parameter(text, "response") == due(text)


def parameter(text: str, name: str) -> str:
    """Return one of the parameters of the credentials."""
    found = re.search(rf"uthorization: Digest .*\b{name}=\"?([^\",\r\n]*)", text)
    return found.group(1) if found else ""


def due(text: str) -> str:
    """Compute what stands in `response`, with the password and without our code."""
    ha1, a2 = md5("alice:sipp.test:secret"), md5(f"{text.split(' ')[0]}:{parameter(text, 'uri')}")
    nonce, count, cnonce = (parameter(text, name) for name in ("nonce", "nc", "cnonce"))
    return md5(f"{ha1}:{nonce}:{count}:{cnonce}:auth:{a2}")


def md5(text: str) -> str:
    """Hash as RFC 2617 does."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
