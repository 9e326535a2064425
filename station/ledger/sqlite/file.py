# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's file as SQLite has it open."""

from __future__ import annotations

import sqlite3

from station.ledger.transaction import Foot


class File(sqlite3.Connection):
    """As `transaction.Transaction`."""

    chain = ""

    def foot(self, chain: str) -> Foot:
        last = self.execute("SELECT seq, hash, chain FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        if last is None:
            return Foot(seq=1, previous=None)
        own = last
        if last["chain"] != chain:  # copied here from a line
            own = self.execute("SELECT hash FROM audit WHERE chain = ? ORDER BY seq DESC LIMIT 1", (chain,)).fetchone()
        return Foot(seq=last["seq"] + 1, previous=own and own["hash"])
