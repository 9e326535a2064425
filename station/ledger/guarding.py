# SPDX-License-Identifier: GPL-3.0-or-later
"""What guards a ledger, and how it differs from what its steps made."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

Objects = dict[tuple[str, str], str]
"""By kind and name: table, index, trigger …; how each is defined."""


def digest(steps: Sequence[str], objects: Objects) -> str:
    """SHA-256 of the steps that were run and of all that they made."""
    return hashlib.sha256(repr((list(steps), sorted(objects.items()))).encode()).hexdigest()


def compared(found: Objects, expected: Objects) -> str:
    """What is missing, not ours or different, in words; "" when nothing is."""
    both = expected.keys() & found.keys()
    parts = [f"{kind} {name} is missing" for kind, name in sorted(expected.keys() - found.keys())]
    parts += [f"{kind} {name} is not ours" for kind, name in sorted(found.keys() - expected.keys())]
    parts += [f"{kind} {name} differs" for kind, name in sorted(both) if found[kind, name] != expected[kind, name]]
    more = f" and {len(parts) - 5} more" if len(parts) > 5 else ""
    return ", ".join(parts[:5]) + more
