"""Which codec writes and reads the text of a content type.

The name comes from the peer, and Python has codecs that are no charsets: some fail over what they cannot read whatever
they are told to do then, one takes the square of its time; UTF-7 reads half characters that nothing can write again.
And Python remembers each name that it has looked for in vain: so only those are looked for that it is known to have.
RFC 2978 section 2.3 says what a name may look like.
"""

from __future__ import annotations

import codecs
import re
from encodings import normalize_encoding
from encodings.aliases import aliases
from functools import lru_cache

DEFAULT = "utf-8"

_NAME = re.compile(r"[a-z0-9!#$%&'+^_`{}~:.()-]{1,40}")
_NOT_USED = "utf_7"
_BY_ONE_NAME = (
    *("cp720", "cp737", "cp856", "cp874", "cp875", "cp1006", "koi8_t", "koi8_u"),
    *("mac_arabic", "mac_croatian", "mac_farsi", "mac_romanian", "utf_8_sig"),
)
_CODECS = {each: each for each in (*aliases.values(), *_BY_ONE_NAME)} | aliases


@lru_cache(maxsize=64)
def codec_of(content_type: str) -> str:
    """Return the name of the codec; that of UTF-8 where the type names no charset.

    Raises:
        LookupError: There is no such charset, or it is not used.
    """
    name = content_type.lower().partition("charset=")[2].partition(";")[0].strip(' "') or DEFAULT
    if not _NAME.fullmatch(name):
        raise LookupError(f"not the name of a charset: {name[:40]!r}")
    codec = _CODECS.get(normalize_encoding(name))
    if codec is None or codec == _NOT_USED:
        raise LookupError(f"not used here: {name}")
    return codecs.lookup(codec).name
