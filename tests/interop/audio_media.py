"""The audio of one call as a raw SIP peer offers and answers it, with the RTP that follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.interop import audio_sdp
from tests.interop.audio_sdp import MIRROR, audio_line, document, lines, refused_line
from tests.media.g711 import BY_PAYLOAD_TYPE
from tests.media.rtp import EVENT_PAYLOAD_TYPE
from tests.media.rtp_peer import RTPPeer
from tests.media.srtp import SRTP, Crypto

if TYPE_CHECKING:
    from tests.interop.audio_sdp import Line
    from tests.media.g711 import Law


class AudioMedia:
    """One audio stream, and what else is in the descriptions.

    Attributes:
        rtp: Its audio.
        codecs: What its lines name.
        srtp: "off", "optional" or "forced".
        crypto: Its key.
        direction: What its own audio line says.
        host: The c= line of its audio line, when it has one.
        has_audio: Whether its offers keep the audio line in use.
        others: Further m-lines of its offers, as text; and by kind what it answers to such lines.
    """

    def __init__(self, codecs: tuple[str, ...], srtp: str) -> None:
        self.rtp = RTPPeer(codecs[0])
        self.codecs = codecs
        self.srtp = srtp
        self.crypto = Crypto()
        self.direction = "sendrecv"
        self.host = ""
        self.has_audio = True
        self.others: list[str] = []
        self._version = 0

    def offer(self) -> str:
        """Write what it wants now."""
        self._version += 1
        return document(self._version, self._audio_line(self.direction), *self.others)

    def answer(self, offer: str) -> str:
        """Write the answer to an offer: its own audio, and what `others` has of the other lines."""
        self._version += 1
        others = {line.kind: line.text for line in lines(document(0, *self.others))}
        return document(
            self._version,
            *(
                self._answer_line(line) if line.kind == "audio" else others.get(line.kind, refused_line(line))
                for line in lines(offer)
            ),
        )

    def _audio_line(self, direction: str) -> str:
        return audio_line(
            self.rtp.port if self.has_audio else 0,
            self.codecs,
            direction=direction,
            protocol="RTP/SAVP" if self.srtp == "forced" else "RTP/AVP",
            crypto=None if self.srtp == "off" else self.crypto,
            host=self.host,
            events=self.rtp.hears_events_as,
        )

    def _answer_line(self, line: Line) -> str:
        if not line.port or not self.has_audio or self.refuses(line):
            return refused_line(line)
        key = Crypto(self.crypto.key, line.crypto.tag) if self.srtp != "off" and line.crypto else None
        self.rtp.hears_events_as = line.events or EVENT_PAYLOAD_TYPE
        return audio_line(
            self.rtp.port,
            self.codecs,
            direction=_both(MIRROR[line.direction], self.direction),
            protocol=line.protocol,
            crypto=key,
            host=self.host,
            events=self.rtp.hears_events_as,
        )

    def move(self) -> None:
        """Have the audio at another port from now on; the next description says so."""
        old, self.rtp = self.rtp, RTPPeer(self.codecs[0])
        self.rtp.take_over(old)
        old.close()

    def refuses(self, line: Line) -> bool:
        """Tell whether it cannot take an audio line: encrypted for a plain one, plain for one that insists."""
        encrypted = line.protocol == "RTP/SAVP"
        return (encrypted and (self.srtp == "off" or line.crypto is None)) or (
            self.srtp == "forced" and line.crypto is None
        )

    def agree(self, body: str) -> None:
        """Let the audio go where the other side's description says."""
        line = audio_sdp.audio(body)
        if line is None or not self.has_audio or self.refuses(line):
            self.rtp.send_to(None)
            return
        self.rtp.law = _first_law(line, self.codecs)
        self.rtp.says_events_as = line.events or EVENT_PAYLOAD_TYPE
        if line.crypto is None or self.srtp == "off":
            self.rtp.srtp = None
        elif self.rtp.srtp is None:
            self.rtp.srtp = SRTP(self.crypto, line.crypto)
        elif self.rtp.srtp.remote.key != line.crypto.key:
            self.rtp.srtp.expect(line.crypto)
        may_send = line.lets_us_send and self.direction in ("sendrecv", "sendonly")
        self.rtp.send_to(line.port if may_send else None, line.host)


def _first_law(line: Line, codecs: tuple[str, ...]) -> Law:
    laws = (BY_PAYLOAD_TYPE.get(int(number)) for number in line.formats)
    return next(law for law in laws if law is not None and law.name in codecs)


def _both(one: str, other: str) -> str:
    """The direction in which both directions agree."""
    sends, receives = (all(part in each for each in (one, other)) for part in ("send", "recv"))
    return {(True, True): "sendrecv", (True, False): "sendonly", (False, True): "recvonly"}.get(
        (sends, receives), "inactive"
    )
