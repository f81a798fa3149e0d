"""Import path of the published API: the engine, what names parties and ways, and sound."""

from sipsimple.actors.sip.authentication import Demand, IncomingRequest
from sipsimple.api.asking.messages import send_message
from sipsimple.api.asking.publication import Publication
from sipsimple.api.asking.registration import Registration
from sipsimple.api.asking.request import Request
from sipsimple.api.asking.subscription import Subscription
from sipsimple.api.audio.statistics import AudioStatistics
from sipsimple.api.audio.transport import AudioTransport, RTPTransport
from sipsimple.api.audio.wave_file import RecordingWaveFile, ToneGenerator, WaveFile
from sipsimple.api.engine.authentication import Passwords
from sipsimple.api.engine.engine import Engine
from sipsimple.api.engine.options import EngineOptions
from sipsimple.api.identity import Credentials, Route
from sipsimple.api.serving.incoming_subscription import IncomingSubscription
from sipsimple.api.uri import SIPURI
from sipsimple.errors import MediaFailed, PJSIPError, SIPCoreError
from sipsimple.protocols.sip.admission.limits import AdmissionLimits, Manners
from sipsimple.protocols.sip.admission.throttle import Patience
from sipsimple.protocols.sip.challenging import HA1

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
