# SPDX-License-Identifier: GPL-3.0-or-later
"""Items of a batch that could not be believed: set aside with what came, so that the rest could come in.

An odd item is no certificate and never goes to a board. It is healed when a later pull brings it as it should be, or
brings the whole batch without it. Never a secret in here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from station.ledger import audit
from station.ledger.book import Book
from station.ledger.transaction import Transaction
from station.model import CertName, Provider

_OPEN = "SELECT * FROM odd_items WHERE provider = ? AND batch_id = ? AND healed_at IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class OddItem:
    """`item`: productKey/deviceName, or a digest of what came where it has no name. `place`: page and item."""

    item: str
    place: str
    why: str
    raw: str
    seen_at: str


class OddItems:
    """Of all batches."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def record(self, provider: Provider, batch_id: str, items: Sequence[OddItem]) -> None:
        """As they came last; each once."""
        with self._book.write() as db:
            for one in items:
                _record(db, (provider, batch_id, one.item), one, self._book.actor)

    def heal(self, provider: Provider, batch_id: str, names: Iterable[CertName]) -> None:
        """These came as they should be."""
        with self._book.write() as db:
            _heal(db, provider, batch_id, {str(name) for name in names}, self._book.actor)

    def heal_all_but(self, provider: Provider, batch_id: str, seen: set[str]) -> None:
        """The whole batch came, and of the odd items only `seen`."""
        with self._book.write() as db:
            known = {row["item"] for row in db.execute(_OPEN, (provider, batch_id))}
            _heal(db, provider, batch_id, known - seen, self._book.actor)

    def open(self, provider: Provider, batch_id: str) -> list[OddItem]:
        """In the order they were first seen."""
        with self._book.read() as db:
            rows = db.execute(f"{_OPEN} ORDER BY id", (provider, batch_id)).fetchall()
        return [
            OddItem(item=r["item"], place=r["place"], why=r["why"], raw=r["raw"], seen_at=r["seen_at"]) for r in rows
        ]

    def open_counts(self) -> dict[tuple[Provider, str], int]:
        """How many odd items each batch has."""
        sql = "SELECT provider, batch_id, count(*) AS n FROM odd_items WHERE healed_at IS NULL GROUP BY 1, 2"
        with self._book.read() as db:
            return {(Provider(row["provider"]), row["batch_id"]): row["n"] for row in db.execute(sql)}


def _record(db: Transaction, key: tuple[str, str, str], one: OddItem, actor: str) -> None:
    content = (one.place, one.why, one.raw, audit.now())
    known = db.execute(
        "SELECT healed_at, why FROM odd_items WHERE (provider, batch_id, item) = (?,?,?)", key
    ).fetchone()
    if known is None:
        db.execute(
            "INSERT INTO odd_items (provider, batch_id, item, place, why, raw, seen_at) VALUES (?,?,?,?,?,?,?)",
            (*key, *content),
        )
    else:
        db.execute(
            "UPDATE odd_items SET place = ?, why = ?, raw = ?, seen_at = ?, healed_at = NULL"
            " WHERE (provider, batch_id, item) = (?,?,?)",
            (*content, *key),
        )
    if known is None or known["healed_at"] is not None or known["why"] != one.why:
        audit.append(db, "odd item", actor=actor, detail={"batch": key[1], "item": one.item, "why": one.why})


def _heal(db: Transaction, provider: Provider, batch_id: str, items: set[str], actor: str) -> None:
    for row in db.execute(_OPEN, (provider, batch_id)).fetchall():
        if row["item"] in items:
            db.execute("UPDATE odd_items SET healed_at = ? WHERE id = ?", (audit.now(), row["id"]))
            audit.append(db, "odd item healed", actor=actor, detail={"batch": batch_id, "item": row["item"]})
