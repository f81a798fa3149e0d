"""`sipsimple listen` and `sipsimple chat` as two processes that talk to each other."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.interop.endpoint import COMMAND, chat, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

NOBODY = 9  # discard, which no machine serves any more


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_message_is_delivered_and_echoed(transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, "--accept", "chat") as bob:
        call = chat(
            bob.ports[transport], transport, "--from", '"Alice" <sip:alice@example.com>', message="good morning"
        )
        got = bob.wait_for("SCSessionGotMessage")
        ended = bob.wait_for("SCSessionDidEnd")
    assert call.delivered, call.output
    assert got["content"] == "good morning"
    assert got["message"]["tls"]
    assert got["cpim_headers"]["From"] == '"Alice" <sip:alice@example.com>'
    assert ended["originator"] == "remote"
    started = call.first("SCSessionDidStart")
    assert (started["direction"], started["call_id"]) == ("outgoing", got["call_id"])
    assert call.first("MSRPChatDidStart")["session"] == started["session"] != got["session"]


def test_udp_and_tcp_listen_at_one_port(tmp_path: Path) -> None:
    with listening(tmp_path) as bob:
        assert bob.ports == {"event": "listening", "udp": bob.ports["tcp"], "tcp": bob.ports["udp"]}


def test_msrp_goes_without_tls_when_it_is_told_so(tmp_path: Path) -> None:
    with listening(tmp_path, "--accept", "chat") as bob:
        call = chat(bob.ports["udp"], "udp", "--no-msrp-tls")
    assert call.delivered, call.output
    assert not call.first("SCSessionDidDeliverMessage")["message"]["tls"]


def test_the_trace_has_the_sip_messages_and_no_body(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    with listening(tmp_path, "--accept", "chat", "--trace", str(trace)) as bob:
        assert chat(bob.ports["tcp"], "tcp", message="between you and me").delivered
        bob.wait_for("SCSessionDidEnd")
    text = trace.read_text(encoding="ascii")
    events = [json.loads(line) for line in text.splitlines()]
    received = [event["message"].split()[0] for event in events if event["event"] == "sip.received"]
    assert received == ["INVITE", "ACK", "BYE"]
    assert {"engine.started", "session.changed", "engine.ended"} <= {event["event"] for event in events}
    assert "between you and me" not in text
    assert "a=path" not in text


def test_what_is_typed_is_sent_line_by_line(tmp_path: Path) -> None:
    with listening(tmp_path, "--accept", "chat") as bob:
        command = [*COMMAND, "chat", f"sip:bob@127.0.0.1:{bob.ports['udp']}"]
        typed = b"one\ntwo\n\nGr\xc3\xbc\xc3\x9fe"
        done = subprocess.run(command, input=typed, capture_output=True, timeout=30, check=False)
        bob.wait_for("SCSessionDidEnd")
    assert done.returncode == 0, done.stderr
    said = [event["content"] for event in bob.events if event["event"] == "SCSessionGotMessage"]
    assert said == ["one", "two", "Grüße"]
    assert done.stdout.decode().splitlines().count("delivered") == 3


def test_calls_are_answered_in_turn(tmp_path: Path) -> None:
    with listening(tmp_path, "--answers", "603,accept,ring") as bob:
        refused = chat(bob.ports["udp"], "udp")
        accepted = chat(bob.ports["udp"], "udp")
        rung = chat(bob.ports["udp"], "udp", "--timeout", "0.3")
        cancelled = bob.wait_for("SCSessionDidFail")
    assert (refused.delivered, refused.first("SCSessionDidFail")["code"]) == (False, 603)
    assert accepted.delivered
    assert (rung.delivered, rung.count("SCSessionGotRingIndication"), rung.count("SCSessionDidFail")) == (False, 1, 0)
    assert cancelled["code"] == 487


@pytest.mark.parametrize(("transport", "code"), [("udp", 408), ("tcp", 503)])
def test_a_call_that_nobody_answers_fails(transport: str, code: int) -> None:
    call = chat(NOBODY, transport, "--t1", "0.01")
    assert not call.delivered
    failure = call.first("SCSessionDidFail")
    assert (failure["originator"], failure["code"]) == ("local", code)


@pytest.fixture
def silence() -> Iterator[int]:
    """A port whose owner never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        yield silent.getsockname()[1]


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (("chat",), ("--message", "x", "--timeout", "0.2")),
        (("chat",), ("--message", "x", "--timeout", "9", "--cancel-after", "0.2", "--json")),
        (("send", __file__), ("--timeout", "0.2")),
    ],
)
def test_a_caller_whom_nobody_answers_in_time_says_so(
    command: tuple[str, ...], options: tuple[str, ...], silence: int
) -> None:
    arguments = [*COMMAND, *command, f"sip:bob@127.0.0.1:{silence}", *options, "--t1", "0.02"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "sipsimple: nobody answered within 0.2 s\n" in done.stderr


def test_a_caller_who_is_refused_says_only_that(tmp_path: Path) -> None:
    with listening(tmp_path, "--reject", "486") as bob:
        arguments = [*COMMAND, "chat", f"sip:bob@127.0.0.1:{bob.ports['udp']}", "--message", "x"]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "486" in done.stdout


def test_a_caller_that_is_told_to_end_hangs_up_first(tmp_path: Path) -> None:
    with listening(tmp_path, "--accept", "chat") as bob:
        command = [*COMMAND, "chat", f"sip:bob@127.0.0.1:{bob.ports['udp']}", "--json"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as alice:
            bob.wait_for("SCSessionDidStart")
            alice.send_signal(signal.SIGINT)
            assert alice.wait(10) == 1
        assert bob.wait_for("SCSessionDidEnd")["originator"] == "remote"


def test_a_caller_whose_peer_hangs_up_ends_without_more_input(tmp_path: Path) -> None:
    with listening(tmp_path, "--accept", "chat") as bob:
        command = [*COMMAND, "chat", f"sip:bob@127.0.0.1:{bob.ports['udp']}"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as alice:
            assert alice.stdin is not None
            alice.stdin.write(b"hello\n")
            alice.stdin.flush()
            bob.wait_for("SCSessionDidDeliverMessage")
            bob.terminate()
            assert alice.wait(10) == 0


def test_a_listener_whose_reader_is_gone_ends(tmp_path: Path) -> None:
    command = [*COMMAND, "listen", "--port", "0", "--accept", "chat"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as bob:
        assert bob.stdout is not None
        assert bob.stderr is not None
        port = json.loads(bob.stdout.readline())["udp"]
        bob.stdout.close()
        chat(port, "udp")
        assert bob.wait(10) == 0
        assert bob.stderr.read() == b""
