# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's face: what is in it, by subject. Nobody outside this room sees more of it.

Each subject is a small class; each of its methods is one transaction, and where it writes, returned = on disk.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Self

from station.ledger.book import Book
from station.ledger.known import bound_to, known_as
from station.ledger.sqlite.files import may_write
from station.ledger.where import Where, engine_at
from station.model import BoardUid, CertName
from station.rules import Known
from station.secrets.vault import Vault

if TYPE_CHECKING:
    from station.ledger.auditing import Audit
    from station.ledger.batches import HeldBatches
    from station.ledger.certificates import HeldCertificates
    from station.ledger.cloud_said import CloudSaid
    from station.ledger.journal import Requests
    from station.ledger.learning import Learning
    from station.ledger.line import LineView
    from station.ledger.locks import Locks
    from station.ledger.matters import Matters
    from station.ledger.meta import Facts
    from station.ledger.missed_stays import MissedStays
    from station.ledger.odd import OddItems
    from station.ledger.outbox import Receivers
    from station.ledger.outside import Outside
    from station.ledger.printed import Printed
    from station.ledger.registering import Registrations
    from station.ledger.releasing import Withheld
    from station.ledger.scan_backs import ScanBacks
    from station.ledger.serials import Serials
    from station.ledger.sets import Sets
    from station.ledger.settling import OpenDisputes
    from station.ledger.short_sets import ShortSets
    from station.ledger.spellings import Spellings
    from station.ledger.stock import Stock
    from station.ledger.strangers import Strangers
    from station.ledger.tracing import Traces
    from station.ledger.visits import Visits
    from station.ledger.work_orders import WorkOrders

_MODULES = {
    "audit": "auditing",
    "disputes": "settling",
    "facts": "meta",
    "registrations": "registering",
    "requests": "journal",
    "traces": "tracing",
    "withheld": "releasing",
}
"""Of parts whose module in this room is not called as they are."""


class View:
    """An open ledger. One that `look_at` opened is only looked at: what would write raises a LedgerFault there."""

    audit: Audit
    stock: Stock
    certificates: HeldCertificates
    cloud_said: CloudSaid
    sets: Sets
    short_sets: ShortSets
    batches: HeldBatches
    visits: Visits
    missed_stays: MissedStays
    traces: Traces
    locks: Locks
    facts: Facts
    requests: Requests
    odd: OddItems
    registrations: Registrations
    strangers: Strangers
    disputes: OpenDisputes
    withheld: Withheld
    outside: Outside
    outbox: Receivers
    learning: Learning
    spellings: Spellings
    serials: Serials
    printed: Printed
    scan_backs: ScanBacks
    matters: Matters
    line: LineView
    work_orders: WorkOrders

    def __init__(self, book: Book) -> None:
        self.book = book  # for this room's own modules

    if not TYPE_CHECKING:  # a name that is no part stays an error

        def __getattr__(self, name: str) -> object:
            """A part is loaded when a command first asks for it; most ask for few."""
            kind = View.__annotations__.get(name)
            if kind is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            module = import_module(f"station.ledger.{_MODULES.get(name, name)}")
            return self.__dict__.setdefault(name, getattr(module, kind)(self.book))  # one for all threads

    @property
    def path(self) -> Path:
        return self.book.connection.path

    @property
    def bench(self) -> str:
        """As `Engine.bench`."""
        return self.book.connection.bench

    def bound_to(self, uid: BoardUid) -> Known | None:
        """The identity a board has now (RESERVED … CONSUMED), or None. NeedsPerson E635 when an older station gave it
        two, under two spellings of its uid.
        """
        with self.book.read() as db:
            return bound_to(db, uid)

    def named(self, name: CertName) -> Known | None:
        """The identity that carries this certificate, or None."""
        with self.book.read() as db:
            return known_as(db, name)

    def with_key(self, vault: Vault) -> View:
        """The same, and what only its key can tell. Ends with this one."""
        return View(Book(self.book.connection, vault))

    def beside(self) -> View:
        """The same ledger once more, to be looked at while this one works; ends for itself."""
        return View(Book(self.book.connection.beside()))

    def close(self) -> None:
        """Idempotent."""
        self.book.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def may_work_on(path: Path) -> bool:
    """Whether a ledger there can be worked with, and not only looked at; also where there is none yet."""
    return may_write(path)


def look_at(place: Where) -> View:
    """The ledger there, to be looked at: needs no key, and works beside a bench. ConfigError E115 without one."""
    return View(Book(engine_at(place, read_only=True)))
