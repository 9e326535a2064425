# SPDX-License-Identifier: GPL-3.0-or-later
"""How many there are: of each state, and of what a profile can still give to boards."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from station.ledger.book import Book
from station.ledger.fitting import came_whole, never_comes, of_batches, whole_values
from station.ledger.values import USUAL, StockLine, Takes
from station.model import IdentityKind, State

_AGE_S: Final = 10
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

    def flashable(self, products: Sequence[str], kind: IdentityKind, takes: Takes = USUAL) -> Flashable:
        """What of it one profile can give to boards."""
        return Flashable(self._book, products, kind, takes)


class Flashable:
    """How many boards one profile can still give an identity to: of its products, its kind, and what its boards take.

    A set counts once where one board carries it, and once a member where each is a board; what of it belongs to another
    profile's products does not count, nor does an NVR one of whose cameras is retired and never comes. Asked again and
    again: what has to be gone through one by one is counted when its number has changed, or 10 seconds are over. What
    came with certain batches is counted each time.
    """

    def __init__(self, book: Book, products: Sequence[str], kind: IdentityKind, takes: Takes) -> None:
        self._book = book
        self.products, self._kind, self._takes = tuple(products), kind, takes
        self._places = ",".join("?" * len(self.products))
        self._seen: tuple[object, ...] = ()
        self._counted = 0

    def count(self) -> int:
        if self._takes.batches and self._kind is IdentityKind.SINGLE:
            return self._number(self._singles("AND", came_whole("i", self._takes)), *self.products)
        tallies = Stock(self._book).tallies()
        ready = [tally for tally in tallies if tally.state is State.READY]
        if self._kind is IdentityKind.SINGLE or (self._kind is IdentityKind.SET and self._takes == USUAL):
            mine = (t.identities for t in ready if t.kind is self._kind and t.product_key in self.products)
            return sum(mine) - self.bare(tallies)
        sets = tuple(tally for tally in ready if tally.kind is IdentityKind.SET)
        in_sets = self._of_sets() if self._takes.batches else self._once((sets,), self._of_sets)
        return in_sets + (self._of_members() if self._kind is IdentityKind.MEMBER else 0)

    def bare(self, tallies: Sequence[StockLine] | None = None) -> int:
        """How many single ones wait for the productSecret that this profile writes."""
        if not self._takes.product_secret or self._kind is not IdentityKind.SINGLE:
            return 0
        if self._takes.batches:
            return self._bare()
        tallies = Stock(self._book).tallies() if tallies is None else tallies
        total = sum(t.identities for t in tallies)
        aside = [t for t in tallies if t.state in (State.WITHHELD, State.RETIRED)]
        return self._once((total, *aside), self._bare)

    def _once(self, key: tuple[object, ...], count: Callable[[], int]) -> int:
        """What comes later without a change of numbers, a productSecret, is seen within 10 seconds."""
        key += (time.monotonic() // _AGE_S,) if self._takes.product_secret else ()
        if key != self._seen:
            self._seen, self._counted = key, count()
        return self._counted

    def _bare(self) -> int:
        return self._number(self._singles("AND NOT", came_whole("i", self._takes)), *self.products)

    def _singles(self, so: str, whole: str) -> str:
        return (
            f"SELECT count(*) FROM identities i WHERE state = 'READY' AND product_key IN ({self._places})"
            f" AND kind = 'single' AND set_of IS NULL {so} {whole}{of_batches('i', self._takes)}"
        )

    def _of_sets(self) -> int:
        """Whole sets; or the certificates that are to be boards of their own, of sets that this profile may open."""
        if self._kind is IdentityKind.SET:
            whole = came_whole("i", self._takes)
            of = f"i.product_key IN ({self._places}) AND {whole}{of_batches('i', self._takes)}"
            sql = f"SELECT count(*) FROM identities i WHERE {_SETS} AND {of}"
            return self._number(sql, *self._takes.channels, *self.products)
        whole = came_whole("i", self._takes, self.products)
        sql = (
            "SELECT count(*) FROM identities i JOIN certificates c ON c.identity = i.id"
            f" WHERE {_SETS} AND {whole}{of_batches('i', self._takes)} AND c.product_key IN ({self._places})"
            " AND EXISTS (SELECT 1 FROM certificates o"
            f" WHERE o.identity = i.id AND o.channel > 0 AND o.product_key IN ({self._places}))"
        )
        whose = whole_values(self._takes, self.products)
        return self._number(sql, *self._takes.channels, *whose, *self.products, *self.products)

    def _of_members(self) -> int:
        sql = (
            f"SELECT count(*) FROM identities m WHERE m.state = 'READY' AND m.product_key IN ({self._places})"
            f" AND m.kind = 'nvr-member' AND {came_whole('m', self._takes)}{of_batches('m', self._takes)}"
            " AND (m.channel > 0 OR NOT EXISTS"
            f" (SELECT 1 FROM identities c WHERE c.set_of = m.id AND c.channel > 0"
            f" AND {never_comes('c', self._takes)}))"
        )
        return self._number(sql, *self.products)

    def _number(self, sql: str, *values: object) -> int:
        with self._book.read() as db:
            return int(db.execute(sql, values).fetchone()[0])
