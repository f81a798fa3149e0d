"""MSRP (RFC 4975) as sans-IO cores, with the vocabulary of msrplib for what applications see.

`framer` cuts the stream, `session` is one session between two end points, `chat` what is said over it.
"""

from __future__ import annotations

import sys
from types import ModuleType

from sipsimple.errors import LocalProtocolError, SIPSimpleError
from sipsimple.protocols.msrp import headers, named_headers
from sipsimple.protocols.msrp.framer import Framer
from sipsimple.protocols.msrp.headers import HeaderParsingError, ParsingError
from sipsimple.protocols.msrp.message import MSRPData
from sipsimple.protocols.msrp.uri import URI

__all__ = ["URI", "Framer", "HeaderParsingError", "MSRPData", "ParsingError", "install_as_msrplib"]

_MARK = "__sipsimple__"


def install_as_msrplib() -> None:
    """Make `import msrplib.protocol` give the classes of this package, for code that was written for msrplib.

    Calling it again changes nothing.

    Raises:
        LocalProtocolError: A real msrplib is imported already.
    """
    present = sys.modules.get("msrplib")
    if present is not None:
        if not hasattr(present, _MARK):
            raise LocalProtocolError("msrplib is imported already")
        return
    package, protocol = ModuleType("msrplib", __doc__), ModuleType("msrplib.protocol", __doc__)
    names = {
        "URI": URI,
        "parse_uri": URI.parse,
        "MSRPData": MSRPData,
        "MSRPHeader": headers.MSRPHeader,
        "MSRPNamedHeader": named_headers.MSRPNamedHeader,
        "ParsingError": ParsingError,
        "HeaderParsingError": HeaderParsingError,
        "ByteRange": headers.ByteRange,
        "Status": headers.Status,
        "ContentDisposition": headers.ContentDisposition,
        **{each.__name__: each for each in named_headers.NAMED_HEADERS.values()},
    }
    vars(protocol).update(names)
    vars(package).update({_MARK: True, "__path__": [], "protocol": protocol, "MSRPError": SIPSimpleError})
    sys.modules["msrplib"], sys.modules["msrplib.protocol"] = package, protocol
