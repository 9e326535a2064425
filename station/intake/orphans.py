# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices that a registration left in the cloud when it was given up: nobody has their secrets any more.

Only what carries our mark and was never in use is an orphan of ours; anything else in the cloud is left alone. So is
what a board may carry although this ledger was set back to before: that it was never in use proves nothing then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from station.cloud.capabilities import NoSuchDevice, Registering
from station.intake.same_account import require_same_account
from station.ledger.store import Ledger
from station.model import CertName

_NEVER_USED = "INACTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphans:
    """Of one batch. `others`: in the cloud, and not ours to remove; `maybe_out`: a board may carry it."""

    names: tuple[CertName, ...]
    others: tuple[CertName, ...]
    maybe_out: tuple[CertName, ...] = ()


def find_orphans(
    ledger: Ledger, cloud: Registering, batch_id: str, *, then: Callable[[CertName], None] | None = None
) -> Orphans:
    """Ask for each device that was given up; `then` is called with each orphan, cameras before their NVR."""
    require_same_account(ledger, cloud, batch_id)
    names, others, maybe_out = [], [], []
    for device in ledger.registrations.given_up(batch_id):
        try:
            found = cloud.device(device.name.device_name)
        except NoSuchDevice:
            continue
        if (found.description, found.status) != (device.mark, _NEVER_USED):
            others.append(device.name)
            continue
        if ledger.outside.device_may_be_out(device.name):
            maybe_out.append(device.name)
            continue
        names.append(device.name)
        if then:
            then(device.name)
    return Orphans(names=tuple(names), others=tuple(others), maybe_out=tuple(maybe_out))


def remove_orphans(ledger: Ledger, cloud: Registering, batch_id: str, *, by: str) -> Orphans:
    """Delete them in the cloud. May be run again. NeedsPerson E614 while only a recovery lets this ledger go on."""
    ledger.outside.require_believed()

    def remove(name: CertName) -> None:
        cloud.delete(name.device_name)
        ledger.audit.note("orphan removed", name=str(name), by=by)

    return find_orphans(ledger, cloud, batch_id, then=remove)
