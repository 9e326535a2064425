# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: the queue, the history, the proof. Every public method is one transaction; it returned = it is on disk,
but for a reservation, which the next one carries along.

A `Ledger` may be shared by threads; several processes may open one file (I8). Methods raise LedgerFault when the disk
or another process is in the way, IntegrityAlarm when a row would break a rule: in both cases nothing was changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from station.codes import Code
from station.errors import ConfigError, IntegrityAlarm, LedgerFault, StationError
from station.ledger import (
    age,
    board_keys,
    claiming,
    disputes,
    found,
    leftovers,
    marrying,
    proving,
    receiving,
    reserving,
    retiring,
    sealing,
    strangers,
    work_orders,
)
from station.ledger.audit import read_head
from station.ledger.believed import Although, Begins
from station.ledger.book import Book
from station.ledger.engine import Engine
from station.ledger.locks import STATION
from station.ledger.meta import require_key
from station.ledger.sqlite.connection import Connection
from station.ledger.standing import Standing
from station.ledger.tokens import CloudTokens
from station.ledger.transaction import Transaction
from station.ledger.transitions import Expected, move
from station.ledger.unwritten import Unwritten
from station.ledger.values import NO_ORDER, USUAL, BatchKey, Claim, Receipt, Takes, WorkOrder
from station.ledger.view import View
from station.ledger.watch import Watch
from station.ledger.witness_lines import Line, last_line, told_by_chain
from station.model import Attempt, BoardUid, CertName, Evidence, Identity, IdentityKind, Secret, State
from station.rules import Known
from station.secrets.vault import Vault


class _Preview(Exception):
    """Rolls a transaction back that was only to be looked at."""


class Ledger(View):
    """One open ledger: a path is SQLite's file, anything else an engine has opened. `actor` names the bench in the
    audit; `operator` the person, when one has logged in."""

    def __init__(
        self, where: Path | Engine, vault: Vault, *, actor: str = "station", keep_secrets: bool = False
    ) -> None:
        engine = Connection(where, key=vault.key_id()) if isinstance(where, Path) else where
        super().__init__(Book(engine, vault, bench=actor))
        self._keep_secrets = keep_secrets
        self.tokens = CloudTokens(self.book)
        self.watch: Watch | None = None  # who asks before each board whether this is still the ledger it was
        self._unwritten = Unwritten()
        try:
            require_key(self.book)
        except BaseException:
            self.book.connection.close()
            raise

    @property
    def actor(self) -> str:
        return self.book.actor

    @property
    def bench_name(self) -> str:
        return self.book.bench_name

    @property
    def operator(self) -> str:
        return self.book.operator

    @operator.setter
    def operator(self, badge: str) -> None:
        self.book.operator = badge

    def close(self) -> None:
        """Idempotent; never raises for a disk that fails: what was committed stays."""
        with suppress(StationError, OSError):
            self.book.end_rehearsal()
        with suppress(StationError, OSError):
            (age.remember_more if self.bench else age.remember)(self.book.connection)
        if self.watch is not None:
            with suppress(OSError):
                self.watch.close()
        self.book.connection.close()

    def rehearse(self) -> None:
        """From now on, until it is closed, nothing is kept and no witness is told. For what is done at once, by this
        thread: nobody else writes meanwhile."""
        self.book.rehearse()

    # -- into the queue ------------------------------------------------------------------------------------------------

    def receive(
        self,
        batch: BatchKey,
        identities: Sequence[Identity],
        *,
        withhold_unsaid: bool = False,
        from_cloud: bool = False,
    ) -> Receipt:
        """Store a page of a batch; see `receiving`."""
        with self.book.write() as db:
            before = read_head(db).seq
            receipt = receiving.receive(
                db,
                self.book.sealer,
                batch,
                identities,
                actor=self.actor,
                withhold_unsaid=withhold_unsaid,
                from_cloud=from_cloud,
            )
            lines = list(told_by_chain(db, self.book.vault, before))
        self._tell_later(lines)
        return receipt

    def hear(self, batch_id: str, statuses: Mapping[CertName, int]) -> int:
        """What the cloud says now of what is here; see `receiving.hear`."""
        with self.book.write() as db:
            before = read_head(db).seq
            turned = receiving.hear(db, batch_id, statuses, actor=self.actor)
            lines = list(told_by_chain(db, self.book.vault, before))
        self._tell_later(lines)
        return turned

    def preview(self, batch: BatchKey, identities: Sequence[Identity]) -> Receipt:
        """What `receive` would say; nothing is kept."""
        receipt = Receipt()
        with suppress(_Preview), self.book.write() as db:
            receipt = receiving.receive(db, self.book.sealer, batch, identities, actor=self.actor)
            raise _Preview
        return receipt

    # -- what is known -------------------------------------------------------------------------------------------------

    def identity(self, identity_id: int) -> Identity:
        """With its secrets. LedgerFault E324 after they were destroyed."""
        with self.book.read() as db:
            return self.book.sealer.identity(Standing(db, identity_id))

    def board_key(self, identity_id: int) -> Secret | None:
        """The key its board's storage is encrypted with; None when it has none, or none was chosen yet."""
        with self.book.read() as db:
            return board_keys.kept(db, self.book.vault, identity_id)

    def is_what_was_consumed(self, identity_id: int, digest: str) -> bool:
        """Whether a board still holds what it was consumed with, although the secret is destroyed here."""
        with self.book.read() as db:
            row = db.execute("SELECT expected FROM identities WHERE id = ?", (identity_id,)).fetchone()
        return bool(row) and row["expected"] == self.book.vault.fingerprint(digest)

    def peek(self, products: Sequence[str], kind: IdentityKind, takes: Takes = USUAL) -> Identity:
        """What `reserve` would take next, so that a board can be asked whether it has room. NoCertificates E500."""
        with self.book.read() as db:
            return reserving.peek(db, self.book, products, kind, takes)

    def has_stock(self, products: Sequence[str], kind: IdentityKind, takes: Takes = USUAL) -> bool:
        """Whether there is something for `reserve` to take: asked again and again, so that no secret is opened."""
        with self.book.read() as db:
            return claiming.next_in_line(db, products, kind, takes) is not None

    # -- the life of an identity ---------------------------------------------------------------------------------------

    def reserve(
        self,
        products: Sequence[str],
        kind: IdentityKind,
        uid: BoardUid,
        slot: str,
        *,
        takes: Takes = USUAL,
        order: WorkOrder | None = None,
    ) -> Claim:
        """READY → RESERVED for this board, and for this work order. NoCertificates E500 when there is none, NeedsPerson
        E640 when the order has its boards; refused when the board has one, and when the ledger is no longer to be
        believed: IntegrityAlarm E702. A power cut before `begin` may undo it.
        """
        self._look()
        calls, claims = self.book.connection.at_once, list[Claim]()
        with self._unwritten.reserving(claims):
            alone = order is not None or kind is IdentityKind.MEMBER  # what others take decides
            carried = kind is not IdentityKind.MEMBER  # what opens a set, others go on from
            if calls is not None and kind is not IdentityKind.MEMBER:
                wanted = (products, kind, takes, order or NO_ORDER)
                with calls.reserve(self.actor, wanted, (uid, slot), self._require_looked) as standing:
                    if standing is not None:
                        claims.append(self._unwritten.reserved(reserving.claimed(self.book, standing, uid, slot)))
            if not claims and not alone:
                with self._reserving(beside=True, carried=carried) as db:
                    if free := claiming.next_free(db, products, kind, takes):
                        claims.append(self._unwritten.reserved(reserving.reserve(db, self.book, free, uid, slot)))
            if not claims:
                with self._reserving(carried=carried) as db:  # what others had in hand is given back, or gone
                    if order is not None:
                        work_orders.require_room(db, order)
                    chosen = reserving.take(db, self.book, products, kind, takes)
                    claims.append(self._unwritten.reserved(reserving.reserve(db, self.book, chosen, uid, slot)))
                    if order is not None:
                        work_orders.enter(db, order, claims[0].attempt)
        return claims[0]

    @contextmanager
    def _reserving(self, *, beside: bool = False, carried: bool) -> Iterator[Transaction]:
        with self.book.write(begins=Begins.ANEW, beside=beside, carried=carried) as db:
            self._require_looked()
            yield db

    def release(self, attempt: Attempt, reason: str) -> None:
        """RESERVED → READY: nothing was sent. On to WITHHELD when it came into dispute meanwhile."""
        self._give_up(
            attempt,
            State.RESERVED,
            State.READY,
            "released",
            columns={"board_uid": None, "slot": None, "owner": None},
            detail={"why": reason},
        )

    def begin(self, attempt: Attempt, *, board_key: Secret | None = None) -> None:
        """RESERVED → WRITING, committed and synced: from now on the identity is married to the board (I4).
        NeedsPerson E619 when it came into dispute meanwhile, NoCertificates E500 when a camera of its set was retired,
        LedgerFault E329 when the reservation was lost.

        `board_key`: what the board's storage is to be encrypted with; sealed and kept from now on. IntegrityAlarm E702
        as `reserve`. LedgerFault E328 when no witness can be told: it is in doubt then, without a byte.
        """
        self.book.connection.require_in_place()
        with self._unwritten.beginning(attempt):
            line = marrying.at_once(self.book, attempt, self._require_looked, board_key)
            if line is None:
                with self.book.write(begins=Begins.ANEW, beside=True) as db:
                    self._require_looked()
                    line = marrying.begin(db, self.book, attempt, board_key)
        self._tell(line, attempt)

    def resume(
        self, identity_id: int, attempt: int, uid: BoardUid, slot: str, *, board_key: Secret | None = None
    ) -> Attempt:
        """IN_DOUBT → WRITING again on the same board, as a new attempt. LedgerFault E326 for another `board_key`;
        otherwise as `begin`."""
        following = Attempt(identity_id=identity_id, number=attempt + 1, board_uid=uid, slot=slot)
        self._look()
        with self._unwritten.beginning(following), self.book.write(begins=Begins.AGAIN) as db:
            self._require_looked()
            line = marrying.resume(db, self.book, attempt, following, board_key)
        self._tell(line, following)
        return following

    def _require_looked(self) -> None:
        if self.watch is not None:
            self.watch.require_met()

    def _look(self) -> None:
        if self.watch is None:
            self.book.connection.require_in_place()
        else:
            self.watch.look()

    def _tell(self, line: Line, attempt: Attempt) -> None:
        """The witnesses hear of it before the first byte leaves, and are heard again: of two copies of a ledger that
        are at work at this moment, the one that tells it later finds what the other told."""
        if self.watch is None:
            return
        try:
            self.watch.witness.tell([line])
            self.watch.meet()
        except (LedgerFault, IntegrityAlarm) as fault:
            self.doubt(attempt, fault.code, fault.what)
            raise

    def _tell_later(self, lines: Sequence[Line]) -> None:
        """Of strangers and decisions. Where no witness is left no further board is begun; one that comes back is told
        then."""
        if self.watch is not None and lines and not self.book.is_rehearsed:
            with suppress(LedgerFault):
                self.watch.witness.tell(lines)

    def doubt(self, attempt: Attempt, code: Code, why: str, *, stranger: str = "") -> None:
        """WRITING → IN_DOUBT: something went wrong after bytes may have left. `stranger`: the uid of another board that
        may hold a part of the identity since; it is settled first.
        """
        self._give_up(
            attempt,
            State.WRITING,
            State.IN_DOUBT,
            "in doubt",
            columns={"owner": None, "reason": why, "code": code},
            detail={"code": code, "why": why},
            stranger=stranger,
        )

    def consume(self, attempt: Attempt, evidence: Evidence, *, expect: State = State.WRITING) -> None:
        """WRITING or IN_DOUBT → CONSUMED, with evidence (I5). Sealed secrets are destroyed unless kept by policy."""
        proving.require_holds(evidence, attempt)
        destroy = not self._keep_secrets
        if expect is State.WRITING and proving.at_once(self.book, attempt, evidence, destroy=destroy):
            return
        in_hand = Although.IN_HAND if expect is State.WRITING else None
        with self.book.write(in_hand, beside=expect is State.WRITING) as db:
            proving.consume(db, self.book, attempt, evidence, expect)
            if destroy:
                sealing.destroy(db, attempt.identity_id)

    def retire(self, name: CertName, reason: str, *, by: str) -> None:
        """READY, WITHHELD, IN_DOUBT or CONSUMED → RETIRED: the supervisor `by`'s word, with a reason; final."""
        known = self.named(name)
        if known is None:
            raise ConfigError(f"the ledger has no certificate {name}", do="look it up: station certs", code=Code.E116)
        with self.book.read() as db:
            retiring.require_may(db, name, known)
        with self.book.write() as db:
            row, expect, attempt = known.identity_id, known.state, known.attempt
            retiring.retire(db, row, expect=expect, attempt=attempt, reason=reason, by=by, actor=self.actor)
            line = last_line(db, self.book.vault)
        self._tell_later([line])

    def found_on_board(self, known: Known, uid: BoardUid) -> None:
        """READY or WITHHELD → WITHHELD for good: it turned up on a board although this ledger never sent it.

        Nothing when it is known so already, or another slot has just taken it.
        """
        with self.book.write(Although.SEEN) as db:
            if not found.take_out(db, known.identity_id, uid, actor=self.actor):
                return
            line = last_line(db, self.book.vault)
        self._tell_later([line])

    def carried_elsewhere(self, known: Known, uid: BoardUid, slot: str) -> None:
        """What may be on its own board was seen on the board `uid`: that one is a stranger, whose fate it waits for."""
        with self.book.write(Although.SEEN) as db:
            if not strangers.record_carrier(db, uid, known.identity_id, slot, actor=self.actor):
                return
            line = last_line(db, self.book.vault)
        self._tell_later([line])

    def recover(self, *, own: bool = True) -> list[Known]:
        """At start-up, when a board in such a state comes back, and on a line now and then: rows of dead processes,
        reservations of which nobody here knew whether they were kept, and (`own`) what was given up here while the disk
        failed: RESERVED → READY, WRITING → IN_DOUBT. Returns what is now in doubt."""
        with self.book.write(Although.IN_HAND) as db:
            unsure = dict(self._unwritten.unsure)  # nobody reserves meanwhile
            in_doubt, lines = leftovers.put_right(db, self.book, unsure | (self._unwritten.left if own else {}))
        self._unwritten.put_right(unsure)
        self._tell_later(lines)
        self._ask_about_the_server()
        return in_doubt

    def _ask_about_the_server(self) -> None:
        """Also while no board comes: whoever notices that it was set back stops the line before others go on."""
        if self.watch is not None and self.bench:
            try:
                self.watch.meet()
            except IntegrityAlarm as found:
                self.locks.lock(STATION, found.code, found.what)

    def _give_up(
        self,
        attempt: Attempt,
        expect: State,
        to: State,
        event: str,
        *,
        columns: dict[str, object],
        detail: dict[str, object],
        stranger: str = "",
    ) -> None:
        """Remembers the attempt where the disk does not let it be written down; `recover` makes good for it."""
        lines = list[Line]()
        with self._unwritten.ending(attempt, stranger), self.book.write(Although.IN_HAND) as db:
            standing = Standing(db, attempt.identity_id)
            if expect is State.RESERVED:
                reserving.require_held(standing, self.book, attempt)
            move(
                db,
                Expected(attempt.identity_id, expect, attempt.number, standing),
                to=to,
                event=event,
                actor=self.actor,
                columns=columns,
                detail=detail,
            )
            if to is State.READY:
                disputes.withhold(db, attempt.identity_id, actor=self.actor)
            where = (attempt.identity_id, attempt.number, attempt.slot)
            if stranger and strangers.record(db, stranger, *where, actor=self.actor):
                lines = [last_line(db, self.book.vault)]
        self._tell_later(lines)
