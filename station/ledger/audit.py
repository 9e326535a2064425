# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit chain: append-only lines, each hashed together with the hash before it (SHA-256).

hash = SHA-256(JSON array, no spaces, of previous, seq, at, event, actor, identity, version, from_state, to_state,
attempt, board_uid, slot, detail). Anyone with the file can recompute it; the head printed on a shift report pins all
lines before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from station.ledger import replaying
from station.ledger.engine import Guards
from station.ledger.replaying import broken
from station.ledger.transaction import Row, Transaction
from station.model import State
from station.rules import may

GENESIS = "0" * 64
_MOVE = ("identity", "version", "from_state", "to_state", "attempt", "board_uid", "slot")
_HASHED = ("seq", "at", "event", "actor", *_MOVE, "detail")
_LINE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DETAIL = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
_APPEND = f"INSERT INTO audit ({', '.join(_HASHED)}, previous, hash) VALUES ({','.join('?' * (len(_HASHED) + 2))})"
_CHAINED = f"SELECT {', '.join(_HASHED)}, previous, hash FROM audit WHERE seq > ? ORDER BY seq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the chain stands: number of lines and the last line's hash."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a line tells of one identity or board."""

    identity: int | None = None
    version: int | None = None
    states: tuple[State, State] | None = None
    """from, to"""
    attempt: int | None = None
    board_uid: str | None = None
    slot: str | None = None


def now() -> str:
    """UTC, ISO 8601 with microseconds: as text, the later of two is the greater."""
    return moment(0)


def moment(ago_s: float) -> str:
    """So many seconds ago, likewise."""
    return (datetime.now(UTC) - timedelta(seconds=ago_s)).isoformat(timespec="microseconds")


def _hash(previous: str, values: tuple[object, ...]) -> str:
    return hashlib.sha256(_LINE.encode([previous, *values]).encode()).hexdigest()


def append(
    db: Transaction,
    event: str,
    *,
    actor: str,
    detail: Mapping[str, object] | None = None,
    about: About | None = None,
) -> Head:
    """Write the next line inside the caller's transaction; where the chain stands then."""
    head = read_head(db)
    moved = about or About()
    before, after = moved.states or (None, None)
    which = (moved.identity, moved.version, before, after, moved.attempt, moved.board_uid, moved.slot)
    text = _DETAIL.encode(detail or {})
    values = (head.seq + 1, now(), event, actor, *which, text)
    following = Head(seq=head.seq + 1, hash=_hash(head.hash, values))
    db.execute(_APPEND, (*values, head.hash, following.hash))
    return following


def read_head(db: Transaction) -> Head:
    row = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(seq=row["seq"], hash=row["hash"]) if row else Head(seq=0, hash=GENESIS)


def verify(db: Transaction, guards: Guards, progress: Callable[[int], None] | None = None) -> Head:
    """Recompute the whole chain and replay it against the rows. IntegrityAlarm E702 names the first line that lies.

    Checked: the guards, the engine's own storage, numbering, each hash, that each transition is allowed and follows the
    one before, that every identity's present state, version, attempt and board is the chain's last word on it, and
    that the tallies and sizes add up; and what lines prove of certificates, evidence, visits, locks and supervisors,
    see `proof`. LedgerFault E327 or E322 for a damaged file.
    """
    guards.require(db)
    guards.require_sound(db)
    head = Head(seq=0, hash=GENESIS)
    last: dict[int, tuple[int, str]] = {}
    told = replaying.Told()
    for row in db.execute(_CHAINED, (0,)):
        head = _next(head, row)
        if row["version"] is not None:
            _replay(last, row)
        told.take(db, row)
        if progress and head.seq % 1000 == 0:
            progress(head.seq)
    _compare(db, last)
    if guards.has_run(db, "m006_strangers"):  # an older ledger may be read without being brought up to date
        _compare_strangers(db)
    _compare_sums(db)
    replaying.compare(db, told)
    return head


def verify_recent(db: Transaction, lines: int) -> None:
    """The last `lines` links only: what a bench can afford each time it starts. IntegrityAlarm E702."""
    start = db.execute(
        "SELECT seq, hash FROM audit WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (read_head(db).seq - lines,)
    )
    row = start.fetchone()
    head = Head(seq=row["seq"], hash=row["hash"]) if row else Head(seq=0, hash=GENESIS)
    for row in db.execute(_CHAINED, (head.seq,)):
        head = _next(head, row)


def _next(head: Head, row: Row) -> Head:
    values = tuple(row[key] for key in _HASHED)
    if row["seq"] != head.seq + 1 or row["previous"] != head.hash or row["hash"] != _hash(head.hash, values):
        raise broken(f"line {row['seq']} does not follow line {head.seq}")
    return Head(seq=row["seq"], hash=row["hash"])


def _replay(last: dict[int, tuple[int, str]], row: Row) -> None:
    version, state = last.get(row["identity"], (0, row["from_state"]))
    before, after = State(row["from_state"]), State(row["to_state"])
    if row["version"] != version + 1 or before != state or not (before == after or may(before, after)):
        raise broken(f"line {row['seq']} moves identity {row['identity']} from {before} to {after} out of turn")
    last[row["identity"]] = (row["version"], after)


def _compare(db: Transaction, last: Mapping[int, tuple[int, str]]) -> None:
    untold = db.execute(
        "SELECT i.id, i.state FROM identities i LEFT JOIN audit a ON a.identity = i.id AND a.version = i.version"
        " WHERE i.version > 0 AND (coalesce(a.to_state, '') <> i.state"
        " OR coalesce(a.attempt, -1) <> i.attempt OR coalesce(a.board_uid, '') <> coalesce(i.board_uid, ''))"
    ).fetchone()
    if untold:
        raise broken(f"identity {untold['id']} is {untold['state']}, which no line tells so")
    for row in db.execute("SELECT id, version FROM identities WHERE version > 0"):
        if last.get(row["id"], (0, ""))[0] != row["version"]:
            raise broken(f"identity {row['id']} was set back")
    moved = db.execute("SELECT count(*) FROM identities WHERE version > 0").fetchone()[0]
    if moved != len(last):
        raise broken(f"{len(last)} identities moved, {moved} rows say so")


def _compare_sums(db: Transaction) -> None:
    counted = "SELECT product_key, kind, state, count(*), sum(size) FROM identities GROUP BY 1, 2, 3"
    tallied = "SELECT * FROM tallies WHERE identities <> 0"
    differ = db.execute(
        f"SELECT * FROM ({counted} EXCEPT {tallied}) AS more"
        f" UNION ALL SELECT * FROM ({tallied} EXCEPT {counted}) AS less"
    ).fetchone()
    if differ:
        raise broken(f"the counts of {differ[0]} {differ[2]} do not add up")
    counted = "SELECT batch, sum(size) FROM identities GROUP BY 1"
    wrong = db.execute(f"SELECT * FROM ({counted} EXCEPT SELECT id, received FROM batches) AS more").fetchone()
    if wrong:
        raise broken(f"batch {wrong[0]} holds {wrong[1]} certificates, its row says something else")
    issued, held = db.execute(
        "SELECT (SELECT sum(size) FROM identities), (SELECT count(*) FROM certificates)"
    ).fetchone()
    if (issued or 0) != held:
        raise broken(f"{held} certificates are stored, their identities count {issued}")


def _compare_strangers(db: Transaction) -> None:
    """Each board that may hold a part of another's identity is one line, and so is what became of it."""
    told = "SELECT board_uid, identity, count(*) FROM audit WHERE event = ? GROUP BY 1, 2"
    for event, where in (("stranger", ""), ("stranger settled", "WHERE fate IS NOT NULL")):
        kept = f"SELECT board_uid, identity, count(*) FROM strangers {where} GROUP BY 1, 2"
        wrong = db.execute(f"SELECT * FROM ({told} EXCEPT {kept}) AS more LIMIT 1", (event,)).fetchone()
        if wrong:
            raise broken(f"board {wrong[0]} is no stranger any more, which no line tells so")


def contains(db: Transaction, head: str) -> bool:
    """Whether a head printed earlier is still a line of this chain."""
    return head == GENESIS or db.execute("SELECT 1 FROM audit WHERE hash = ?", (head,)).fetchone() is not None
