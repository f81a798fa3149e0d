"""What a call can tell about its media."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sipsimple.media import wire
from sipsimple.media.worker.call import DIRECTIONS
from sipsimple.media.worker.library import pj

if TYPE_CHECKING:
    from sipsimple.media.worker.call import EngineCall

_SUITE = re.compile(r"Crypto-suite: (\S+)")
NOWHERE = frozenset({"", "0.0.0.0:0", ":0"})


def flowing(token: str, call: EngineCall) -> wire.Flowing:
    """Return what the media of a call are now."""
    try:
        stream = call.getStreamInfo(0)
    except pj.Error:
        return wire.Flowing(token, "", 0, "inactive", _local(call), "")
    return wire.Flowing(
        token,
        stream.codecName,
        stream.codecClockRate,
        DIRECTIONS[stream.dir],
        _local(call),
        _address(stream.remoteRtpAddress),
        _srtp_suite(call),
    )


def statistics(token: str, call: EngineCall, codec: str) -> wire.Statistics | None:
    """Return the counters of a call; None while it has no stream."""
    try:
        figures = call.getStreamStat(0).rtcp
        transport = call.getMedTransportInfo(0)
    except pj.Error:
        return None
    received, sent = figures.rxStat, figures.txStat
    return wire.Statistics(
        token,
        received.pkt,
        sent.pkt,
        received.bytes,
        sent.bytes,
        received.loss,
        sent.loss,
        received.jitterUsec.mean / 1000,
        figures.rttUsec.mean / 1000,
        _address(transport.srcRtpName),
        codec,
    )


def _local(call: EngineCall) -> str:
    try:
        return _address(call.getMedTransportInfo(0).localRtpName)
    except pj.Error:
        return ""


def _srtp_suite(call: EngineCall) -> str:
    """Return the suite in use; the library tells it only in its text for people."""
    text = call.dump(True, "")
    found = _SUITE.search(text) if "SRTP status: Active" in text else None
    return found[1] if found else ""


def _address(text: str) -> str:
    return "" if text in NOWHERE else str(text)
