"""Write docs/states.md from the table of a call: run `python docs/states.py` when the table has changed."""
# ruff: noqa: INP001

from __future__ import annotations

import re
from pathlib import Path

from sipsimple.protocols.sip.usage.state import GIVEN, State, Stimulus
from sipsimple.protocols.sip.usage.table import IGNORED, TRANSITIONS

PAGE = Path(__file__).with_suffix(".md")

HEAD = """\
# The states of a call

Written by `python docs/states.py` from `sipsimple/protocols/sip/usage/table.py`; change the table, not this page.

A command of the application ends in `()`, everything else happens to the call. Beside these rows there is one more
way to move: in `ESTABLISHED`, the next command that waits for its turn begins as soon as the call is free for it, and
a proposal leads to `PROPOSING` then.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, "## The way of a call\n", *_diagram(), *_overview(), *_rows(), *_ignored()])


def _diagram() -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> NULL"]
    for (state, target), stimuli in _moves().items():
        lines.append(f"    {state} --> {target}: {_label(stimuli)}")
    lines += ["    ESTABLISHED --> PROPOSING: a proposal has its turn", "    TERMINATED --> [*]", "```", ""]
    return lines


def _moves() -> dict[tuple[State, State], list[Stimulus]]:
    """Return what leads from one state to another one."""
    moves: dict[tuple[State, State], list[Stimulus]] = {}
    for state, rows in TRANSITIONS.items():
        for stimulus, (_, targets) in _in_order(rows):
            for target in targets:
                if target is not state:
                    moves.setdefault((state, target), []).append(stimulus)
    return moves


def _label(stimuli: list[Stimulus]) -> str:
    """Return the first three of them: a diagram that says everything shows nothing."""
    shown = ", ".join(re.sub(r"[:;]", " ", each.value) for each in stimuli[:3])
    return f"{shown} and {len(stimuli) - 3} more" if len(stimuli) > 3 else shown


def _overview() -> list[str]:
    """Return one line per stimulus: what it leads to from each state."""
    states = [each for each in State if TRANSITIONS[each]]
    lines = [
        "## Where each stimulus leads\n",
        "`·`: the state stays; empty: nothing happens, see below.\n",
        "| stimulus | " + " | ".join(states) + " |",
        "|---|" + "---|" * len(states),
    ]
    for stimulus in Stimulus:
        cells = [_cell(state, stimulus) for state in states]
        lines.append(f"| {_name(stimulus)} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _cell(state: State, stimulus: Stimulus) -> str:
    row = TRANSITIONS[state].get(stimulus)
    return "" if row is None else ", ".join("·" if each is state else each for each in row[1])


def _rows() -> list[str]:
    """Return what is done, state by state: the functions are where the code is to be read."""
    lines = ["## What is done\n"]
    for state, rows in TRANSITIONS.items():
        if rows:
            lines += [f"### {state}\n", "| stimulus | done by | leads to |", "|---|---|---|"]
            lines += [f"| {_name(each)} | `{_place(act)}` | {', '.join(to)} |" for each, (act, to) in _in_order(rows)]
            lines.append("")
    return lines


def _ignored() -> list[str]:
    """Return what is ignored, by state and reason."""
    lines = ["## What is ignored, and why\n", "| state | stimuli | why |", "|---|---|---|"]
    for state, reasons in IGNORED.items():
        by_reason: dict[str, list[Stimulus]] = {}
        for stimulus, why in _in_order(reasons):
            by_reason.setdefault(why, []).append(stimulus)
        for why, stimuli in by_reason.items():
            what = "everything" if len(stimuli) == len(Stimulus) else ", ".join(_name(each) for each in stimuli)
            lines.append(f"| {state} | {what} | {why} |")
    return [*lines, ""]


def _in_order(rows: dict[Stimulus, object]) -> list[tuple[Stimulus, object]]:
    """Return rows in the order of the stimuli, whatever order the table has them in."""
    return [(each, rows[each]) for each in Stimulus if each in rows]


def _name(stimulus: Stimulus) -> str:
    return f"`{stimulus.value}`" if stimulus in GIVEN else stimulus.value


def _place(action: object) -> str:
    return f"{action.__module__.rpartition('.')[2]}.{action.__name__}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
