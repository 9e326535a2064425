# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud's half of a board that was scrapped: its device is frozen, so that it can never connect, or deleted.

Only what this ledger has retired; never a device whose identity is in stock, in doubt or on a good board, and never one
of which nobody knows here. What a registration left behind is for `orphans`.
"""

from __future__ import annotations

from enum import StrEnum

from station.cloud.capabilities import NoSuchDevice, Registering
from station.cloud.values import Device
from station.errors import UsageError
from station.intake.same_account import require_account_of
from station.ledger.store import Ledger
from station.model import CertName, State


class Ending(StrEnum):
    """What is done in the cloud."""

    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    DELETE = "delete"


def end_device(ledger: Ledger, cloud: Registering, name: CertName, ending: Ending, *, reason: str, by: str) -> bool:
    """False where the cloud has no such device any more. May be run again. UsageError for what is not retired."""
    if find_retired(ledger, cloud, name) is None:
        return False
    ledger.audit.note(f"device to {ending}", name=str(name), why=reason, by=by)  # before it is asked for
    {Ending.FREEZE: cloud.freeze, Ending.UNFREEZE: cloud.unfreeze, Ending.DELETE: cloud.delete}[ending](
        name.device_name
    )
    ledger.audit.note(f"device {ending} done", name=str(name), by=by)
    return True


def find_retired(ledger: Ledger, cloud: Registering, name: CertName) -> Device | None:
    """The device that may be ended; None where the cloud has it no more. Changes nothing."""
    ledger.outside.require_believed()
    known = ledger.named(name)
    if known is None or known.state is not State.RETIRED:
        state = known.state if known else "not in this ledger"
        raise UsageError(
            f"{name} is {state}",
            means="nothing was sent: its board, if it has one, would be cut off",
            do=f"retire it first: station retire {name.device_name} --reason …; what a registration left behind:"
            " station batch orphans BATCH",
        )
    require_account_of(ledger, cloud, name)
    try:
        found = cloud.device(name.device_name)
    except NoSuchDevice:
        return None
    if found.product_id and found.product_id != name.product_key:
        raise UsageError(
            f"{name.device_name} is a device of product {found.product_id} there",
            means="nothing was sent",
            do="look at it in the cloud's console",
        )
    return found
