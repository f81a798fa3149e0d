"""Kamailio as a registrar that wants a password: alice, bob and carol have `secret`, realm `sipp.test`.

It keeps contacts for `max_expires` seconds at the most, answers 423 below `min_expires`, and makes GRUUs.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from tests.interop.kamailio import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.actors.wire.authority import Issued

_MODULES = "tm sl pv maxfwd textops siputils usrloc registrar auth tls"

_CONFIGURATION = """
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "timer_interval", 1)
modparam("registrar", "max_contacts", 5)
modparam("registrar", "gruu_enabled", 1)
modparam("registrar", "max_expires", {max_expires})
modparam("auth", "algorithm", "{algorithm}")
modparam("auth", "qop", "auth")
modparam("auth", "nonce_count", 1)
modparam("auth", "nonce_expire", 60)

request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (!is_method("REGISTER")) {{ sl_send_reply("405", "Not Here"); exit; }}
    if (!pv_www_authenticate("sipp.test", "secret", "0")) {{ www_challenge("sipp.test", "1"); exit; }}
    if ($au != $tU) {{ sl_send_reply("403", "Nobody"); exit; }}
    if ($(hdr(Expires){{s.int}}) > 0 && $(hdr(Expires){{s.int}}) < {min_expires}) {{
        append_to_reply("Min-Expires: {min_expires}\\r\\n");
        sl_send_reply("423", "Interval Too Brief");
        exit;
    }}
    if (!save("location")) sl_reply_error();
}}
"""


@contextlib.contextmanager
def registrar(
    folder: Path,
    certificate: Issued,
    ports: dict[str, int],
    algorithm: str = "MD5",
    min_expires: int = 0,
    max_expires: int = 3600,
) -> Iterator[None]:
    """Run Kamailio on these ports for the length of the block; again on the same ones after a restart."""
    text = _CONFIGURATION.format(
        algorithm=algorithm,
        min_expires=min_expires,
        max_expires=max_expires,
    )
    with run(folder, _MODULES, text, certificate, ports):
        yield
