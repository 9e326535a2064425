# SPDX-License-Identifier: GPL-3.0-or-later
"""One identity as it stands in a transaction before that moves it: each thing is asked of the database once."""

from __future__ import annotations

from collections.abc import Sequence

from station.codes import Code
from station.errors import LedgerFault
from station.ledger.transaction import Row, Transaction


class Standing:
    """LedgerFault E323 when there is no such identity. `found`: where the caller has it already, what it needs of each
    of its certificates, and beside that of the identity itself."""

    def __init__(self, db: Transaction, identity_id: int, *, found: Sequence[Row] | None = None) -> None:
        self._db, self.identity_id = db, identity_id
        self._certificates = found
        if found:
            self.row: Row = found[0]
            return
        row = db.execute("SELECT * FROM identities WHERE id = ?", (identity_id,)).fetchone()
        if row is None:
            raise LedgerFault(f"there is no identity {identity_id}", code=Code.E323)
        self.row = row

    @property
    def certificates(self) -> Sequence[Row]:
        """In the order of their channels; asked for when first needed."""
        if self._certificates is None:
            sql = "SELECT * FROM certificates WHERE identity = ? ORDER BY channel"
            self._certificates = self._db.execute(sql, (self.identity_id,)).fetchall()
        return self._certificates
