"""Import path of the published API: the engine, what names parties and ways, and sound."""

from sipsimple.api.audio import AudioTransport, RTPTransport
from sipsimple.api.engine import Engine
from sipsimple.api.identity import Credentials, Route
from sipsimple.api.statistics import AudioStatistics
from sipsimple.api.uri import SIPURI
from sipsimple.api.wave_file import RecordingWaveFile, ToneGenerator, WaveFile
from sipsimple.errors import MediaFailed, PJSIPError, SIPCoreError

__all__ = [
    "SIPURI",
    "AudioStatistics",
    "AudioTransport",
    "Credentials",
    "Engine",
    "MediaFailed",
    "PJSIPError",
    "RTPTransport",
    "RecordingWaveFile",
    "Route",
    "SIPCoreError",
    "ToneGenerator",
    "WaveFile",
]
