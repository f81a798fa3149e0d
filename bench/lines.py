"""One line per figure: a value, the bound measured in the same run, and whether the goal holds."""

from __future__ import annotations

import json


def figure(name: str, value: float, unit: str, bound: float, goal: float, *, smaller_is_better: bool) -> bool:
    """Print one JSON line and tell whether the goal holds.

    Args:
        name: What was measured.
        value: Of ours.
        unit: Of value and bound.
        bound: What the bare minimum takes, measured in the same run.
        goal: The ratio of value to bound that is not to be passed.
        smaller_is_better: Which side of the goal is the good one.
    """
    ratio = value / bound
    holds = ratio <= goal if smaller_is_better else ratio >= goal
    line = {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "bound": round(bound, 4),
        "ratio": round(ratio, 3),
        "goal": goal,
        "holds": holds,
    }
    print(json.dumps(line), flush=True)
    return holds
