# SPDX-License-Identifier: GPL-3.0-or-later
"""One identity as it stands in a transaction before that moves it: each thing is asked of the database once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from station.codes import Code
from station.errors import LedgerFault
from station.ledger.transaction import Row, Transaction

_OF_IT = "SELECT state, attempt, version, board_uid, slot, owner, kind, channel, provider FROM identities WHERE id = ?"
_NAMED = "SELECT channel, product_key, device_name, content FROM certificates WHERE identity = ? ORDER BY channel"
_SEALED = "SELECT * FROM certificates WHERE identity = ? ORDER BY channel"


class Standing:
    """LedgerFault E323 when there is no such identity. `found`: where the caller has it already, what it needs of each
    of its certificates, and beside that of the identity itself. Only what a move needs is read: each column costs."""

    def __init__(self, db: Transaction, identity_id: int, *, found: Sequence[Row] | None = None) -> None:
        self._db, self.identity_id, self._found = db, identity_id, found
        if found:
            self.row: Row = found[0]
            return
        row = db.execute(_OF_IT, (identity_id,)).fetchone()
        if row is None:
            raise LedgerFault(f"there is no identity {identity_id}", code=Code.E323)
        self.row = row

    @cached_property
    def certificates(self) -> Sequence[Row]:
        """Names and content, in the order of their channels; asked for when first needed."""
        return self._found or self._db.execute(_NAMED, (self.identity_id,)).fetchall()

    @cached_property
    def sealed(self) -> Sequence[Row]:
        """The same with all that is to be opened."""
        return self._found or self._db.execute(_SEALED, (self.identity_id,)).fetchall()
