"""How incoming calls are answered: accept, ring, or refuse with a status."""

from __future__ import annotations

from dataclasses import dataclass, field

from sipsimple.cli.refusal import Refused

STREAMS = ("audio", "chat")


@dataclass(frozen=True, slots=True)
class Answer:
    """What happens to one call: it is accepted, refused with `code`, or left ringing.

    Attributes:
        accept: The streams to answer with, as far as they are proposed; none: do not answer.
        code: Status to refuse with; None: do not refuse.
    """

    accept: frozenset[str] = frozenset()
    code: int | None = None


RING = Answer()
ACCEPT = Answer(accept=frozenset({"chat"}))


@dataclass(slots=True)
class Answers:
    """One answer for each call in turn; the last holds for all that follow."""

    given: tuple[Answer, ...] = (RING,)
    _next: int = field(default=0, init=False)

    def next(self) -> Answer:
        """Return the answer for the next call."""
        answer = self.given[min(self._next, len(self.given) - 1)]
        self._next += 1
        return answer


def chosen_answers(accept: str | None, reject: int | None, in_turn: str | None) -> Answers:
    """Read the options `--accept`, `--reject` and `--answers`, of which one may be given.

    Raises:
        Refused: They make no sense.
    """
    if sum(each is not None for each in (accept, reject, in_turn)) > 1:
        raise Refused("give only one of --accept, --reject and --answers")
    if accept is not None:
        return Answers((Answer(accept=_streams(accept)),))
    if reject is not None:
        refusal = _refusal(str(reject))
        if refusal is None:
            raise Refused(f"--reject takes a status from 300 to 699, not '{reject}'")
        return Answers((refusal,))
    return Answers() if in_turn is None else Answers(tuple(_answer(each) for each in in_turn.split(",")))


def _streams(text: str) -> frozenset[str]:
    chosen = frozenset(each.strip() for each in text.split(","))
    unknown = chosen.difference(STREAMS)
    if unknown:
        raise Refused(f"--accept takes {', '.join(STREAMS)}, not {', '.join(sorted(unknown))!r}")
    return chosen


def _answer(text: str) -> Answer:
    if text.startswith("accept="):
        return Answer(accept=_streams(text.removeprefix("accept=").replace("+", ",")))
    answer = {"accept": ACCEPT, "ring": RING}.get(text) or _refusal(text)
    if answer is None:
        raise Refused(f"--answers takes accept, accept=audio+chat, ring or a status from 300 to 699, not {text!r}")
    return answer


def _refusal(text: str) -> Answer | None:
    return Answer(code=int(text)) if text.isdecimal() and 300 <= int(text) <= 699 else None
