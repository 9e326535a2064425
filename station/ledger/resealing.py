# SPDX-License-Identifier: GPL-3.0-or-later
"""Seals every secret of a ledger anew, with another vault: in one transaction, with its audit line, or not at all.

The guards let no sealed secret change, so those of the tables concerned are taken off and put back as they were within
that transaction, and compared. Nobody else may work on the ledger: they would go on sealing with the old key.
"""

from __future__ import annotations

from collections.abc import Callable

from station.errors import LedgerFault
from station.ledger import audit, board_keys, disputes, proof, registering, sealing
from station.ledger.store import Ledger
from station.ledger.transaction import Row, Transaction
from station.model import CertName
from station.secrets.vault import Vault

_CONFLICT = "product_key, device_name, content"
_TABLES = ("certificates", "identities", "registrations", "conflicts")


def reseal(ledger: Ledger, vault: Vault) -> int:
    """How many secrets. LedgerFault E320 while another station works on it. Close the ledger afterwards: it has the old
    vault still."""
    guards = ledger.book.connection.guards
    with ledger.book.write() as db:
        if ledger.book.connection.others_work():
            raise LedgerFault("another station works on this ledger", do="end it, then rotate the key again")
        with guards.taken_off(db, _TABLES):
            count = sum(_reseal(db, ledger.book.vault, vault, column) for column in _columns(db))
        guards.require(db)
        row = ("key_id", vault.key_id())
        db.execute("UPDATE meta SET value = ? WHERE key = ?", row[::-1])
        detail: dict[str, object] = {"secrets": count}
        audit.append(db, "key rotated", actor=ledger.actor, detail=detail | proof.of_row("meta", "key_id", row))
    return count


_Column = tuple[str, str, str, Callable[[Row], str]]
"""Table, column, the columns that find its row, and what the row is called when it is sealed."""


def _columns(db: Transaction) -> list[_Column]:
    def name(row: Row) -> CertName:
        return CertName(row["product_key"], row["device_name"])

    return [
        ("certificates", "secret", "id", lambda row: sealing.row_of(name(row), "secret")),
        ("certificates", "product_secret", "id", lambda row: sealing.row_of(name(row), "product_secret")),
        ("registrations", "secret", "id", lambda row: registering.row_of(name(row))),
        ("conflicts", "secret", _CONFLICT, lambda row: disputes.row_of(name(row), row["content"], "secret")),
        (
            "conflicts",
            "product_secret",
            _CONFLICT,
            lambda row: disputes.row_of(name(row), row["content"], "product_secret"),
        ),
        ("identities", "board_key", "id", lambda row: board_keys.row_of(db, row["id"])),
    ]


def _reseal(db: Transaction, old: Vault, new: Vault, which: _Column) -> int:
    table, column, key, called = which
    names = key if "device_name" in key or table == "identities" else f"{key}, product_key, device_name"
    rows = db.execute(f"SELECT {names}, {column} AS sealed FROM {table} WHERE {column} IS NOT NULL").fetchall()
    for row in rows:
        found = tuple(row[part] for part in key.split(", "))
        sealed = new.seal(old.open(row["sealed"], row=called(row)), row=called(row))
        places = ",".join("?" * len(found))
        db.execute(f"UPDATE {table} SET {column} = ? WHERE ({key}) = ({places})", (sealed, *found))
    return len(rows)
