# SPDX-License-Identifier: GPL-3.0-or-later
"""Marriages, strangers to them, and decisions that a witness tells of and this ledger's chain does not: its own lines
were lost, the boards are out there.

They are kept by the certificate's mark, also where the certificate is not here (yet): it may be pulled again later, and
must find its board then.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from station.errors import NeedsPerson
from station.ledger import audit, retiring, strangers
from station.ledger.claiming import open_set
from station.ledger.transitions import Expected, move
from station.ledger.witness_lines import FOUND, MARRIAGES, RETIRED, STRANGER, Line, name_mark
from station.model import BoardUid, CertName, IdentityKind, State
from station.secrets.vault import Vault

MARRIED = "married by a witness"
"""The event; READY or WITHHELD to IN_DOUBT is drawn for it and for what is learned from a board, and nothing else."""
WITHHELD = "withheld by recovery"
_MAY_BE_OUT = "E615 withheld by a recovery: it may be on a board"
RETIRED_THEN = "a witness says that it was retired in the time that this ledger lost"
RECOVERED_AT = "recovered_at"
WARY = "wary_since"
"""In meta: since when what comes in is withheld, because a recovery heard no witness. Empty once that is over."""

_ON_NO_BOARD = (State.READY, State.WITHHELD)
_Told = tuple[str, list[tuple[str, str]]]
"""Of one certificate: its mark, and what is told of it, kinds and boards, oldest first."""


def knows(db: sqlite3.Connection, line: Line) -> bool:
    """Whether a witness's line is one of this chain, or was taken over by a recovery."""
    row = db.execute("SELECT hash FROM audit WHERE seq = ?", (line.seq,)).fetchone()
    if row is not None and row["hash"] == line.head:
        return True
    return db.execute("SELECT 1 FROM foretold WHERE head = ?", (line.head,)).fetchone() is not None


def keep(db: sqlite3.Connection, line: Line) -> None:
    db.execute(
        "INSERT INTO foretold (head, seq, name, kind, board_uid, at) SELECT ?1,?2,?3,?4,?5,?6"
        " WHERE NOT EXISTS (SELECT 1 FROM foretold WHERE head = ?1)",
        (line.head, line.seq, line.name, line.kind, line.board_uid, audit.now()),
    )


def settle_received(db: sqlite3.Connection, vault: Vault, names: Sequence[CertName], actor: str) -> None:
    """Certificates that have just come in: a witness may know their board; and after a recovery without a witness they
    may be on one that nobody knows."""
    if db.execute("SELECT 1 FROM foretold LIMIT 1").fetchone() is not None:
        told: dict[CertName, _Told] = {}
        for name in names:
            mark = name_mark(vault, name)
            rows = db.execute("SELECT kind, board_uid FROM foretold WHERE name = ? ORDER BY seq", (mark,)).fetchall()
            if rows:
                told[name] = (mark, [(row["kind"], row["board_uid"]) for row in rows])
        believe_all(db, told, actor)
    wary = db.execute("SELECT value FROM meta WHERE key = ?", (WARY,)).fetchone()
    if wary is not None and wary["value"]:
        for row in (_row(db, name) for name in names):
            if row["state"] == State.READY:
                _withhold(db, row, WITHHELD, _MAY_BE_OUT, actor)


def believe_all(db: sqlite3.Connection, told: dict[CertName, _Told], actor: str) -> list[str]:
    """Of each, newest first, what is against it. What was retired makes room on its board first, oldest first: on the
    boards that are known here, then on those that only the witnesses know."""
    retired = [name for name, (_, said) in reversed(told.items()) if is_retired(said)]
    retired.sort(key=lambda name: not is_married(db, name))
    rest = [name for name, (_, said) in told.items() if not is_retired(said)]
    disputes = [believe(db, name, *told[name], actor) for name in (*retired, *rest)]
    return [dispute for dispute in disputes if dispute]


def believe(db: sqlite3.Connection, name: CertName, mark: str, told: Sequence[tuple[str, str]], actor: str) -> str:
    """What witnesses tell of a certificate that is here, kinds and boards, oldest first: it is married, its strangers
    are strangers, and what was decided stays so. What is against it, as `marry`. NeedsPerson E609 while a slot has it
    in hand: a witness is heard once, and must be believed then."""
    if _row(db, name)["state"] in (State.RESERVED, State.WRITING):
        raise in_hand()
    _open_as_told(db, name, told, actor)
    married = list(dict.fromkeys(uid for kind, uid in told if kind in MARRIAGES))
    dispute = marry(db, name, married, actor) if married else ""
    for uid in dict.fromkeys(uid for kind, uid in told if kind == STRANGER):
        row = _row(db, name)
        if row["state"] in _ON_NO_BOARD:  # it went to a board that no witness names
            _withhold_for_good(db, row, uid, actor)
        strangers.record_foretold(db, uid, mark, _row(db, name), actor=actor)
    for uid in dict.fromkeys(uid for kind, uid in told if _is(FOUND, kind)):
        row = _row(db, name)
        if row["state"] in _ON_NO_BOARD:
            _withhold_for_good(db, row, uid, actor)
    if is_retired(told):
        _retire(db, name, actor)
        return ""
    return dispute


def in_hand() -> NeedsPerson:
    return NeedsPerson("another station has a board in hand", do="end it, then recover again", code="E609")


def is_retired(told: Sequence[tuple[str, str]]) -> bool:
    return any(_is(RETIRED, kind) for kind, _ in told)


def is_married(db: sqlite3.Connection, name: CertName) -> bool:
    """Whether this ledger knows a board of it."""
    return _row(db, name)["board_uid"] is not None


def _is(decision: str, kind: str) -> bool:
    return kind.partition(" ")[0] == decision


def _open_as_told(db: sqlite3.Connection, name: CertName, told: Sequence[tuple[str, str]], actor: str) -> None:
    """One of the certificates of a set was a board's of its own."""
    row = _row(db, name)
    was_member = any(kind.endswith(IdentityKind.MEMBER) for kind, _ in told)
    if was_member and row["kind"] == IdentityKind.SET and row["state"] in _ON_NO_BOARD:
        open_set(db, row["id"], actor=actor)


def _retire(db: sqlite3.Connection, name: CertName, actor: str) -> None:
    row = _row(db, name)
    state, attempt = State(row["state"]), row["attempt"]
    if state is not State.RETIRED:
        said = {"reason": RETIRED_THEN, "by": "a witness"}
        retiring.retire(db, row["id"], expect=state, attempt=attempt, actor=actor, **said)


def marry(db: sqlite3.Connection, name: CertName, uids: Sequence[str], actor: str) -> str:
    """IN_DOUBT on the one board that the witnesses name. What is against it, in words, or "": then nobody knows where
    the identity is, a person must look, and it is withheld for good."""
    row = _row(db, name)
    if row["state"] not in _ON_NO_BOARD:
        here = row["board_uid"]
        there = ", ".join(uids)
        return "" if there == here else f"{name} is {row['state']} on board {here}; a witness says {there}"
    holder = None if len(uids) > 1 else _holder(db, uids[0])
    if len(uids) == 1 and holder is None:
        _marry(db, row, BoardUid(uids[0]), actor)
        return ""
    _withhold_for_good(db, row, uids[-1], actor)
    if holder is None:
        return f"{name} went to several boards: {', '.join(uids)}"
    return f"{name} went to board {uids[0]}, which has {holder} here"


def withhold_ready(db: sqlite3.Connection, actor: str, *, limit: int) -> int:
    """So many of what is READY, oldest first: READY → WITHHELD until a supervisor or its own board says otherwise."""
    rows = db.execute("SELECT * FROM identities WHERE state = 'READY' ORDER BY id LIMIT ?", (limit,)).fetchall()
    for row in rows:
        _withhold(db, row, WITHHELD, _MAY_BE_OUT, actor)
    return len(rows)


def _marry(db: sqlite3.Connection, row: sqlite3.Row, uid: BoardUid, actor: str) -> None:
    move(
        db,
        Expected(row["id"], State(row["state"]), row["attempt"]),
        to=State.IN_DOUBT,
        next_attempt=row["attempt"] + 1,
        event=MARRIED,
        actor=actor,
        columns={"board_uid": uid, "reason": "E601 a witness says that this board has it"},
    )


def _withhold_for_good(db: sqlite3.Connection, row: sqlite3.Row, uid: str, actor: str) -> None:
    if db.execute("SELECT 1 FROM found_on_boards WHERE identity = ?", (row["id"],)).fetchone() is None:
        _withhold(db, row, "found on a board", f"found on board {uid}, a witness says", actor)
        db.execute("INSERT INTO found_on_boards VALUES (?, ?)", (row["id"], uid))


def _withhold(db: sqlite3.Connection, row: sqlite3.Row, event: str, why: str, actor: str) -> None:
    move(
        db,
        Expected(row["id"], State(row["state"]), row["attempt"]),
        to=State.WITHHELD,
        event=event,
        actor=actor,
        columns={"reason": why},
        detail={"why": why},
    )


def _row(db: sqlite3.Connection, name: CertName) -> sqlite3.Row:
    sql = (
        "SELECT i.* FROM certificates c JOIN identities i ON i.id = c.identity"
        " WHERE c.product_key = ? AND c.device_name = ?"
    )
    found: sqlite3.Row = db.execute(sql, (name.product_key, name.device_name)).fetchone()
    return found


def _holder(db: sqlite3.Connection, uid: str) -> str | None:
    """The name of what this board has already."""
    row = db.execute(
        "SELECT c.product_key, c.device_name FROM identities i JOIN certificates c ON c.identity = i.id"
        " AND c.channel = i.channel WHERE i.board_uid = ? AND i.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED')",
        (uid,),
    ).fetchone()
    return row and str(CertName(row["product_key"], row["device_name"]))
