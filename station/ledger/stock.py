# SPDX-License-Identifier: GPL-3.0-or-later
"""How many there are: of each state, and of what a profile can still give to boards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from station.ledger.book import Book
from station.ledger.claiming import ANY_CHANNELS
from station.ledger.left_out import left_out
from station.ledger.values import StockLine
from station.model import IdentityKind, State

_SETS: Final = "i.state = 'READY' AND i.kind = 'nvr-set' AND i.size - 1 BETWEEN ? AND ?"


class Stock:
    """Costs the same at any size."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def tallies(self) -> list[StockLine]:
        """Stock by product, kind and state."""
        with self._book.read() as db:
            rows = db.execute("SELECT * FROM tallies WHERE identities <> 0 ORDER BY product_key, kind, state")
            return [
                StockLine(
                    product_key=r["product_key"],
                    kind=IdentityKind(r["kind"]),
                    state=State(r["state"]),
                    identities=r["identities"],
                    certificates=r["certificates"],
                )
                for r in rows
            ]

    def by_state(self) -> dict[State, int]:
        """Certificates by state, all states present; they sum to what was received (I3)."""
        counts = dict.fromkeys(State, 0)
        for tally in self.tallies():
            counts[tally.state] += tally.certificates
        return counts

    def flashable(
        self, products: Sequence[str], kind: IdentityKind, channels: tuple[int, int] = ANY_CHANNELS
    ) -> Flashable:
        """What of it one profile can give to boards."""
        return Flashable(self._book, products, kind, channels)


class Flashable:
    """How many boards one profile can still give an identity to: of its products, its kind, and its numbers of cameras.

    A set counts once where one board carries it, and once a member where each is a board; what of it belongs to another
    profile's products does not count, nor does an NVR one of whose cameras is retired and never comes. Asked again and
    again: of unopened sets it looks only when their number has changed.
    """

    def __init__(self, book: Book, products: Sequence[str], kind: IdentityKind, channels: tuple[int, int]) -> None:
        self._book = book
        self.products, self._kind, self._channels = tuple(products), kind, channels
        self._places = ",".join("?" * len(self.products))
        self._seen: tuple[object, ...] = ()
        self._in_sets = 0

    def count(self) -> int:
        ready = [tally for tally in Stock(self._book).tallies() if tally.state is State.READY]
        if self._kind is IdentityKind.SINGLE or (self._kind is IdentityKind.SET and self._channels == ANY_CHANNELS):
            return sum(t.identities for t in ready if t.kind is self._kind and t.product_key in self.products)
        sets = tuple(tally for tally in ready if tally.kind is IdentityKind.SET)
        if sets != self._seen:
            self._seen, self._in_sets = sets, self._of_sets()
        return self._in_sets + (self._of_members() if self._kind is IdentityKind.MEMBER else 0)

    def _of_sets(self) -> int:
        """Whole sets; or the certificates that are to be boards of their own, of sets that this profile may open."""
        if self._kind is IdentityKind.SET:
            sql = f"SELECT count(*) FROM identities i WHERE {_SETS} AND i.product_key IN ({self._places})"
            return self._number(sql, *self._channels, *self.products)
        sql = (
            "SELECT count(*) FROM identities i JOIN certificates c ON c.identity = i.id"
            f" WHERE {_SETS} AND c.product_key IN ({self._places}) AND EXISTS (SELECT 1 FROM certificates o"
            f" WHERE o.identity = i.id AND o.channel > 0 AND o.product_key IN ({self._places}))"
        )
        return self._number(sql, *self._channels, *self.products, *self.products)

    def _of_members(self) -> int:
        sql = (
            f"SELECT count(*) FROM identities m WHERE m.state = 'READY' AND m.product_key IN ({self._places})"
            " AND m.kind = 'nvr-member' AND (m.channel > 0 OR NOT EXISTS"
            " (SELECT 1 FROM identities c WHERE c.set_of = m.id AND c.channel > 0 AND c.state = 'RETIRED'"
            f" AND NOT {left_out('c')}))"
        )
        return self._number(sql, *self.products)

    def _number(self, sql: str, *values: object) -> int:
        with self._book.read() as db:
            return int(db.execute(sql, values).fetchone()[0])
