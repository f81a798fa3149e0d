"""What a command cannot do is one line on stderr and exit status 2."""

from __future__ import annotations

import socket
import subprocess

import pytest

from tests.interop.endpoint import COMMAND

pytestmark = pytest.mark.slow


def refusal(*arguments: str) -> str:
    """Run a command that has to refuse, and give the line that it says."""
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("sipsimple: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    ("arguments", "blamed"),
    [
        (("chat", "bob", "--message", "x"), "'bob'"),
        (("chat", "sip:bob@host:99999", "--message", "x"), "99999"),
        (("chat", "sip:bob@host", "--from", "nobody", "--message", "x"), "'nobody'"),
        (("chat", "sip:bob@host", "--transport", "sctp", "--message", "x"), "'sctp'"),
        (("chat", "sip:bob@host", "--message", "\udcff"), "UTF-8"),
        (("call", "sip:bob@host", "--dtmf", "12x"), "'x'"),
        (("call", "sip:bob@host", "--play", __file__), "not a WAV file"),
        (("listen", "--port", "0", "--host", "here"), "'here'"),
        (("listen", "--port", "0", "--host", "192.0.2.1"), "192.0.2.1"),
        (("listen", "--port", "0", "--transport", "udp,sctp"), "'sctp'"),
        (("listen", "--port", "0", "--trace", "/nowhere/trace"), "/nowhere/trace"),
        (("listen", "--port", "0", "--accept", "video"), "'video'"),
        (("listen", "--port", "0", "--reject", "200"), "'200'"),
        (("listen", "--port", "0", "--accept", "chat", "--reject", "486"), "only one"),
    ],
)
def test_a_bad_argument_is_named(arguments: tuple[str, ...], blamed: str) -> None:
    assert blamed in refusal(*arguments)


@pytest.mark.parametrize(("kind", "transport"), [(socket.SOCK_DGRAM, "udp"), (socket.SOCK_STREAM, "tcp")])
def test_a_port_in_use_is_named(kind: socket.SocketKind, transport: str) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            other.listen()
        port = other.getsockname()[1]
        assert f"127.0.0.1:{port}" in refusal("listen", "--port", str(port), "--transport", transport)
