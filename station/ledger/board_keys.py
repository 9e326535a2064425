# SPDX-License-Identifier: GPL-3.0-or-later
"""The key that a board's own storage is encrypted with: sealed beside the identity it was made for, once, for good.

It is set by the transaction that marries the identity to the board, so a crash after it finds the same key again, and
it outlives the identity's secrets: without it nobody could read that board's storage later.
"""

from __future__ import annotations

from station.codes import Code
from station.errors import LedgerFault
from station.ledger.transaction import Transaction
from station.model import CertName, Secret
from station.secrets.vault import Vault


def kept(db: Transaction, vault: Vault, identity_id: int) -> Secret | None:
    """The key, or None when this identity's board has none. IntegrityAlarm E703 when it does not open."""
    sealed = db.execute("SELECT board_key FROM identities WHERE id = ?", (identity_id,)).fetchone()["board_key"]
    return None if sealed is None else vault.open(sealed, row=row_of(db, identity_id))


def to_set(db: Transaction, vault: Vault, identity_id: int, key: Secret | None) -> dict[str, object]:
    """The column that a transition has to set for `key`, as `sealed_key`."""
    value = sealed_key(db, vault, identity_id, key)
    return {} if value is None else {"board_key": value}


def sealed_key(db: Transaction, vault: Vault, identity_id: int, key: Secret | None) -> bytes | None:
    """What is to be kept for `key`: nothing when there is none, or it is kept already.

    LedgerFault E326 for a second key of one identity.
    """
    if key is None:
        return None
    present = kept(db, vault, identity_id)
    if present is None:
        return vault.seal(key, row=row_of(db, identity_id))
    if present != key:
        raise LedgerFault(f"identity {identity_id} has a board key already, and it is another one", code=Code.E326)
    return None


def row_of(db: Transaction, identity_id: int) -> str:
    sql = "SELECT product_key, device_name FROM certificates WHERE identity = ? ORDER BY channel LIMIT 1"
    found = db.execute(sql, (identity_id,)).fetchone()
    return f"{CertName(found['product_key'], found['device_name'])} board_key"
