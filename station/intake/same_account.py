# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices are asked for in the account that they were planned for: what another one says of a device of that name, or
that it has none, is nothing of ours.
"""

from __future__ import annotations

from station.cloud.capabilities import Registering
from station.cloud.whose import is_same
from station.codes import Code
from station.errors import NeedsPerson
from station.ledger.store import Ledger
from station.model import CertName


def require_same_account(ledger: Ledger, cloud: Registering, batch_id: str) -> None:
    """NeedsPerson E600 where the batch was planned for another account. One of before that was noted is believed."""
    planned = ledger.registrations.account_of(batch_id)
    if planned is not None and not is_same(planned, cloud.account):
        raise NeedsPerson(
            f"batch {batch_id} is registered in the account {planned}; station.toml names {cloud.account}",
            means="the cloud was not asked, and nothing was changed",
            do="put that account's settings back: station config show; or end what is left of the batch: "
            f"station batch register --give-up {batch_id}",
            code=Code.E600,
        )


def require_account_of(ledger: Ledger, cloud: Registering, name: CertName) -> None:
    """The same for the batch of a device that was ever planned."""
    known = ledger.registrations.plan_of(name)
    if known is not None:
        require_same_account(ledger, cloud, known[0])
