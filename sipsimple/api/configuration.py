"""The three configuration objects of the SessionManager."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sipsimple.api import checking
from sipsimple.api.advertising import host_or_none
from sipsimple.api.chat.room import chatroom
from sipsimple.api.host import default_host_ip
from sipsimple.api.relay_settings import MSRPRelaySettings, further_relays
from sipsimple.api.uri import SIPURI, required_uri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipsimple.api.audio.sound_files import StrPath


@dataclass(slots=True)
class RingtoneConfiguration(checking.Checked):
    """Which `.wav` file rings for whom; looked up when it is needed, never copied.

    What is no path raises TypeError when it is set; a file that cannot be played is logged, and silent.

    Attributes:
        default_inbound_ringtone: Path of the file for callers without one of their own; None: silence.
        outbound_ringtone: Path of the file played while the remote device rings; None: silence.
        message_received_sound: Path of the file played when a chat message comes; None: silence.
        message_sent_sound: Path of the file played when one leaves; None: silence.
    """

    CHECKS = {
        "default_inbound_ringtone": checking.path_or_none,
        "outbound_ringtone": checking.path_or_none,
        "message_received_sound": checking.path_or_none,
        "message_sent_sound": checking.path_or_none,
    }

    default_inbound_ringtone: StrPath | None = None
    outbound_ringtone: StrPath | None = None
    message_received_sound: StrPath | None = None
    message_sent_sound: StrPath | None = None
    _of_caller: dict[tuple[str | None, str], StrPath] = field(default_factory=dict, init=False, repr=False)

    def add_ringtone_for_sipuri(self, sipuri: SIPURI, ringtone: StrPath) -> None:
        """Ring with the file `ringtone` when `sipuri` calls; replaces an earlier one.

        Raises:
            TypeError: `sipuri` is no SIPURI, or `ringtone` no path.
        """
        path = checking.path_or_none("ringtone", ringtone)
        if path is None:
            raise TypeError("ringtone must be a path; remove_sipuri() takes one back")
        self._of_caller[_caller(sipuri)] = path

    def remove_sipuri(self, sipuri: SIPURI) -> None:
        """Forget the ringtone of `sipuri`.

        Raises:
            KeyError: It has none.
        """
        del self._of_caller[_caller(sipuri)]

    def get_ringtone_for_sipuri(self, sipuri: SIPURI) -> StrPath | None:
        """Return the file for a call from `sipuri`: its own, else the default."""
        return self._of_caller.get(_caller(sipuri), self.default_inbound_ringtone)


def _caller(sipuri: SIPURI) -> tuple[str | None, str]:
    required_uri("sipuri", sipuri)
    return sipuri.user, sipuri.host.lower()


class AutomaticAddress(str):
    """An address that nobody chose: where the engine was given one, RTP uses that instead."""

    __slots__ = ()


def _automatic_address() -> str:
    return AutomaticAddress(default_host_ip())


def _stun_port(name: str, value: Any) -> int:
    return checking.integer(name, value, 1, 65535)


@dataclass(slots=True)
class RTPConfiguration(checking.Checked):
    """How an audio stream's RTP is sent; copied into a Session when it is made.

    A bad value raises ValueError, or TypeError, when it is set.

    Attributes:
        local_rtp_address: IPv4 address for RTP; by default the one that leaves this host, or the
            engine's `local_ip` where that was given.
        use_srtp: Offer SRTP, and take it when it is offered.
        srtp_forced: Refuse plain RTP, if SRTP is used.
        use_ice: Use ICE, unless RTP is bound to a loopback address.
        ice_stun_address: IPv4 address of the STUN server for ICE; None: no server-reflexive candidate.
        ice_stun_port: Its UDP port.
        ice_turn_address: IPv4 address of the TURN server for ICE; None: no relayed candidate.
        ice_turn_port: Its UDP port.
        ice_turn_user: Who we are there.
        ice_turn_password: The password for that; never printed.
    """

    CHECKS = {
        "local_rtp_address": checking.ipv4,
        "use_srtp": checking.boolean,
        "srtp_forced": checking.boolean,
        "use_ice": checking.boolean,
        "ice_stun_address": checking.ipv4_or_none,
        "ice_stun_port": _stun_port,
        "ice_turn_address": checking.ipv4_or_none,
        "ice_turn_port": _stun_port,
        "ice_turn_user": checking.secret,
        "ice_turn_password": checking.secret,
    }

    local_rtp_address: str = field(default_factory=_automatic_address)
    use_srtp: bool = False
    srtp_forced: bool = False
    use_ice: bool = False
    ice_stun_address: str | None = None
    ice_stun_port: int = 3478
    ice_turn_address: str | None = None
    ice_turn_port: int = 3478
    ice_turn_user: str = ""
    ice_turn_password: str = field(default="", repr=False)


@dataclass(slots=True)
class MSRPConfiguration(checking.Checked):
    """How a chat's MSRP connection is made; copied into a Session when it is made.

    A bad value raises ValueError, or TypeError, when it is set.

    Attributes:
        local_ip: IP address for the MSRP URI; None: the engine's.
        local_port: TCP port to listen on; None or 0: any free one.
        local_use_tls: Use `msrps`.
        use_relay_incoming: Use a relay for sessions that we answer.
        use_relay_outgoing: Use a relay for sessions that we start.
        relay_host: Name or address of the relay.
        relay_port: TCP port of the relay; None: 2855.
        relay_use_tls: Speak TLS with the relay; None: yes.
        relay_ca_file: Who may vouch for the relay, a file of certificates; None: the engine's `tls_ca_file`, else whom
            the system trusts.
        relay_verify_server: Refuse a relay whose certificate is not for its name.
        relays: More relays, each beyond the one before; they are asked for their part of the path through those.
        chatroom_capabilities: What chats offer as a chat room, of `nickname` and `private-messages`; empty: they are
            none.
        save_directory: Where files go that are received without a `save_directory` of their own; None: they are not
            taken.
    """

    CHECKS = {
        "local_ip": checking.ip_or_none,
        "local_port": checking.port_or_none,
        "local_use_tls": checking.boolean,
        "use_relay_incoming": checking.boolean,
        "use_relay_outgoing": checking.boolean,
        "relay_host": host_or_none,
        "relay_port": checking.port_or_none,
        "relay_use_tls": checking.boolean_or_none,
        "relay_ca_file": checking.path_or_none,
        "relay_verify_server": checking.boolean,
        "relays": lambda name, value: further_relays(name, value),
        "chatroom_capabilities": lambda _name, value: chatroom(value),
        "save_directory": checking.path_or_none,
    }

    local_ip: str | None = None
    local_port: int | None = None
    local_use_tls: bool = True
    use_relay_incoming: bool = True
    use_relay_outgoing: bool = False
    relay_host: str | None = None
    relay_port: int | None = None
    relay_use_tls: bool | None = None
    save_directory: str | None = None
    relay_ca_file: str | None = None
    relay_verify_server: bool = True
    relays: Sequence[MSRPRelaySettings] = ()
    chatroom_capabilities: Sequence[str] = ()
