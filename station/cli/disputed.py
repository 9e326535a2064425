# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import or a pull says of names that came with other content than the ledger holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.cli.output import say

if TYPE_CHECKING:
    from station.ledger.values import Receipt

_SHOWN = 10


def tell_disputes(receipt: Receipt) -> None:
    """On stderr: what is in dispute, what of it is on boards already, and how a person decides."""
    shared = {one.name for one in receipt.shared}
    differing = [name for name in receipt.conflicts if name not in shared]
    for name in differing[:_SHOWN]:
        where = "on a board already" if name in receipt.on_boards else "no board gets it"
        say(f"{name} came with other content than the ledger holds: {where}")
    if len(differing) > _SHOWN:
        say(f"… and {len(differing) - _SHOWN} more")
    for one in receipt.shared[:_SHOWN]:
        say(f"{one.name} belongs to {one.holder} here, and came with {one.arrived} too: no board gets either")
    if len(receipt.shared) > _SHOWN:
        say(f"… and {len(receipt.shared) - _SHOWN} more")
    if receipt.conflicts:
        say("which is right is for a supervisor to say: station conflict list")
    if receipt.settled:
        say(f"{receipt.settled} came again although a supervisor had decided against them")
