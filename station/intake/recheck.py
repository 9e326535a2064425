# SPDX-License-Identifier: GPL-3.0-or-later
"""Registered devices that are withheld here: asked about one by one, and what the cloud says of each is recorded."""

from __future__ import annotations

from dataclasses import dataclass

from station.cloud.capabilities import NoSuchDevice, Registering
from station.intake.progress import Meter, Show, Stop, never, show_nothing
from station.intake.same_account import require_same_account
from station.ledger.store import Ledger
from station.model import STATUS_INACTIVE, STATUS_NOT_SAID, CertName

_AT_ONCE = 50
"""Answers a transaction: what was asked before a lost line or a Ctrl-C stays."""
_IN_USE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckReport:
    """Counts of devices. `gone`: the cloud has none of this name any more, which is no answer that lets it back."""

    withheld: int
    asked: int
    gone: tuple[CertName, ...]


def recheck(
    ledger: Ledger, cloud: Registering, batch_id: str, *, show: Show = show_nothing, stop: Stop = never
) -> RecheckReport:
    """Until `stop()`. CloudFault leaves what was answered before it in the ledger."""
    require_same_account(ledger, cloud, batch_id)
    waiting = ledger.withheld.names(cloud.provider, batch_id)
    meter, said, gone = Meter(0), dict[CertName, int](), list[CertName]()
    asked = 0
    try:
        for one in waiting:
            if stop():
                break
            try:
                said[one] = status_of(cloud, one)
            except NoSuchDevice:
                gone.append(one)
            asked += 1
            if len(said) >= _AT_ONCE:
                ledger.withheld.record_statuses(batch_id, said)
                said = {}
            show(meter.at(asked, len(waiting)))
    finally:
        ledger.withheld.record_statuses(batch_id, said)
    return RecheckReport(withheld=len(waiting), asked=asked, gone=tuple(gone))


def status_of(cloud: Registering, name: CertName) -> int:
    """0 never used, below that it does not say, 1 in use. NoSuchDevice where it has none of this name."""
    said = cloud.device(name.device_name).status
    return {"INACTIVE": STATUS_INACTIVE, "": STATUS_NOT_SAID}.get(said.upper(), _IN_USE)
