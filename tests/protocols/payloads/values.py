"""Values of the documents, any that can be written."""

from __future__ import annotations

from hypothesis import strategies as st

from sipsimple.protocols.payloads.dialog_info import DialogInfo, DialogState, Participant
from sipsimple.protocols.payloads.message_summary import MessageSummary, Waiting
from sipsimple.protocols.payloads.notes import Note
from sipsimple.protocols.payloads.pidf import Contact, Device, Person, Presence, Tuple
from sipsimple.protocols.payloads.rpid import KINDS, TEXTS, Statement, UserInput
from sipsimple.protocols.payloads.watchers import Watcher, WatcherInfo, WatcherList
from sipsimple.protocols.payloads.xml import Element

_CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
TEXT = st.text(_CHARACTERS, max_size=12).map(str.strip)
WORDS = st.sampled_from(["busy", "away", "open", "work", "x-1"])
MAYBE = st.none() | TEXT


def few(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    """None to two of them."""
    return st.just(()) | st.tuples(values) | st.tuples(values, values)


ATTRIBUTES = st.sampled_from([(), (("{urn:else}mark", "<&>"),), (("plain", '"'),)])
OTHERS = few(
    st.builds(
        Element,
        st.sampled_from(["{urn:else}what", "what", "{urn:ietf:params:xml:ns:pidf}unheard"]),
        ATTRIBUTES,
        st.sampled_from([(), ("text",), (Element("{urn:else}inner", (), ("x",)),)]),
    )
)
NOTES = few(st.builds(Note, TEXT, st.none() | st.just("en")))

_TIMES = {"notes": NOTES, "since": MAYBE, "until": MAYBE, "attributes": ATTRIBUTES}
STATEMENTS = few(
    st.builds(Statement, st.sampled_from(KINDS), few(WORDS), others=OTHERS, **_TIMES)
    | st.builds(Statement, st.sampled_from(TEXTS), text=TEXT, since=MAYBE, attributes=ATTRIBUTES)
)
RICH = {
    "statements": STATEMENTS,
    "user_input": st.none() | st.builds(UserInput, TEXT, MAYBE, MAYBE, MAYBE),
    "notes": NOTES,
    "timestamp": MAYBE,
    "others": OTHERS,
    "attributes": ATTRIBUTES,
}
PRESENCE = st.builds(
    Presence,
    TEXT,
    few(st.builds(Tuple, TEXT, MAYBE, st.none() | st.builds(Contact, TEXT, MAYBE), status=OTHERS, **RICH)),
    NOTES,
    few(st.builds(Person, TEXT, **RICH)),
    few(st.builds(Device, TEXT, MAYBE, **RICH)),
    OTHERS,
    ATTRIBUTES,
)

NUMBERS = st.integers(0, 2**32)
WATCHERS = st.builds(
    WatcherInfo,
    NUMBERS,
    st.booleans(),
    few(
        st.builds(
            WatcherList,
            TEXT,
            TEXT,
            few(st.builds(Watcher, TEXT, TEXT, TEXT, TEXT, MAYBE, st.none() | NUMBERS, st.none() | NUMBERS, MAYBE)),
            OTHERS,
            ATTRIBUTES,
        )
    ),
    OTHERS,
    ATTRIBUTES,
)

_SIDES = st.none() | st.builds(Participant, TEXT, MAYBE, MAYBE, OTHERS, ATTRIBUTES)
_DIALOGS = st.builds(
    DialogState,
    TEXT,
    TEXT,
    *[MAYBE] * 5,
    st.none() | NUMBERS,
    st.none() | NUMBERS,
    _SIDES,
    _SIDES,
    OTHERS,
    ATTRIBUTES,
)
DIALOGS = st.builds(DialogInfo, TEXT, NUMBERS, st.booleans(), few(_DIALOGS), OTHERS, ATTRIBUTES)

_LINE = st.text("abcXYZ 0123;:@<>/", max_size=12).map(str.strip).filter(lambda text: "/" not in text)
_HEADERS = few(st.tuples(st.sampled_from(["X-Other", "To", "From", "Subject"]), _LINE))
_COUNT = st.integers(0, 10**9 - 1)
_CONTEXTS = st.sampled_from(["Voice-Message", "fax-message", "None"])
SUMMARIES = st.builds(
    MessageSummary,
    st.booleans(),
    st.none() | _LINE,
    few(st.builds(Waiting, _CONTEXTS, _COUNT, _COUNT) | st.builds(Waiting, _CONTEXTS, _COUNT, _COUNT, _COUNT, _COUNT)),
    _HEADERS,
    few(_HEADERS.filter(bool)),
)
