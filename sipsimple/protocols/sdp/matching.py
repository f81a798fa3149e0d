"""Whether two descriptions fit each other, line by line. RFC 3264 sections 6 and 8."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipsimple.protocols.sdp.media import Media


def misfit_of_answer(offered: Sequence[Media], answered: Sequence[Media]) -> str | None:
    """Tell what makes `answered` no answer to `offered`; None when it is one."""
    if len(offered) != len(answered):
        return f"{len(answered)} media lines answer {len(offered)}"
    for index, (line, reply) in enumerate(zip(offered, answered, strict=True)):
        if misfit := _misfit_of_line(line, reply):
            return f"media line {index}: {misfit}"
    return None


def misfit_of_new_offer(former: Sequence[Media], other: Sequence[Media], offered: Sequence[Media]) -> str | None:
    """Tell what makes `offered` no successor of `former`, its side's last lines; None when it is one.

    Lines never go away, and one may change its kind only after a side refused or ended it (section 8.1), which may
    stand in `former` or in the `other` side's last lines.
    """
    if len(offered) < len(former):
        return f"{len(offered)} media lines where there were {len(former)}"
    for index, (old, counterpart, new) in enumerate(zip(former, other, offered, strict=False)):
        if old.kind != new.kind and not (old.is_rejected or counterpart.is_rejected):
            return f"media line {index}: {new.kind} in the place of {old.kind}"
    return None


def _misfit_of_line(offered: Media, answered: Media) -> str | None:
    if offered.kind != answered.kind:
        return f"{answered.kind} answers {offered.kind}"
    if answered.is_rejected:
        return None  # nobody looks at the rest of a refused line
    if offered.is_rejected:
        return "accepted, though it was not offered"
    if offered.protocol.upper() != answered.protocol.upper():
        return f"{answered.protocol} answers {offered.protocol}"
    return None
