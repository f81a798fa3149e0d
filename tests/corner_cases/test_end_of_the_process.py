"""A program that ends without a word to the engine: it ends at once and says nothing, and its calls are hung up."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.interop.sip_peer import SIPPeer, chat_line, description

pytestmark = pytest.mark.slow

PROGRAM = """
from sipsimple import *
engine = Engine()
engine.start(local_ip="127.0.0.1")
session = Session()
session.connect(SIPURI("127.0.0.1", "peer", port={port}), Credentials(SIPURI("example.com", "alice")), chat=True)
import time
while session.state != "ESTABLISHED":
    time.sleep(0.01)
{end}
"""
ENDS = {
    "the last line": ("", 0),
    "sys.exit": ("import sys; sys.exit(3)", 3),
    "an exception": ("raise SystemExit(4)", 4),
    "no reference left": ("del engine, session; import gc; gc.collect()", 0),
}


def run(program, peer, *, hangs_up):
    """Run a program that calls the peer; return it when it has ended."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        invite = peer.receive("INVITE")
        line = chat_line("msrp://127.0.0.1:9/peersession;tcp", "setup:active", protocol="TCP/TLS/MSRP")
        peer.respond(invite, 200, "OK", body=description(line.replace("msrp:", "msrps:")))
        peer.receive("ACK")
        if hangs_up:
            peer.respond(peer.receive("BYE"), 200, "OK")
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    return process.returncode, out, err


@pytest.mark.parametrize("end", ENDS)
def test_a_script_that_ends_hangs_up_and_says_nothing(end):
    code, status = ENDS[end]
    with SIPPeer() as peer:
        outcome = run(PROGRAM.format(port=peer.port, end=code), peer, hangs_up=True)
    assert outcome == (status, "", "")


@pytest.mark.parametrize("end", ENDS)
def test_a_gevent_server_that_ends_says_nothing(end):
    code, status = ENDS[end]
    program = "from gevent import monkey; monkey.patch_all()\n" + PROGRAM
    with SIPPeer() as peer:
        outcome = run(program.format(port=peer.port, end=code), peer, hangs_up=False)
    assert outcome == (status, "", "")


def test_an_engine_that_never_started_leaves_nothing_at_the_end():
    program = "from sipsimple import *; Engine(); Session(); SessionManager()"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
