# SPDX-License-Identifier: GPL-3.0-or-later
"""A supervisor's choice between what two sources say. What was chosen comes back into the queue as `releasing` allows;
the other content never reaches a board.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import groupby

from station.codes import Code, coded
from station.errors import ConfigError, NeedsPerson
from station.ledger import audit, decided, disputes, proof
from station.ledger.book import Book
from station.ledger.comparing import compare
from station.ledger.dialect import ALL
from station.ledger.disputes import Dispute
from station.ledger.outside import content_may_be_out
from station.ledger.releasing import Withheld
from station.ledger.taking_over import settle_changed
from station.ledger.transaction import Transaction
from station.model import CertName, State
from station.rules import Choice

_IDENTITY = (
    "SELECT i.state, i.board_uid FROM certificates c JOIN identities i ON i.id = c.identity"
    " WHERE c.product_key = ? AND c.device_name = ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """One name that is no longer in dispute; `waits`: why its identity is not READY again, "" when it is."""

    name: CertName
    waits: str = ""


class OpenDisputes:
    """Open ones, and their end."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def open(self, *, batch_id: str = "", limit: int = ALL) -> list[Dispute]:
        """Oldest first. `batch_id`: what arrived with this batch or file; `limit` -1: all."""
        with self._book.read() as db:
            return disputes.open_disputes(db, batch_id=batch_id, limit=limit)

    def open_count(self) -> int:
        """Names in dispute."""
        sql = (
            "SELECT count(*) FROM (SELECT DISTINCT product_key, device_name FROM conflicts WHERE decision IS NULL) AS x"
        )
        with self._book.read() as db:
            return int(db.execute(sql).fetchone()[0])

    def compare(self, dispute: Dispute) -> list[str]:
        """What differs between the two sides; see `comparing`."""
        with self._book.read() as db:
            return compare(db, self._book.sealer, dispute)

    def settle(self, chosen: Sequence[Dispute], choice: Choice, reason: str, *, by: str) -> list[Settled]:
        """All of `chosen`, or none; ConfigError E116 when one cannot be settled so, NeedsPerson E615 when what would be
        destroyed may be on a board. What was withheld for its dispute alone
        is let back by the same word, as far as it may come back."""
        sealer = self._book.sealer
        names = []
        with self._book.write() as db:
            for name, group in groupby(sorted(chosen, key=lambda d: d.name), key=lambda d: d.name):
                arrivals = list(group)
                _require_open(db, name, arrivals)
                proved: dict[str, object] = {}
                if choice is Choice.ARRIVED:
                    number, was = proof.content_of(db, name)
                    _require_choosable(name, arrivals)
                    _require_never_sent(db, name)
                    may_be_out = content_may_be_out(db, name)
                    disputes.put_in_place(db, sealer, arrivals[0])
                    disputes.refuse_rest(db, name)
                    settle_changed(db, self._book.vault, name, self._book.actor)
                    _require_not_out(db, name, may_be_out=may_be_out)
                    _, now = proof.content_of(db, name)
                    proved = {proof.KEY: {"v": proof.VERSION, "certificate": number, "was": was, "is": now}}
                else:
                    for dispute in arrivals:
                        disputes.refuse(db, dispute)
                detail = {"name": str(name), "kept": choice, "why": reason, "by": by} | proved
                audit.append(db, "dispute settled", actor=self._book.actor, detail=detail)
                names.append(name)
        return [Settled(name=name, waits=self._let_back(name, reason, by=by)) for name in names]

    def about_sets(self, batch_id: str) -> list[Dispute]:
        """Of this batch alone: it gave one certificate two places in sets. Both are the cloud's own word."""
        return [d for d in self.open(batch_id=batch_id) if not d.choosable and d.held_with == batch_id]

    def withdraw(self, batch_id: str, agreed: Set[CertName]) -> list[Settled]:
        """The whole batch came again, and these certificates each in the place where they are held: the cloud no longer
        says otherwise. What differs in its content stays a person's to decide.
        """
        over = [dispute for dispute in self.about_sets(batch_id) if dispute.name in agreed]
        return self.settle(over, Choice.HELD, f"the whole of batch {batch_id} came again without it", by="cloud")

    def _let_back(self, name: CertName, reason: str, *, by: str) -> str:
        """Why it is not READY; "" when it is."""
        sql = (
            "SELECT i.id, i.state, i.reason, i.code, i.board_uid, a.event,"
            " (SELECT max(cloud_status) FROM certificates WHERE identity = i.id) AS status"
            " FROM certificates c JOIN identities i ON i.id = c.identity"
            " LEFT JOIN audit a ON a.identity = i.id AND a.version = i.version"
            " WHERE c.product_key = ? AND c.device_name = ?"
        )
        with self._book.read() as db:
            row = db.execute(sql, (name.product_key, name.device_name)).fetchone()
        if row["state"] != State.WITHHELD:
            return "" if row["state"] == State.READY else f"{row['state']}, board {row['board_uid'] or '-'}"
        if row["event"] != "disputed":
            return coded(Code.of(row["code"]), row["reason"])
        if row["status"] > 0:
            return f"its status is {row['status']}, not unused"
        try:
            Withheld(self._book).let_back(name, reason, by=by)
        except NeedsPerson as error:
            return f"{error.what}: {error.do}"
        return ""


def _require_open(db: Transaction, name: CertName, arrivals: Sequence[Dispute]) -> None:
    """Another person may have decided since these were read: the first word stays."""
    if not all(disputes.is_open(db, dispute) for dispute in arrivals):
        first = decided.on_matter(db, "dispute settled", {"name": str(name)})
        raise ConfigError(
            f"{name} is settled already{f', {first}' if first else ''}",
            means="nothing was changed",
            do="station conflict list",
            code=Code.E116,
        )


def _require_choosable(name: CertName, arrivals: Sequence[Dispute]) -> None:
    if len(arrivals) != 1:
        sources = ", ".join(dispute.arrived_with for dispute in arrivals)
        raise ConfigError(
            f"{name} arrived with {len(arrivals)} other contents",
            do=f"say which with --batch: {sources}",
            code=Code.E116,
        )
    if not arrivals[0].choosable:
        raise ConfigError(
            f"what arrived as {name} is not at hand: another arrangement of a set, or left out by an older version",
            do="take its file or batch in once more; of an arrangement, keep what is held, or retire it",
            code=Code.E116,
        )


def _require_never_sent(db: Transaction, name: CertName) -> None:
    row = db.execute(_IDENTITY, (name.product_key, name.device_name)).fetchone()
    if row["state"] == State.RETIRED:
        raise ConfigError(f"{name} is RETIRED, which is final", do="keep what is held", code=Code.E116)
    if row["state"] != State.WITHHELD:
        where = f" on board {row['board_uid']}" if row["board_uid"] else ""
        raise ConfigError(
            f"{name} is {row['state']}{where}: what is held went out, or may have",
            means="nothing was changed",
            do=f"keep what is held, or: station retire {name} --reason '…', and have the cloud issue another",
            code=Code.E116,
        )


def _require_not_out(db: Transaction, name: CertName, *, may_be_out: bool) -> None:
    """What was held is destroyed. Where a witness says that what arrived was written, it was on no board."""
    row = db.execute(_IDENTITY, (name.product_key, name.device_name)).fetchone()
    if may_be_out and row["state"] == State.WITHHELD:
        raise NeedsPerson(
            f"what is held of {name} may be on a board: it was withheld by a recovery",
            means="nothing was changed",
            do="keep what is held, or put its board in first, which is learned then",
            code=Code.E615,
        )
