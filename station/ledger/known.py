# SPDX-License-Identifier: GPL-3.0-or-later
"""Which identity a board has, or a name: as the rules want to know it, without secrets."""

from __future__ import annotations

from station.ledger import spellings
from station.ledger.transaction import Row, Transaction
from station.model import BoardUid, CertName, State
from station.rules import BOUND, Known

KNOWN = (
    "SELECT i.id, i.state, i.attempt, i.board_uid, i.owner, i.slot, c.product_key, c.device_name FROM identities i"
    " JOIN certificates c ON c.identity = i.id AND c.channel = i.channel"
)
_BOUND = ",".join(f"'{state}'" for state in BOUND)
_ON_BOARD = f"{KNOWN} WHERE i.board_uid IN {spellings.ANY_SPELLING} AND i.state IN ({_BOUND})"
_BY_NAME = (
    "SELECT i.id, i.state, i.attempt, i.board_uid, c.product_key, c.device_name FROM certificates c"
    " JOIN identities i ON i.id = c.identity WHERE c.product_key = ? AND c.device_name = ?"
)


def bound_to(db: Transaction, uid: BoardUid) -> Known | None:
    """The identity a board has now (RESERVED … CONSUMED), or None. NeedsPerson E635 when an older station gave it two,
    under two spellings of its uid.
    """
    rows = db.execute(_ON_BOARD, {"uid": uid}).fetchall()
    known = [as_known(row) for row in rows]
    if len(known) > 1:
        raise spellings.two_identities(
            uid, [(row["board_uid"], one.name) for row, one in zip(rows, known, strict=True)]
        )
    return known[0] if known else None


def known_as(db: Transaction, name: CertName) -> Known | None:
    """The identity that carries this certificate, or None."""
    row = db.execute(_BY_NAME, (name.product_key, name.device_name)).fetchone()
    return row and as_known(row)


def as_known(row: Row) -> Known:
    return Known(
        identity_id=row["id"],
        name=CertName(row["product_key"], row["device_name"]),
        state=State(row["state"]),
        attempt=row["attempt"],
        board_uid=BoardUid.stored(row["board_uid"]) if row["board_uid"] else None,
    )
