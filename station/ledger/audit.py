# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit: append-only lines, each hashed together with the hash of the line before it in its chain (SHA-256).

hash = SHA-256(JSON array, no spaces, of previous, seq, at, event, actor, identity, version, from_state, to_state,
attempt, board_uid, slot, detail); in a chain that has a name [2, chain, previous, …], the rest as above. A bench's file
is one chain without a name. In a line's ledger each bench has its own, so that commits do not queue for one foot, and
the chain `LINE` holds their heads, see `audit_chains`. Anyone with the ledger can recompute it; the head printed on a
shift report pins all lines before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from station.ledger.transaction import Row, Transaction
from station.model import State
from station.visiting import VISIT, present_visit

GENESIS = "0" * 64
_MOVE = ("identity", "version", "from_state", "to_state", "attempt", "board_uid", "slot")
HASHED = ("seq", "at", "event", "actor", *_MOVE, "detail")
_VERSION = 2
"""Of how a line is hashed in a chain that has a name."""
_LINE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DETAIL = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
_COLUMNS = (*HASHED, "previous", "hash", "chain")
APPEND: Final = f"INSERT INTO audit ({', '.join(_COLUMNS)}) VALUES ({','.join('?' * len(_COLUMNS))})"
"""Its values begin with a line's number, and end with its hash and its chain."""
RESERVED: Final = "reserved"
"""What the line of a reservation tells. No disk was waited for (`Engine.write`), so a power cut may take it along."""
STAY: Final = "visit"
"""What the line of a stay tells. On a line, where others wait for its number, no disk was waited for either."""
_BUT = "event NOT IN (?,?)"
LINE = "line"
"""The chain of a line's heads; the others are called what their bench is known by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a chain stands: its last line's number and hash. A file has one chain, and no number without a line."""

    seq: int
    hash: str


class About(NamedTuple):
    """What a line tells of one identity or board, in the order of its columns."""

    identity: int | None = None
    version: int | None = None
    from_state: State | None = None
    to_state: State | None = None
    attempt: int | None = None
    board_uid: str | None = None
    slot: str | None = None


_NOTHING = About()


def now() -> str:
    """UTC, ISO 8601 with microseconds: as text, the later of two is the greater."""
    return _text(datetime.now(UTC))


def moment(ago_s: float) -> str:
    """So many seconds ago, likewise."""
    return _text(datetime.now(UTC) - timedelta(seconds=ago_s))


def ahead_s(at: str) -> float:
    """Seconds from now to a time as it is written here."""
    return (datetime.fromisoformat(at) - datetime.now(UTC)).total_seconds()


def _text(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def hash_of(chain: str, previous: str, values: tuple[object, ...]) -> str:
    named = (_VERSION, chain) if chain else ()
    return hashlib.sha256(_LINE.encode([*named, previous, *values]).encode()).hexdigest()


def append(
    db: Transaction,
    event: str,
    *,
    actor: str,
    detail: Mapping[str, object] | None = None,
    about: About | None = None,
) -> Head:
    """Write the next line inside the caller's transaction. What it tells of is held by then: in the order of their
    numbers lines are history, across all chains."""
    return append_to(db, db.chain, (now(), event, actor), detail=detail, about=about)


def append_to(
    db: Transaction,
    chain: str,
    said: tuple[str, str, str],
    *,
    detail: Mapping[str, object] | None = None,
    about: About | None = None,
) -> Head:
    """`said`: at, event and actor. What is done in a board's visit says in which."""
    if visit := present_visit():
        detail = {**(detail or {}), VISIT: visit}
    foot = db.foot(chain)
    values = (foot.seq, *said, *(about or _NOTHING), _DETAIL.encode(detail) if detail else "{}")
    previous = foot.previous or GENESIS
    head = Head(seq=foot.seq, hash=hash_of(chain, previous, values))
    db.execute(APPEND, (*values, previous, head.hash, chain))
    return head


def read_head(db: Transaction, *, lasting: bool = False) -> Head:
    """Of the chain that this bench writes. `lasting`: the last line that no power cut takes."""
    but = _carried(db) if lasting else ("", "")
    if not db.chain:
        return _last_of(db, "", but=but)
    own = f"SELECT seq, hash FROM audit WHERE chain <> '' AND chain = ? AND {_BUT} ORDER BY seq DESC LIMIT 1"
    return _head(db.execute(own, (db.chain, *but)).fetchone())


def whole_head(db: Transaction) -> Head:
    """What is printed: the last line that lasts of a file's chain, or of a line's heads as they were pinned last."""
    return _last_of(db, "", LINE, but=_carried(db))


def last_of_all(db: Transaction, *, on_disk: bool = False) -> Head:
    """Of all chains, the last line that lasts. `on_disk`: stays are known to be there."""
    return _head(_newest(db, but=(RESERVED, RESERVED) if on_disk else _carried(db)))


def _carried(db: Transaction) -> tuple[str, str]:
    """What lines tell that a power cut may take along."""
    return RESERVED, STAY if db.chain else RESERVED


def _newest(db: Transaction, *, but: tuple[str, str]) -> Row | None:
    """`but`: of other events than these."""
    found = db.execute(f"SELECT * FROM audit WHERE {_BUT} ORDER BY seq DESC LIMIT 1", but)
    row: Row | None = found.fetchone()
    return row


def _last_of(db: Transaction, *chains: str, but: tuple[str, str]) -> Head:
    last = _newest(db, but=but)
    if last is not None and chain_of(last) not in chains:
        sql = f"SELECT seq, hash FROM audit WHERE {_BUT} AND chain IN ({','.join('?' * len(chains))})"
        last = db.execute(f"{sql} ORDER BY seq DESC LIMIT 1", (*but, *chains)).fetchone()
    return _head(last)


def _head(row: Row | None) -> Head:
    return Head(seq=row["seq"], hash=row["hash"]) if row else Head(seq=0, hash=GENESIS)


def chain_of(row: Row) -> str:
    """A file that no station of today has opened for work has one chain, and says nothing of it."""
    return str(row["chain"]) if "chain" in row.keys() else ""  # noqa: SIM118 - a row is its values


def contains(db: Transaction, head: str) -> bool:
    """Whether a head printed earlier is still a line here."""
    return head == GENESIS or db.execute("SELECT 1 FROM audit WHERE hash = ?", (head,)).fetchone() is not None
