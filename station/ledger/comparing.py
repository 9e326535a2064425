# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between the two sides of a dispute, in words that hold no secret."""

from __future__ import annotations

from station.errors import LedgerFault
from station.ledger.disputes import Dispute, arrived
from station.ledger.sealing import Sealer
from station.ledger.standing import Standing
from station.ledger.transaction import Transaction
from station.model import STATUS_NOT_SAID, Certificate

_PUBLIC = {"iot_id": "iotId", "device_id": "deviceId", "node_id": "node id", "cloud_status": "status"}


def compare(db: Transaction, sealer: Sealer, dispute: Dispute) -> list[str]:
    """One line for each difference. A secret is told by its length alone: a file that was cut off shows itself."""
    came = arrived(db, sealer, dispute)
    if came is None:
        return ["the same certificate in another arrangement of a set, or recorded by an older version"]
    return _differences(_held(db, sealer, dispute), came)


def _held(db: Transaction, sealer: Sealer, dispute: Dispute) -> Certificate | None:
    """None when its secret was destroyed, as it is on a board."""
    row = db.execute(
        "SELECT identity FROM certificates WHERE product_key = ? AND device_name = ?",
        (dispute.name.product_key, dispute.name.device_name),
    ).fetchone()
    try:
        members = list(sealer.identity(Standing(db, row["identity"])))
    except LedgerFault:
        return None
    return next(member for member in members if member.name == dispute.name)


def _differences(held: Certificate | None, came: Certificate) -> list[str]:
    size = len(came.device_secret)
    if held is None:
        return [f"secret: what is held was destroyed after flashing, what arrived has {size} characters and is another"]
    found = []
    if held.device_secret != came.device_secret:
        found.append(f"secret: {len(held.device_secret)} characters held, {size} arrived")
    for field, word in _PUBLIC.items():
        before, after = getattr(held, field), getattr(came, field)
        if before != after:
            found.append(f"{word}: {_said(before)} held, {_said(after)} arrived")
    return found


def _said(value: object) -> object:
    return "-" if value in ("", STATUS_NOT_SAID) else value
