# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything in a ledger that waits for a person, of every kind: while there is one, a person is needed (exit code 6,
in an alarm 7), and whoever asks how the bench stands is told. None ends because it was told once; each ends when it is
settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from station.codes import Code, Exit
from station.ledger import told
from station.ledger.book import Book
from station.ledger.certificates import HeldCertificates
from station.ledger.foretold import WARY
from station.ledger.locks import Locks, what_ends
from station.ledger.meta import Facts
from station.ledger.odd import OddItems
from station.ledger.releasing import ASKED
from station.ledger.scan_backs import OWED, ScanBacks
from station.ledger.settling import OpenDisputes
from station.ledger.short_sets import ShortSets
from station.ledger.spellings import Spellings
from station.ledger.strangers import Strangers

_WITHHELD = (
    "SELECT b.batch_id, count(*) AS n, b.source = 'cloud' AND EXISTS (SELECT 1 FROM identities i WHERE i.batch = b.id"
    f" AND i.state = 'WITHHELD' AND i.code = 'E615' AND NOT {ASKED}) AS to_ask"
    " FROM identities i JOIN batches b ON b.id = i.batch"
    " WHERE i.state = 'WITHHELD' AND i.code = 'E615' GROUP BY b.id, b.batch_id, b.source ORDER BY b.batch_id, b.id"
)
_FOUND = (
    "SELECT c.product_key, c.device_name, i.reason FROM found_on_boards f JOIN identities i ON i.id = f.identity"
    " JOIN certificates c ON c.identity = i.id AND c.channel = i.channel WHERE i.state = 'WITHHELD' ORDER BY i.id"
)
_REQUESTS = "SELECT request_id, operation, sent_at FROM cloud_requests WHERE state = 'UNKNOWN' ORDER BY id"
_REGISTRATIONS = (
    "SELECT batch_id, count(DISTINCT identity) AS n FROM registrations WHERE state = 'PLANNED' AND why IS NOT NULL"
    " GROUP BY 1 ORDER BY 1"
)


class MatterKind(StrEnum):
    """The value begins a line of `station status`."""

    IN_DOUBT = "IN DOUBT"
    LOCKED = "LOCKED"
    LABEL = "LABEL"  # printed, and not scanned back
    DISPUTED = "DISPUTED"
    ODD = "ODD"
    WITHHELD = "WITHHELD"  # by a recovery
    FOUND = "FOUND"  # on a board, although never sent
    STRANGER = "STRANGER"
    TWICE = "TWICE"
    SET = "SET"  # an NVR whose camera was retired
    UNKNOWN = "UNKNOWN"  # told by a witness, and not here
    ELSEWHERE = "ELSEWHERE"  # told by a witness, and on another board here
    NO_WITNESS = "RECOVERED"  # without a whole witness
    REQUEST = "REQUEST"
    REGISTER = "REGISTER"


OF_A_RECOVERY = frozenset(
    {
        MatterKind.FOUND,
        MatterKind.UNKNOWN,
        MatterKind.ELSEWHERE,
        MatterKind.WITHHELD,
        MatterKind.NO_WITNESS,
        MatterKind.STRANGER,
    }
)
"""Kinds that a recovery may leave behind, besides boards in doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """`code`: of which `station help CODE` says more; `do`: the command or the step that settles it."""

    kind: MatterKind
    code: Code
    what: str
    do: str

    @property
    def exit(self) -> Exit:
        """Of a command that finds it: a person is needed, and more than that for an alarm."""
        return Exit.INTEGRITY if self.code.exit is Exit.INTEGRITY else Exit.PERSON_NEEDED

    def line(self) -> str:
        return f"{self.kind:<9} {self.what}: {self.do}"


class Matters:
    """Everything that waits for a person now."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def open(self) -> list[Matter]:
        """What is most urgent first. Without the ledger's key nobody can tell what witnesses know: that is left out."""
        return [matter for kind in _KINDS for matter in kind(self._book)]


def _locked(book: Book) -> Iterator[Matter]:
    for lock in Locks(book).held().values():
        what = f"{lock.scope or 'the station'}: {lock.code} {lock.what}"
        yield Matter(kind=MatterKind.LOCKED, code=lock.code, what=what, do=what_ends(lock.code, lock.what))


def _owed(book: Book) -> Iterator[Matter]:
    """What no lock shows: its board is still in, its bench has ended, or has no slot of that name any more."""
    held = Locks(book).held()
    for owed in ScanBacks(book).open():
        if owed.slot not in held:
            what = f"slot {owed.slot}: the printed label of {owed.name} was not scanned"
            do = f"scan it at that slot; or a supervisor: station unlock {owed.slot} --reason …"
            yield Matter(kind=MatterKind.LABEL, code=OWED, what=what, do=do)


def _in_doubt(book: Book) -> Iterator[Matter]:
    awaited = {one.name: one.uid for one in Strangers(book).open()}
    for doubt in HeldCertificates(book).unsettled():
        do = f"put board {doubt.board_uid} back in any slot"
        if other := awaited.get(doubt.name):
            do = f"first find board {other}: station stranger list"
        yield Matter(kind=MatterKind.IN_DOUBT, code=Code.E601, what=str(doubt.name), do=f"{do} ({doubt.why})")


def _strangers(book: Book) -> Iterator[Matter]:
    known, foretold = Strangers(book).open(), Strangers(book).foretold()
    for one in (*known, *foretold):
        what = f"board {one.uid} may hold a part of {one.name or 'an identity that is not here'}"
        do = f"find it; a supervisor: station stranger settle {one.uid} --as …"
        yield Matter(kind=MatterKind.STRANGER, code=Code.E630, what=what, do=do)


def _twice(book: Book) -> Iterator[Matter]:
    for uid, held_as in Spellings(book).boards_with_two().items():
        names = ", ".join(f"{name} as {spelling}" for spelling, name in held_as)
        do = "find out which one it carries; a supervisor retires the others: station retire NAME --reason …"
        yield Matter(kind=MatterKind.TWICE, code=Code.E635, what=f"board {uid}: {names}", do=do)


def _stuck_sets(book: Book) -> Iterator[Matter]:
    for one in ShortSets(book).waiting():
        what = f"{one.nvr} waits for retired {', '.join(map(str, one.retired))}"
        yield Matter(kind=MatterKind.SET, code=Code.E600, what=what, do="station set list")


def _told(book: Book) -> Iterator[Matter]:
    if not book.knows_secrets:
        return
    unknown, elsewhere = told.unsettled(book)
    for board in unknown:
        what = f"a witness says that board {board.board_uid} has an identity that is not here"
        do = "bring its batch in (station pull, station import), then put the board in any slot"
        yield Matter(kind=MatterKind.UNKNOWN, code=Code.E616, what=what, do=do)
    for one in elsewhere:
        there = ", ".join(one.there)
        what = f"{one.name} is {one.state} on board {one.here}; a witness says {there}"
        do = "find these boards and see what they carry; what is on two of them a supervisor retires: station retire"
        yield Matter(kind=MatterKind.ELSEWHERE, code=Code.E600, what=what, do=f"{do} {one.name} --reason …")


def _found(book: Book) -> Iterator[Matter]:
    with book.read() as db:
        rows = db.execute(_FOUND).fetchall()
    for row in rows:
        name = f"{row['product_key']}/{row['device_name']}"
        do = f"it never comes back: station retire {name} --reason …"
        yield Matter(kind=MatterKind.FOUND, code=Code.E620, what=f"{name}: {row['reason']}", do=do)


def _withheld(book: Book) -> Iterator[Matter]:
    with book.read() as db:
        rows = db.execute(_WITHHELD).fetchall()
    for row in rows:
        what = f"{row['n']} of batch {row['batch_id']} may be on boards, since a recovery"
        ask = f"station pull {row['batch_id']} --recheck, then " if row["to_ask"] else ""
        do = f"put those boards in any slot; {ask}a supervisor: station release --batch {row['batch_id']} --reason …"
        yield Matter(kind=MatterKind.WITHHELD, code=Code.E615, what=what, do=do)


def _no_witness(book: Book) -> Iterator[Matter]:
    if Facts(book).get(WARY):
        what = "not every witness was there and whole: what comes in is withheld"
        do = "put every board of the lost time in any slot, then: station recover --over --reason …"
        yield Matter(kind=MatterKind.NO_WITNESS, code=Code.E615, what=what, do=do)


def _disputed(book: Book) -> Iterator[Matter]:
    if many := OpenDisputes(book).open_count():
        what = f"{many} came with two contents"
        yield Matter(kind=MatterKind.DISPUTED, code=Code.E619, what=what, do="station conflict list")


def _odd(book: Book) -> Iterator[Matter]:
    for (_provider, batch_id), many in OddItems(book).open_counts().items():
        what = f"{many} of batch {batch_id} cannot be believed and are set aside"
        do = f"pull it again later; see: station batch odd {batch_id}"
        yield Matter(kind=MatterKind.ODD, code=Code.E403, what=what, do=do)


def _requests(book: Book) -> Iterator[Matter]:
    with book.read() as db:
        requests, registrations = db.execute(_REQUESTS).fetchall(), db.execute(_REGISTRATIONS).fetchall()
    for row in requests:
        what = f"{row['request_id']} ({row['operation']}, {row['sent_at'][:16]}Z) has no known outcome"
        yield Matter(kind=MatterKind.REQUEST, code=Code.E604, what=what, do="station batch list")
    for row in registrations:
        what = f"{row['n']} of batch {row['batch_id']} wait for a person"
        yield Matter(kind=MatterKind.REGISTER, code=Code.E600, what=what, do=f"station batch show {row['batch_id']}")


_KINDS: tuple[Callable[[Book], Iterator[Matter]], ...] = (
    _locked,
    _owed,
    _in_doubt,
    _strangers,
    _twice,
    _stuck_sets,
    _told,
    _found,
    _withheld,
    _no_witness,
    _disputed,
    _odd,
    _requests,
)
