# SPDX-License-Identifier: GPL-3.0-or-later
"""What a ledger holds and what a cloud issued, in one form, to be compared whole."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from station.cloud.paging import Patience
from station.ledger.store import Ledger
from station.model import Identity, State
from station.simulate.cloud import CloudSimulator

Station = Callable[..., tuple[int, str, str]]
"""The `station` command: (exit code, stdout, stderr)."""

PATIENT = Patience(seconds=30.0, first_wait_s=0.02)
HASTY = Patience(seconds=0.2, first_wait_s=0.02)  # for what never comes
Row = tuple[tuple[str, str, str], ...]


def of_identity(identity: Identity) -> Row:
    return tuple((c.product_key, c.device_name, c.device_secret.reveal()) for c in identity)


def of_ledger(ledger: Ledger, state: State | None = State.READY) -> list[Row]:
    rows = ledger.certificates.page(state=state, limit=1_000_000)
    return sorted(of_identity(ledger.identity(row.identity_id)) for row in rows if row.channel == 0)


def of_cloud(cloud: CloudSimulator, batch_id: str) -> list[Row]:
    return sorted(
        tuple((c.product_key, c.device_name, c.device_secret) for c in (row.primary, *row.channels))
        for row in cloud.batch(batch_id).rows()
    )


def of_cloud_page(cloud: CloudSimulator, batch_id: str, size: int) -> list[Row]:
    """The first page, in the cloud's order."""
    rows = islice(cloud.batch(batch_id).rows(), size)
    return [tuple((c.product_key, c.device_name, c.device_secret) for c in (r.primary, *r.channels)) for r in rows]


def devices_of_cloud(cloud: CloudSimulator) -> set[tuple[str, str, str]]:
    """What IoTDA holds: product, device_id, secret."""
    return {(device.product_id, device.device_id, device.secret) for device in cloud.world.devices.values()}


def queued(ledger: Ledger) -> set[tuple[str, str, str]]:
    """What a board may get, in the same form."""
    return {certificate for identity in of_ledger(ledger) for certificate in identity}
