"""One pjsua account per call: the settings of a call's media belong to the account that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.media.worker.control import LOOPBACK
from sipsimple.media.worker.library import pj

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.media.wire import Open


class Slot(pj.Account):  # type: ignore[misc, unused-ignore]
    """The place of one call.

    Args:
        refuse: Told the number of an incoming call: nobody may call a worker.

    Attributes:
        is_free: No call is in it.
    """

    def __init__(self, refuse: Callable[[Any, int], None]) -> None:
        super().__init__()
        self.is_free = True
        self._refuse = refuse
        self.create(_settings())

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 - the library's name
        """Refuse."""
        self._refuse(self, prm.callId)

    def take(self, opening: Open, stun_works: bool, turn_works: bool) -> None:
        """Set everything that the next call needs, and be taken.

        Raises:
            pj.Error: The library does not like the settings.
        """
        settings = _settings()
        media, nat = settings.mediaConfig, settings.natConfig
        media.srtpUse = opening.srtp
        media.transportConfig.boundAddress = opening.address
        media.transportConfig.publicAddress = opening.public_address
        media.transportConfig.port = opening.port
        media.transportConfig.portRange = opening.port_count
        nat.iceEnabled = opening.ice
        nat.mediaStunUse = pj.PJSUA_STUN_RETRY_ON_FAILURE if stun_works else pj.PJSUA_STUN_USE_DISABLED
        if turn_works:
            nat.turnEnabled = True
            nat.turnServer = opening.turn
            nat.turnUserName = opening.turn_user
            nat.turnPassword = opening.turn_password
        self.modify(settings)
        self.is_free = False


def _settings() -> Any:
    settings = pj.AccountConfig()
    settings.idUri = f"sip:{LOOPBACK}"
    call, media, nat = settings.callConfig, settings.mediaConfig, settings.natConfig
    call.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
    call.prackUse = pj.PJSUA_100REL_NOT_USED
    media.lockCodecEnabled = False
    media.streamKaEnabled = False
    media.srtpSecureSignaling = 0
    nat.iceAlwaysUpdate = False
    nat.iceTrickle = pj.PJ_ICE_SESS_TRICKLE_DISABLED
    nat.sipStunUse = nat.mediaStunUse = pj.PJSUA_STUN_USE_DISABLED
    nat.contactRewriteUse = nat.viaRewriteUse = nat.sdpNatRewriteUse = 0
    return settings
