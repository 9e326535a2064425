# SPDX-License-Identifier: GPL-3.0-or-later
"""What a ledger asks of the database that holds it; `sqlite` is one.

Each engine has its own way to open, to lock, to tell who lives, and to guard its schema. All else is one set of SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from station.ledger.audit import Head
from station.ledger.believed import Although, Begins
from station.ledger.standing import Standing
from station.ledger.transaction import Transaction
from station.ledger.values import Takes, WorkOrder
from station.model import Attempt, BoardUid, Evidence, IdentityKind


class Guards(Protocol):
    """Whether the schema is what its steps made it: what the rules forbid, the database refuses."""

    def difference(self, db: Transaction) -> str:
        """What is not as its steps made it, in words; "" when all is."""

    def require(self, db: Transaction) -> None:
        """IntegrityAlarm E702 when a guard is missing, changed or strange."""

    def require_sound(self, db: Transaction) -> None:
        """The engine's own check of its storage. LedgerFault E327 where an index alone is wrong, E322 for the rest."""

    def reindex(self, db: Transaction) -> None:
        """Every index anew from its table."""

    def taken_off(self, db: Transaction, tables: Sequence[str]) -> AbstractContextManager[None]:
        """The guards of these tables, and put back as they were."""

    def has_run(self, db: Transaction, step: str) -> bool:
        """Whether the schema has this step: an older one may be read without being brought up to date."""


class AtOnce(Protocol):
    """The usual steps of a board, each one call to the server, under the same rules. What is out of the ordinary is
    left as it is, and whoever asked goes statement by statement then, which tells what is in the way. `still` is asked
    before anything is sent, and raises what must stop it."""

    def reserve(
        self,
        actor: str,
        wanted: tuple[Sequence[str], IdentityKind, Takes, WorkOrder],
        board: tuple[BoardUid, str],
        still: Callable[[], None],
    ) -> AbstractContextManager[Standing | None]:
        """READY → RESERVED for this board in this slot, as it stands then, and in its order where that has a reference
        and room; committed when the block ends, `carried` as in `Engine.write`. No members: a set's are taken in their
        order."""

    def write(
        self, actor: str, attempt: Attempt, still: Callable[[], None], key: Callable[[Transaction], bytes | None]
    ) -> tuple[Standing, Head, str] | None:
        """RESERVED → WRITING, committed: of whom, by which line of the audit, in which chain. `key`: its board's,
        sealed; None where it has none, or has this one already."""

    def consume(
        self, actor: str, attempt: Attempt, evidence: Evidence, digests: tuple[str, str], *, destroy: bool
    ) -> bool:
        """WRITING → CONSUMED, committed, and its sealed secrets destroyed; whether it was. `digests`: the evidence's as
        they are kept, expected and read."""

    def stay(self, actor: str, columns: Sequence[object]) -> int:
        """A stay that has ended and owes no scan, `carried` as in `Engine.write`; its number. Whoever sees it has seen
        all that have lower ones. `columns`: as `values.STAY_COLUMNS`."""


class Engine(Protocol):
    """One open ledger. Whatever goes wrong inside comes out as a StationError."""

    @property
    def path(self) -> Path:
        """Its file; or what it is called by on this PC, beside which the PC's own marks of it stand."""

    @property
    def name(self) -> str:
        """What it is called by for people."""

    @property
    def bench(self) -> str:
        """What this PC is known by in a ledger of many benches; "" where it has only one."""

    @property
    def joins(self) -> int:
        """How often it was reached anew. What was asked before the last time is to be asked again: it may be another
        server that answers, and an older one."""

    @property
    def looks(self) -> int:
        """The same of what is read by. A server that lost what was `carried` gives its numbers out again."""

    @property
    def session(self) -> str:
        """This process's, as owner of what a slot has in hand."""

    @property
    def guards(self) -> Guards: ...

    @property
    def at_once(self) -> AtOnce | None:
        """None where a call costs no more than its statements: a file."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A consistent view: everything inside sees one moment of the ledger."""

    def write(
        self,
        although: Although | None = None,
        *,
        begins: Begins | None = None,
        beside: bool = False,
        carried: bool = False,
    ) -> AbstractContextManager[Transaction]:
        """One transaction; committed and on disk when the block ends, undone when it raises.

        NeedsPerson E614 for a ledger that may not be believed, unless there is a reason; where it `begins` a board,
        as `require_for_board`.

        Nobody else writes meanwhile, so that what was looked at stays so. `beside`: other benches may, likewise beside;
        for what moves one READY identity that nobody holds, or one of this bench's own, and decides by no other row.
        `carried`: no disk is waited for, the next transaction takes it along; for what nothing goes out for, and nobody
        remembers outside of the ledger.
        """

    def settled(self) -> int:
        """The last line of the audit that lasts, by its number, when no lower one is still to come."""

    @property
    def history(self) -> str:
        """Which of its server's histories it writes on: where another server was put in its place, another one began
        with what that one had. "" for a file."""

    @property
    def database(self) -> str:
        """Its number on its server, which no copy or restored dump of it has. "" for a file."""

    def beside(self) -> Engine:
        """The same ledger once more, only to be looked at; ends for itself."""

    def require_in_place(self) -> None:
        """IntegrityAlarm E702 when what is open is no longer the ledger at its place."""

    def dead_sessions(self, owners: Sequence[str]) -> list[str]:
        """Those owners whose process is gone."""

    def others_work(self) -> bool:
        """Whether another session has this ledger open. Asked inside a write, it stays so until that has ended."""

    def others_here(self) -> bool:
        """Likewise, of this bench: of a line, whether one that was told to `be_seen` is."""

    def is_elsewhere(self) -> bool:
        """Whether this bench, by its number, is at work from another PC than this one: a copy of its disk."""

    def be_seen(self) -> None:
        """From now on this bench is one of those that are `present`."""

    def present(self) -> Mapping[str, float | None]:
        """The benches that are there now, by their numbers, and the seconds since each one's last word by the server's
        clock, None where it does not tell. Empty for a file."""

    def make_last(self) -> None:
        """Whatever could be read before this was called lasts when it returns, also what was `carried`: for who tells
        it to somebody outside."""

    def pin(self) -> None:
        """Of a line that is open for work: the heads of all its chains are pinned as they are now. One that is not
        believed is left as it is."""

    def only(self, what: str) -> AbstractContextManager[bool]:
        """Whether this session alone does what is named so until the block ends: False while another one, that lives,
        does it."""

    def close(self) -> None:
        """Idempotent, and never raises: what was committed stays."""
