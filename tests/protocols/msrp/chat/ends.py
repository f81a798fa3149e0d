"""Two chats that carry what their actors would: what they say without their users."""

from __future__ import annotations

from sipsimple.protocols.msrp.chat import composing as chat_composing
from sipsimple.protocols.msrp.chat import disposition as chat_disposition
from sipsimple.protocols.msrp.chat.outputs import NotifyDisposition, ShowComposing
from sipsimple.protocols.msrp.outputs import Send

NOW = "2026-01-02T03:04:05.678901+00:00"


def do(end, function, *arguments, **options):
    """Give a stimulus of a feature, then carry what the actor would."""
    end.state, outputs = function(end.state, *arguments, **options)
    take_over(end, outputs)
    return outputs


def take_over(end, outputs):
    end.outputs += outputs
    end.wire += [each.data.encode() for each in outputs if isinstance(each, Send)]
    for number, each in enumerate(outputs):
        if isinstance(each, ShowComposing):
            do(end, chat_composing.show, each.show, f"show{len(end.outputs)}{number}", NOW)
        elif isinstance(each, NotifyDisposition):
            do(end, chat_disposition.notify, each, f"imdn{len(end.outputs)}{number}", NOW)


def exchange(ends):
    """Carry bytes, and what either side tells without its user."""
    done = {id(ends.alice): len(ends.alice.outputs), id(ends.bob): len(ends.bob.outputs)}
    while ends.alice.wire or ends.bob.wire:
        ends.exchange()
        for end in (ends.alice, ends.bob):
            fresh, done[id(end)] = end.outputs[done[id(end)] :], len(end.outputs)
            asked = [each for each in fresh if isinstance(each, NotifyDisposition | ShowComposing)]
            take_over(end, asked)
            done[id(end)] = len(end.outputs)
