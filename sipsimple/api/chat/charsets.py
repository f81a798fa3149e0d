"""Which codec writes and reads the text of a content type.

The name comes from the peer, and Python has codecs that are no charsets: some fail over what they cannot read whatever
they are told to do then, one takes the square of its time; UTF-7 reads half characters that nothing can write again.
RFC 2978 section 2.3 says what a name may look like.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

DEFAULT = "utf-8"

_NAME = re.compile(r"[a-z0-9!#$%&'+^_`{}~:.()-]{1,40}")
_NOT_USED = frozenset(("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"))


@lru_cache(maxsize=64)
def codec_of(content_type: str) -> str:
    """Return the name of the codec; that of UTF-8 where the type names no charset.

    Raises:
        LookupError: There is no such charset, or it is not used.
    """
    name = content_type.lower().partition("charset=")[2].partition(";")[0].strip(' "') or DEFAULT
    if not _NAME.fullmatch(name):
        raise LookupError(f"not the name of a charset: {name[:40]!r}")
    codec = codecs.lookup(name).name
    if codec in _NOT_USED:
        raise LookupError(f"not used here: {name}")
    return codec
