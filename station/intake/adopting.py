# SPDX-License-Identifier: GPL-3.0-or-later
"""A device that the cloud has and whose secret nobody knows becomes ours: by a person's word it gets one sealed here.

For a registration that stayed unclear, for what was given up, and for a device that somebody registered without us. Not
for a certificate that is in the ledger, and not for a device that was ever in use: its board would be cut off for ever.
"""

from __future__ import annotations

import uuid

from station.cloud.capabilities import Registering
from station.cloud.values import Device
from station.errors import NeedsPerson, UsageError
from station.intake.register import RegisterReport, new_certificate, settle
from station.intake.same_account import require_account_of
from station.ledger.registering import Planned
from station.ledger.store import Ledger
from station.model import Certificate, CertName, Identity

_NEVER_USED = "INACTIVE"


def reset_secret(ledger: Ledger, cloud: Registering, product_id: str, device_id: str, *, by: str) -> RegisterReport:
    """Plan it where it is not planned, give it that secret, and put it into the queue; `by` whose word it is.

    May be run again after a lost answer: the sealed secret is the same. UsageError, NeedsPerson or CloudFault: the
    cloud's secret is as it was, or the one that is sealed here.
    """
    found = find_unused(ledger, cloud, product_id, device_id)
    name = CertName(product_id, device_id)
    batch_id, item = _planned(ledger, cloud, found, name)
    device = next(device for device in item.devices if device.certificate.name == name)
    if not device.ours:
        cloud.reset_secret(device_id, device.certificate.device_secret)
        ledger.registrations.became_ours(name, by=by)
    item = next(one for one in ledger.registrations.planned(batch_id) if one.number == item.number)
    doubtful = settle(ledger, cloud, batch_id, item)
    unsettled = (doubtful,) if doubtful else ()
    return RegisterReport(batch_id=batch_id, registered=1 - len(unsettled), left=0, unsettled=unsettled)


def find_unused(ledger: Ledger, cloud: Registering, product_id: str, device_id: str) -> Device:
    """The device that may get a new secret; errors as `reset_secret`. Changes nothing."""
    name = CertName(product_id, device_id)
    require_account_of(ledger, cloud, name)
    if ledger.named(name):
        raise UsageError(
            f"{name} is in the ledger, with its secret",
            means="nothing was changed",
            do=f"run: station show {device_id}",
        )
    ledger.outside.require_believed()
    if ledger.outside.device_may_be_out(name):
        raise NeedsPerson(
            f"a board may carry {name}: this ledger was set back, and the board would be cut off",
            means="nothing was changed; that the cloud calls it unused proves nothing",
            do="look for that board, and at every board of the lost time; then a supervisor:"
            " station recover --over --reason …",
        )
    found = cloud.device(device_id)
    _require_unused(found, name)
    return found


def _require_unused(found: Device, name: CertName) -> None:
    if found.product_id and found.product_id != name.product_key:
        raise UsageError(
            f"{name.device_name} is a device of product {found.product_id}",
            means="nothing was changed",
            do=f"if it is meant: --product {found.product_id}",
        )
    if found.status != _NEVER_USED:
        status = found.status or "unknown"
        raise NeedsPerson(
            f"{name} is not known to be unused: its status in the cloud is {status}",
            means="a board may carry its secret, and would be cut off; nothing was changed",
            do="look for that board; a device that is not needed any more is deleted in the cloud's console",
        )


def _planned(ledger: Ledger, cloud: Registering, found: Device, name: CertName) -> tuple[str, Planned]:
    """Its plan, with a secret that is on disk."""
    known = ledger.registrations.plan_of(name)
    if known is None:
        known = (f"reset-{uuid.uuid4().hex[:12]}", "PLANNED")
        identity = Identity(primary=_certificate(cloud, found, name))
        ledger.registrations.plan(known[0], [identity], gateway_id=found.gateway_id, account=cloud.account)
    elif known[1] == "TAKEN":
        ledger.registrations.plan_again(_certificate(cloud, found, name))
    batch_id = known[0]
    for item in ledger.registrations.planned(batch_id):
        if any(device.certificate.name == name for device in item.devices):
            return batch_id, item
    raise UsageError(f"{name} is not planned any more", do=f"run: station batch show {batch_id}")


def _certificate(cloud: Registering, found: Device, name: CertName) -> Certificate:
    return new_certificate(cloud, name.product_key, found.node_id, device_name=name.device_name)
