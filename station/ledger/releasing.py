# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back: WITHHELD → READY by a supervisor's word with a reason, and what the cloud said before.

Never for what was found on a board. Certificates of a cloud's batch come back only after the cloud was asked again,
later than they were withheld, and did not say last that they are in use; a silence takes no such word back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from station.codes import Code
from station.errors import ConfigError, NeedsPerson
from station.ledger import audit, decided, proof
from station.ledger.book import Book
from station.ledger.foretold import DOUBTED_THEN
from station.ledger.taking_over import if_reworked
from station.ledger.transaction import Row, Transaction
from station.ledger.transitions import Expected, move
from station.model import STATUS_NOT_SAID, CertName, Provider, State
from station.rules import WayBack, way_back
from station.secrets.vault import Vault

_AT_ONCE = 500
"""Identities a transaction: slots go on working while a large batch comes back."""

ASKED = (
    "NOT EXISTS (SELECT 1 FROM certificates c WHERE c.identity = i.id AND NOT EXISTS (SELECT 1 FROM cloud_answers w"
    " WHERE w.certificate = c.id AND w.line > coalesce((SELECT seq FROM audit a WHERE a.identity = i.id"
    " AND a.version = i.version), 0)))"
)
"""Of identities `i`: the cloud was asked about each of its certificates since it came into its state."""
_FACTS = (
    "SELECT i.id, i.state, i.attempt, (SELECT event FROM audit a WHERE a.identity = i.id AND a.version = i.version)"
    " AS event, EXISTS (SELECT 1 FROM found_on_boards f WHERE f.identity = i.id)"
    " OR EXISTS (SELECT 1 FROM audit a WHERE a.identity = i.id AND a.to_state = 'WRITING') AS on_a_board,"
    " EXISTS (SELECT 1 FROM certificates c JOIN conflicts x ON (x.product_key, x.device_name)"
    " = (c.product_key, c.device_name) WHERE c.identity = i.id AND x.decision IS NULL) AS disputed,"
    " b.source = 'cloud' AS from_cloud, b.batch_id, b.provider,"
    f" {ASKED} AS asked,"
    " EXISTS (SELECT 1 FROM certificates c WHERE c.identity = i.id AND coalesce((SELECT w.status FROM cloud_answers w"
    " WHERE w.certificate = c.id AND w.status >= 0 ORDER BY w.line DESC LIMIT 1), c.cloud_status) > 0) AS in_use,"
    " (SELECT board_uid FROM found_on_boards f WHERE f.identity = i.id) AS found_on,"
    " (SELECT product_key FROM certificates c WHERE c.identity = i.id AND c.channel = i.channel) AS product,"
    " (SELECT device_name FROM certificates c WHERE c.identity = i.id AND c.channel = i.channel) AS name"
    " FROM identities i JOIN batches b ON b.id = i.batch"
)


_LAST_WORD = (
    "SELECT c.id, i.state, coalesce((SELECT status FROM cloud_answers w WHERE w.certificate = c.id"
    " ORDER BY line DESC LIMIT 1), c.cloud_status) AS said"
    " FROM certificates c JOIN identities i ON i.id = c.identity WHERE c.product_key = ? AND c.device_name = ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Counts of identities: those that are READY again, and those that stay withheld, by what is in the way."""

    back: int
    stay: Mapping[WayBack, int] = field(default_factory=dict)


class Withheld:
    """What is not flashed until a person says so."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def let_back(self, name: CertName, reason: str, *, by: str) -> Released:
        """READY again, by the word of the supervisor `by`. NeedsPerson E620 for what never comes back or is in use,
        E621 while the cloud was not asked; ConfigError E116 for what is not withheld."""
        where = "WHERE i.id = (SELECT identity FROM certificates WHERE (product_key, device_name) = (?, ?))"
        with self._book.write() as db:
            row = db.execute(f"{_FACTS} {where}", (name.product_key, name.device_name)).fetchone()
            if row is None:
                raise ConfigError(
                    f"the ledger has no certificate {name}", do="look it up: station certs", code=Code.E116
                )
            verdict = _verdict(row)
            if verdict is not WayBack.OPEN:
                raise _refusal(db, self._book.vault, verdict, row)
            _let_back(db, row, reason, by=by, actor=self._book.actor)
        return Released(back=1)

    def let_batch_back(self, batch_id: str, reason: str, *, by: str) -> Released:
        """As `let_back` for each withheld identity of a batch that may; the others stay, counted. ConfigError E116
        when the batch has none; E620 or E621 when none may."""
        where = "WHERE b.batch_id = ? AND i.state = 'WITHHELD' AND i.id > ? ORDER BY i.id LIMIT ?"
        back, last, stay = 0, 0, Counter[WayBack]()
        refusal: ConfigError | NeedsPerson | None = None
        while True:
            with self._book.write() as db:
                rows = db.execute(f"{_FACTS} {where}", (batch_id, last, _AT_ONCE)).fetchall()
                for row in rows:
                    verdict = _in_batch(row)
                    if verdict is WayBack.OPEN:
                        _let_back(db, row, reason, by=by, actor=self._book.actor)
                        back += 1
                    else:
                        refusal = refusal or _refusal(db, self._book.vault, verdict, row)
                        stay[verdict] += 1
            if len(rows) < _AT_ONCE:
                break
            last = rows[-1]["id"]
        if not back:
            raise refusal or ConfigError(
                f"batch {batch_id} has nothing withheld", do="look: station status", code=Code.E116
            )
        return Released(back=back, stay=stay)

    def outlook(self, batch_id: str) -> Mapping[WayBack, int]:
        """Withheld identities of a batch, counted by whether they may come back."""
        with self._book.read() as db:
            rows = db.execute(f"{_FACTS} WHERE b.batch_id = ? AND i.state = 'WITHHELD'", (batch_id,))
            return Counter(_in_batch(row) for row in rows)

    def names(self, provider: Provider, batch_id: str) -> list[CertName]:
        """Certificates of a batch that may come back once the cloud was asked."""
        sql = (
            "SELECT c.product_key, c.device_name FROM batches b JOIN identities i ON i.batch = b.id"
            " JOIN certificates c ON c.identity = i.id WHERE b.provider = ? AND b.batch_id = ? AND i.state = 'WITHHELD'"
            " AND i.id NOT IN (SELECT identity FROM found_on_boards) ORDER BY c.id"
        )
        with self._book.read() as db:
            rows = db.execute(sql, (provider, batch_id)).fetchall()
        return [CertName(r["product_key"], r["device_name"]) for r in rows]

    def record_statuses(self, batch_id: str, statuses: Mapping[CertName, int]) -> None:
        """`record_answers` in a transaction of its own."""
        with self._book.write() as db:
            record_answers(db, batch_id, statuses, actor=self._book.actor)


def record_answers(db: Transaction, batch_id: str, statuses: Mapping[CertName, int], *, actor: str) -> int:
    """What the cloud says now of certificates that are withheld here, and of others where it is another word than the
    last one; in the caller's transaction; how many it was.

    0 is inactive, below that it did not say, anything else is in use.
    """
    here = [
        (status, row["id"])
        for name, status in statuses.items()
        if (row := db.execute(_LAST_WORD, (name.product_key, name.device_name)).fetchone())
        and (row["state"] == State.WITHHELD or status not in (STATUS_NOT_SAID, row["said"]))
    ]
    if here:
        in_use = sum(status > 0 for status, _ in here)
        detail = {"batch": batch_id, "asked": len(here), "in_use": in_use}
        said = sorted([row, status] for status, row in here)
        proved = proof.of_row("answers", len(said), said)
        line = audit.append(db, "asked the cloud", actor=actor, detail=detail | proved).seq
        db.executemany("INSERT INTO cloud_answers VALUES (?, ?, ?)", ((row, line, status) for row, status in said))
    return len(here)


def _verdict(row: Row) -> WayBack:
    return way_back(
        State(row["state"]),
        on_a_board=bool(row["on_a_board"]),
        disputed=bool(row["disputed"]),
        from_cloud=bool(row["from_cloud"]),
        asked=bool(row["asked"]),
        in_use=bool(row["in_use"]),
    )


def _in_batch(row: Row) -> WayBack:
    """What only a witness speaks against comes back by the supervisor's word on this very name."""
    verdict = _verdict(row)
    return WayBack.BY_NAME if verdict is WayBack.OPEN and row["event"] == DOUBTED_THEN else verdict


def _let_back(db: Transaction, row: Row, reason: str, *, by: str, actor: str) -> None:
    move(
        db,
        Expected(row["id"], State.WITHHELD, row["attempt"]),
        to=State.READY,
        event="let back",
        actor=actor,
        columns={"reason": None},
        detail={"why": reason, "by": by},
    )


def _refusal(db: Transaction, vault: Vault, verdict: WayBack, row: Row) -> ConfigError | NeedsPerson:
    what = f"{row['product']}/{row['name']}"
    if verdict is WayBack.NOT_WITHHELD:
        first = decided.on_identity(db, row["id"])
        said = f"{what} is {row['state']}, not WITHHELD{f': {first}' if first else ''}"
        return ConfigError(said, do=f"look: station show {what}", code=Code.E116)
    if verdict is WayBack.DISPUTED:
        return NeedsPerson(
            f"{what}: two sources disagree about it",
            means="nothing was changed",
            do="say which is right first: station conflict list",
            code=Code.E619,
        )
    if verdict is WayBack.ASK_FIRST:
        return NeedsPerson(
            f"{what}: the cloud was not asked since this was withheld",
            means="nothing was changed: another board may have it",
            do=f"run: station pull {row['batch_id']} --recheck, then again",
            code=Code.E621,
        )
    if verdict is WayBack.BY_NAME:
        return NeedsPerson(
            f"{what} was withheld in the time that was lost: it may be on a board",
            means="nothing was changed",
            do=f"bring in again what spoke against it; or release it by its name: station release {what} --reason …",
            code=Code.E615,
        )
    why = "the cloud says that it is in use"
    do = f"retire it: station retire {what} --reason …"
    if verdict is WayBack.ON_A_BOARD:
        uid = row["found_on"]
        why = f"it was found on board {uid}" if uid else "it was on a board"
        name = CertName(row["product"], row["name"])
        do = (if_reworked(db, vault, name, uid) if uid else "") or f"put that board in after a recovery; or {do}"
    return NeedsPerson(
        f"{what} never comes back: {why}",
        means="nothing was changed: a second board would get the same identity",
        do=do,
        code=Code.E620,
    )
