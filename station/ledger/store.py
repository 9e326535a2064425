# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: the queue, the history, the proof. Every public method is one transaction; it returned = it is on disk.

A `Ledger` may be shared by threads; several processes may open one file (I8). Methods raise LedgerFault when the disk
or another process is in the way, IntegrityAlarm when a row would break a rule: in both cases nothing was changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from station.errors import ConfigError, LedgerFault, NeedsPerson, StationError
from station.ledger import (
    age,
    board_keys,
    claiming,
    disputes,
    receiving,
    retiring,
    sealing,
    spellings,
    strangers,
)
from station.ledger.believed import Although
from station.ledger.book import Book
from station.ledger.connection import Connection
from station.ledger.known import KNOWN, as_known
from station.ledger.sealing import Sealer
from station.ledger.transitions import Expected, move
from station.ledger.values import BatchKey, Claim, Receipt
from station.ledger.view import View
from station.ledger.watch import Watch
from station.ledger.witness_lines import Line, last_line
from station.model import Attempt, BoardUid, CertName, Evidence, Identity, IdentityKind, Secret, State
from station.rules import Known, may, recovered
from station.secrets.vault import Vault

_NOT_YET_FOUND = (
    "SELECT state, attempt FROM identities i WHERE id = ?"
    " AND NOT EXISTS (SELECT 1 FROM found_on_boards f WHERE f.identity = i.id)"
)


class _Preview(Exception):
    """Rolls a transaction back that was only to be looked at."""


class Ledger(View):
    """One open ledger. `actor` names the bench in the audit; `operator` the person, when one has logged in."""

    def __init__(self, path: Path, vault: Vault, *, actor: str = "station", keep_secrets: bool = False) -> None:
        super().__init__(Book(Connection(path), vault, bench=actor))
        self._sealer = Sealer(vault)
        self._vault = vault
        self._keep_secrets = keep_secrets
        self.watch: Watch | None = None  # who asks before each board whether this is still the ledger it was
        self._left: dict[
            tuple[int, int], str
        ] = {}  # attempts given up here that the disk did not let us write down, and
        # the uid of the board that may hold a part of theirs
        try:
            self._check_key()
        except BaseException:
            self.connection.close()
            raise

    @property
    def actor(self) -> str:
        return self.book.actor

    @property
    def operator(self) -> str:
        return self.book.operator

    @operator.setter
    def operator(self, badge: str) -> None:
        self.book.operator = badge

    @property
    def vault(self) -> Vault:
        """For the ledger's own modules."""
        return self._vault

    def close(self) -> None:
        """Idempotent; never raises for a disk that fails: what was committed stays."""
        with suppress(StationError, OSError):
            age.remember(self.connection)
        if self.watch is not None:
            with suppress(OSError):
                self.watch.close()
        self.connection.close()

    def _check_key(self) -> None:
        with self.connection.write(Although.OPENING) as db:
            db.execute("INSERT OR IGNORE INTO meta VALUES ('key_id', ?)", (self._vault.key_id(),))
            stored = db.execute("SELECT value FROM meta WHERE key = 'key_id'").fetchone()[0]
        if stored != self._vault.key_id():
            raise ConfigError(
                f"the key does not belong to the ledger {self.connection.path}",
                do="point [vault] key_file at the key this ledger was made with",
                code="E114",
            )

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
        with self.connection.write() as db:
            return receiving.receive(
                db,
                self._sealer,
                batch,
                identities,
                actor=self.actor,
                withhold_unsaid=withhold_unsaid,
                from_cloud=from_cloud,
            )

    def preview(self, batch: BatchKey, identities: Sequence[Identity]) -> Receipt:
        """What `receive` would say; nothing is kept."""
        receipt = Receipt()
        with suppress(_Preview), self.connection.write() as db:
            receipt = receiving.receive(db, self._sealer, batch, identities, actor=self.actor)
            raise _Preview
        return receipt

    # -- what is known -------------------------------------------------------------------------------------------------

    def identity(self, identity_id: int) -> Identity:
        """With its secrets. LedgerFault E324 after they were destroyed."""
        with self.connection.read() as db:
            return self._sealer.identity(db, identity_id)

    def board_key(self, identity_id: int) -> Secret | None:
        """The key its board's storage is encrypted with; None when it has none, or none was chosen yet."""
        with self.connection.read() as db:
            return board_keys.kept(db, self._vault, identity_id)

    def is_what_was_consumed(self, identity_id: int, digest: str) -> bool:
        """Whether a board still holds what it was consumed with, although the secret is destroyed here."""
        with self.connection.read() as db:
            row = db.execute("SELECT expected FROM identities WHERE id = ?", (identity_id,)).fetchone()
        return bool(row) and row["expected"] == self._vault.fingerprint(digest)

    def peek(
        self, products: Sequence[str], kind: IdentityKind, channels: tuple[int, int] = claiming.ANY_CHANNELS
    ) -> Identity:
        """What `reserve` would take next, so that a board can be asked whether it has room. NoCertificates E500."""
        with self.connection.read() as db:
            found = claiming.next_ready(db, products, kind, channels)
            if found is None and kind is IdentityKind.MEMBER:
                found = claiming.openable_set(db, products, channels)
            if found is None:
                raise claiming.no_stock(db, products, kind, channels)
            identity = self._sealer.identity(db, found)
        return Identity(primary=identity.primary) if kind is IdentityKind.MEMBER else identity

    # -- the life of an identity ---------------------------------------------------------------------------------------

    def reserve(
        self,
        products: Sequence[str],
        kind: IdentityKind,
        uid: BoardUid,
        slot: str,
        *,
        channels: tuple[int, int] = claiming.ANY_CHANNELS,
    ) -> Claim:
        """READY → RESERVED for this board. NoCertificates E500 when there is none; refused when the board has one, and
        when the ledger is no longer to be believed: IntegrityAlarm E702. `channels`: least and most cameras of a set.
        """
        self._look()
        with self.connection.write(begins_board=True) as db:
            found = claiming.next_ready(db, products, kind, channels)
            if found is None and kind is IdentityKind.MEMBER:
                found = self._open_next_set(db, products, channels)
            if found is None:
                raise claiming.no_stock(db, products, kind, channels)
            before = db.execute("SELECT attempt FROM identities WHERE id = ?", (found,)).fetchone()["attempt"]
            attempt = Attempt(identity_id=found, number=before + 1, board_uid=uid, slot=slot)
            identity = self._sealer.identity(db, found)
            move(
                db,
                Expected(found, State.READY, before),
                to=State.RESERVED,
                next_attempt=attempt.number,
                event="reserved",
                actor=self.actor,
                columns={"board_uid": uid, "slot": slot, "owner": self.connection.session, "reason": None},
            )
        return Claim(identity=identity, attempt=attempt)

    def _open_next_set(self, db: sqlite3.Connection, products: Sequence[str], channels: tuple[int, int]) -> int | None:
        next_set = claiming.openable_set(db, products, channels)
        if next_set is None:
            return None
        claiming.open_set(db, next_set, actor=self.actor)
        return claiming.next_ready(db, products, IdentityKind.MEMBER)

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
        NeedsPerson E619 when it came into dispute meanwhile.

        `board_key`: what the board's storage is to be encrypted with; sealed and kept from now on. IntegrityAlarm E702
        as `reserve`. LedgerFault E328 when no witness can be told: it is in doubt then, without a byte.
        """
        self.connection.require_in_place()
        with self.connection.write(begins_board=True) as db:
            if disputes.is_disputed(db, attempt.identity_id):
                raise NeedsPerson(
                    "two sources disagree about this identity since it was chosen",
                    means="nothing was written to the board",
                    do="put the board in again for another one; see: station conflict list",
                    code="E619",
                )
            move(
                db,
                Expected(attempt.identity_id, State.RESERVED, attempt.number),
                to=State.WRITING,
                event="writing",
                actor=self.actor,
                columns=board_keys.to_set(db, self._vault, attempt.identity_id, board_key),
            )
            line = last_line(db, self._vault)
        self._tell(line, attempt)

    def resume(
        self, identity_id: int, attempt: int, uid: BoardUid, slot: str, *, board_key: Secret | None = None
    ) -> Attempt:
        """IN_DOUBT → WRITING again on the same board, as a new attempt. LedgerFault E326 for another `board_key`;
        otherwise as `begin`."""
        following = Attempt(identity_id=identity_id, number=attempt + 1, board_uid=uid, slot=slot)
        self._look()
        with self.connection.write(begins_board=True) as db:
            key = board_keys.to_set(db, self._vault, identity_id, board_key)
            move(
                db,
                Expected(identity_id, State.IN_DOUBT, attempt),
                to=State.WRITING,
                next_attempt=following.number,
                event="writing again",
                actor=self.actor,
                columns={
                    "board_uid": spellings.as_kept(db, identity_id, uid),
                    "slot": slot,
                    "owner": self.connection.session,
                    "reason": None,
                }
                | key,
            )
            line = last_line(db, self._vault)
        self._tell(line, following)
        return following

    def _look(self) -> None:
        if self.watch is None:
            self.connection.require_in_place()
        else:
            self.watch.look()

    def _tell(self, line: Line, attempt: Attempt) -> None:
        """The witnesses hear of it before the first byte leaves."""
        if self.watch is None:
            return
        try:
            self.watch.witness.tell([line])
        except LedgerFault as fault:
            self.doubt(attempt, fault.code, fault.what)
            raise

    def _tell_later(self, lines: Sequence[Line]) -> None:
        """Of strangers and decisions. Where no witness is left no further board is begun; one that comes back is told
        then."""
        if self.watch is not None and lines:
            with suppress(LedgerFault):
                self.watch.witness.tell(lines)

    def doubt(self, attempt: Attempt, code: str, why: str, *, stranger: str = "") -> None:
        """WRITING → IN_DOUBT: something went wrong after bytes may have left. `stranger`: the uid of another board that
        may hold a part of the identity since; it is settled first.
        """
        self._give_up(
            attempt,
            State.WRITING,
            State.IN_DOUBT,
            "in doubt",
            columns={"owner": None, "reason": f"{code} {why}"},
            detail={"code": code, "why": why},
            stranger=stranger,
        )

    def consume(self, attempt: Attempt, evidence: Evidence, *, expect: State = State.WRITING) -> None:
        """WRITING or IN_DOUBT → CONSUMED, with evidence (I5). Sealed secrets are destroyed unless kept by policy."""
        if not evidence.holds or evidence.uid_after != attempt.board_uid:
            raise LedgerFault("the evidence does not hold: the board may not be called done", code="E325")
        detail = {"method": evidence.method, "after_reset": evidence.after_reset}
        columns: dict[str, object] = {
            "owner": None,
            "expected": self._vault.fingerprint(evidence.expected),
            "found": self._vault.fingerprint(evidence.read),
            "method": evidence.method,
            "reason": None,
        }
        in_hand = Although.IN_HAND if expect is State.WRITING else None
        with self.connection.write(in_hand) as db:
            columns["uid_after"] = spellings.as_kept(db, attempt.identity_id, evidence.uid_after)
            move(
                db,
                Expected(attempt.identity_id, expect, attempt.number),
                to=State.CONSUMED,
                event="consumed",
                actor=self.actor,
                columns=columns,
                detail=detail,
            )
            if not self._keep_secrets:
                sealing.destroy(db, attempt.identity_id)

    def retire(self, name: CertName, reason: str, *, by: str) -> None:
        """READY, WITHHELD, IN_DOUBT or CONSUMED → RETIRED: the supervisor `by`'s word, with a reason; final."""
        known = self.named(name)
        if known is None:
            raise ConfigError(f"the ledger has no certificate {name}", do="look it up: station certs", code="E116")
        if not may(known.state, State.RETIRED):
            raise ConfigError(
                f"{name} is {known.state}",
                do="only what is in no slot's hands can be retired, and only once",
                code="E116",
            )
        with self.connection.write() as db:
            row, expect, attempt = known.identity_id, known.state, known.attempt
            retiring.retire(db, row, expect=expect, attempt=attempt, reason=reason, by=by, actor=self.actor)
            line = last_line(db, self._vault)
        self._tell_later([line])

    def found_on_board(self, known: Known, uid: BoardUid) -> None:
        """READY or WITHHELD → WITHHELD for good: it turned up on a board although this ledger never sent it.

        Nothing when it is known so already, or another slot has just taken it.
        """
        why = f"found on board {uid} although never sent"
        with self.connection.write(Although.SEEN) as db:
            row = db.execute(_NOT_YET_FOUND, (known.identity_id,)).fetchone()
            if row is None or row["state"] not in (State.READY, State.WITHHELD):
                return
            move(
                db,
                Expected(known.identity_id, State(row["state"]), row["attempt"]),
                to=State.WITHHELD,
                event="found on a board",
                actor=self.actor,
                columns={"reason": why},
                detail={"why": why},
            )
            db.execute("INSERT INTO found_on_boards VALUES (?, ?)", (known.identity_id, uid))
            line = last_line(db, self._vault)
        self._tell_later([line])

    def recover(self) -> list[Known]:
        """At start-up, and when a board in such a state comes back: rows of dead processes, and those given up here
        while the disk failed: RESERVED → READY, WRITING → IN_DOUBT. Returns what is now in doubt."""
        in_doubt: list[Known] = []
        lines: list[Line] = []
        with self.connection.write(Although.IN_HAND) as db:
            rows = db.execute(f"{KNOWN} WHERE i.state IN ('RESERVED','WRITING')").fetchall()
            dead = set(self.connection.dead_sessions(sorted({row["owner"] for row in rows})))
            for row in rows:
                if row["owner"] not in dead and (row["id"], row["attempt"]) not in self._left:
                    continue
                state, doubtful = State(row["state"]), row["state"] == State.WRITING
                columns: dict[str, object] = {"owner": None}
                columns |= {"reason": "E301 the station stopped while writing"} if doubtful else {"board_uid": None}
                move(
                    db,
                    Expected(row["id"], state, row["attempt"]),
                    to=recovered(state),
                    event="recovered",
                    actor=self.actor,
                    columns=columns,
                )
                stranger = self._left.get((row["id"], row["attempt"]))
                if stranger and strangers.record(
                    db, stranger, row["id"], row["attempt"], row["slot"], actor=self.actor
                ):
                    lines.append(last_line(db, self._vault))
                if doubtful:
                    in_doubt.append(as_known(row))
            disputes.withhold_all(db, actor=self.actor)
        self._tell_later(lines)
        return in_doubt

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
        token, lines = (attempt.identity_id, attempt.number), list[Line]()
        self._left[token] = stranger
        with self.connection.write(Although.IN_HAND) as db:
            move(
                db,
                Expected(attempt.identity_id, expect, attempt.number),
                to=to,
                event=event,
                actor=self.actor,
                columns=columns,
                detail=detail,
            )
            if to is State.READY:
                disputes.withhold(db, attempt.identity_id, actor=self.actor)
            if stranger and strangers.record(db, stranger, *token, attempt.slot, actor=self.actor):
                lines = [last_line(db, self._vault)]
        del self._left[token]
        self._tell_later(lines)


def _known(row: sqlite3.Row | None) -> Known | None:
    if row is None:
        return None
    return Known(
        identity_id=row["id"],
        name=CertName(row["product_key"], row["device_name"]),
        state=State(row["state"]),
        attempt=row["attempt"],
        board_uid=BoardUid.stored(row["board_uid"]) if row["board_uid"] else None,
    )
