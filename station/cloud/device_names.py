# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of device names, before it is sent."""

from __future__ import annotations

from collections.abc import Sequence

from station.cloud.limits import LimitedField
from station.errors import UsageError


def name_faults(names: Sequence[str], rule: LimitedField) -> list[str]:
    """Each name that breaks the rule or comes twice, with its line number; the names are public."""
    found = []
    first_at: dict[str, int] = {}
    for line, name in enumerate(names, 1):
        if fault := rule.fault(name):
            found.append(f"line {line}: {fault}")
        elif name in first_at:
            found.append(f"line {line}: {name} is on line {first_at[name]} already")
        first_at.setdefault(name, line)
    return found


def require_names(names: Sequence[str], rule: LimitedField, most: int) -> None:
    """UsageError unless they are 1 to `most` good names."""
    faults = name_faults(names, rule)
    if faults or not 1 <= len(names) <= most:
        count = f"{len(names)} names; a batch takes 1 to {most}. " if not faults else ""
        raise UsageError("the name list was not sent: " + count + "; ".join(faults), do="correct the list")
