"""Kamailio as a registrar and proxy that wants to know who sends: one process on free ports of the loopback address.

alice and bob have the password `secret`, and so has anyone who registers; realm `sipp.test`. It takes every REGISTER,
and challenges every INVITE and, inside a dialog, every BYE that asks to go through it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.actors.wire.authority import Issued

HOST = "127.0.0.1"
SECONDS = 15.0
FIRST_PORT, PAIRS_OF_PORTS = 10_000, 5_000
KAMAILIO = shutil.which("kamailio")
FOLDERS = ("/usr/lib/x86_64-linux-gnu/kamailio/modules", "/usr/lib/kamailio/modules", "/usr/lib64/kamailio/modules")
MODULE_PATH = ":".join(f"{each}/" for each in FOLDERS)
HAS_TLS = any(Path(folder, "tls.so").exists() for folder in FOLDERS)

needs_kamailio = pytest.mark.skipif(
    KAMAILIO is None or not HAS_TLS,
    reason="Kamailio or its TLS module is not installed (`make peers` installs them as root on Debian)",
)

_MODULES = "tm sl rr pv maxfwd textops siputils usrloc registrar auth tls nathelper"

_HEAD = """#!KAMAILIO
mpath="{modules_path}"
debug=1
log_stderror=yes
children=1
tcp_children=1
enable_tls=yes
dns=no
rev_dns=no
auto_aliases=no
listen=udp:{host}:{udp}
listen=tcp:{host}:{tcp}
listen=tls:{host}:{tls}
{modules}
modparam("tls", "config", "{folder}/tls.cfg")
"""

_CONFIGURATION = """
modparam("auth", "algorithm", "{algorithm}")
modparam("auth", "qop", "auth")
modparam("auth", "nonce_count", 1)
modparam("auth", "nonce_expire", {nonce_expire})
modparam("tm", "fr_timer", 5000)
modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")

onreply_route {{ if (is_method("INVITE") && proto != UDP && is_present_hf("Contact")) set_contact_alias(); }}
route[WHO] {{
    if (!pv_proxy_authenticate("sipp.test", "secret", "0")) {{ proxy_challenge("sipp.test", "1"); exit; }}
    if ($au != "alice" && $au != "bob") {{ sl_send_reply("403", "Nobody"); exit; }}
    consume_credentials();
}}
request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (proto != UDP) {{ # who has no listener is reached by the connection that he made
        if (is_method("REGISTER")) fix_nated_register(); else if (is_method("INVITE")) set_contact_alias();
    }}
    if (is_method("REGISTER")) {{ if (!save("location")) sl_reply_error(); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (is_method("BYE")) route(WHO);
        if (is_method("ACK") && t_check_trans()) {{ t_relay(); exit; }}
        if (loose_route()) {{ handle_ruri_alias(); t_relay(); }}
        exit;
    }}
    t_check_trans();
    route(WHO);
    record_route();
    remove_hf("Route");
    if (!lookup("location")) {{ sl_send_reply("404", "Not Here"); exit; }}
    t_relay();
}}
"""

_TLS = """[server:default]
method = TLSv1.2+
verify_certificate = no
require_certificate = no
certificate = {certificate.cert}
private_key = {certificate.key}
[client:default]
method = TLSv1.2+
verify_certificate = no
"""


@contextlib.contextmanager
def proxy(
    folder: Path, certificate: Issued, algorithm: str = "MD5", nonce_expire: int = 120
) -> Iterator[dict[str, int]]:
    """Run Kamailio for the length of the block, which gets its ports by transport."""
    ports = free_ports()
    text = _CONFIGURATION.format(algorithm=algorithm, nonce_expire=nonce_expire)
    with run(folder, _MODULES, text, certificate, ports):
        yield ports


@contextlib.contextmanager
def run(folder: Path, modules: str, configuration: str, certificate: Issued, ports: dict[str, int]) -> Iterator[None]:
    """Run Kamailio for the length of the block, with modules, named in one line, and what it is to do with them."""
    loads = "\n".join(f'loadmodule "{name}.so"' for name in modules.split())
    head = _HEAD.format(modules_path=MODULE_PATH, host=HOST, modules=loads, folder=folder, **ports)
    (folder / "tls.cfg").write_text(_TLS.format(certificate=certificate), encoding="utf-8")
    file = folder / "kamailio.cfg"
    file.write_text(head + configuration, encoding="utf-8")
    files = ["-f", file, "-P", folder / "pid", "-Y", folder, "-w", folder]
    command = [str(each) for each in (KAMAILIO, *files, "-DD", "-E", "-m", "32", "-M", "4")]
    log = folder / "kamailio.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_until_up(process, ports, log)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(process.pid, signal.SIGKILL)  # it may not hear anything gentler while it starts
        process.wait()


def register(ports: dict[str, int], user: str, contact: str) -> None:
    """Register a contact, with a plain socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        sock.settimeout(SECONDS)
        lines = [
            "REGISTER sip:sipp.test SIP/2.0",
            f"Via: SIP/2.0/UDP {HOST}:{sock.getsockname()[1]};branch=z9hG4bKr{user}",
            f"From: <sip:{user}@sipp.test>;tag=r",
            f"To: <sip:{user}@sipp.test>",
            f"Call-ID: register-{user}",
            "CSeq: 1 REGISTER",
            "Max-Forwards: 70",
            f"Contact: <{contact}>",
            "Expires: 600",
            "Content-Length: 0",
        ]
        sock.sendto("\r\n".join([*lines, "", ""]).encode(), (HOST, ports["udp"]))
        answer = sock.recv(65536)
    assert answer.startswith(b"SIP/2.0 200"), answer


def free_ports() -> dict[str, int]:
    """Name a free port for each transport; UDP and TCP have one, as Contacts of Kamailio itself take for granted.

    None is of those that the system gives to whoever asks for any: they must be free after a restart, too.
    """
    while True:
        first = FIRST_PORT + 2 * secrets.randbelow(PAIRS_OF_PORTS)
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):  # one is taken
            for kind, port in (
                (socket.SOCK_DGRAM, first),
                (socket.SOCK_STREAM, first),
                (socket.SOCK_STREAM, first + 1),
            ):
                stack.enter_context(socket.socket(socket.AF_INET, kind)).bind((HOST, port))
            return {"udp": first, "tcp": first, "tls": first + 1}


def _wait_until_up(process: subprocess.Popen[bytes], ports: dict[str, int], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not _is_up(ports):
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"Kamailio does not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
        time.sleep(0.02)


def _is_up(ports: dict[str, int]) -> bool:
    for transport in ("tcp", "tls"):
        try:
            socket.create_connection((HOST, ports[transport]), 1).close()
        except OSError:
            return False
    return True
