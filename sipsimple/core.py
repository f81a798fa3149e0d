"""Import path of the published API: the engine, what names parties and ways, and sound."""

from sipsimple.actors.authentication import Demand, IncomingRequest
from sipsimple.api.audio import AudioTransport, RTPTransport
from sipsimple.api.authentication import Passwords
from sipsimple.api.engine import Engine
from sipsimple.api.identity import Credentials, Route
from sipsimple.api.incoming_subscription import IncomingSubscription
from sipsimple.api.messages import send_message
from sipsimple.api.options import EngineOptions
from sipsimple.api.publication import Publication
from sipsimple.api.registration import Registration
from sipsimple.api.request import Request
from sipsimple.api.statistics import AudioStatistics
from sipsimple.api.subscription import Subscription
from sipsimple.api.uri import SIPURI
from sipsimple.api.wave_file import RecordingWaveFile, ToneGenerator, WaveFile
from sipsimple.errors import MediaFailed, PJSIPError, SIPCoreError
from sipsimple.protocols.sip.admission_limits import AdmissionLimits, Manners
from sipsimple.protocols.sip.challenging import HA1
from sipsimple.protocols.sip.throttle import Patience

__all__ = [
    "HA1",
    "SIPURI",
    "AdmissionLimits",
    "AudioStatistics",
    "AudioTransport",
    "Credentials",
    "Demand",
    "Engine",
    "EngineOptions",
    "IncomingRequest",
    "IncomingSubscription",
    "Manners",
    "MediaFailed",
    "PJSIPError",
    "Passwords",
    "Patience",
    "Publication",
    "RTPTransport",
    "RecordingWaveFile",
    "Registration",
    "Request",
    "Route",
    "SIPCoreError",
    "Subscription",
    "ToneGenerator",
    "WaveFile",
    "send_message",
]
