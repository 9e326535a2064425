# SPDX-License-Identifier: GPL-3.0-or-later
"""What the witnesses tell of certificates that are here, now or once they come in, holds again: they are married,
retired, or withheld; whatever nobody can tell is withheld too.
"""

from __future__ import annotations

from collections.abc import Sequence

from station.codes import Code
from station.errors import NeedsPerson
from station.ledger import retiring, strangers
from station.ledger.claiming import open_set
from station.ledger.foretold import DOUBTED_THEN, WARY, WITHHELD, is_retired, last_content, told_of
from station.ledger.transaction import Row, Transaction
from station.ledger.transitions import Expected, move
from station.ledger.witness_lines import DOUBTED, FOUND, MARRIAGES, STRANGER, Line, content_mark, name_mark
from station.model import BoardUid, CertName, IdentityKind, State
from station.secrets.vault import Vault

MARRIED = "married by a witness"
"""The event; READY or WITHHELD to IN_DOUBT is drawn for it and for what is learned from a board, and nothing else."""
_MAY_BE_OUT = (Code.E615, "withheld by a recovery: it may be on a board")
RETIRED_THEN = "a witness says that it was retired in the time that this ledger lost"
_DOUBTS = "two sources disagreed about it, or it was in use in the cloud"
_ON_NO_BOARD = (State.READY, State.WITHHELD)


def settle_received(db: Transaction, vault: Vault, names: Sequence[CertName], actor: str) -> None:
    """Certificates that have just come in: a witness may know their board; and after a recovery without a witness they
    may be on one that nobody knows."""
    if _any_told(db):
        told = {name: lines for name in names if (lines := told_of(db, name_mark(vault, name)))}
        believe_all(db, vault, told, actor)
    wary = db.execute("SELECT value FROM meta WHERE key = ?", (WARY,)).fetchone()
    if wary is not None and wary["value"]:
        for row in (_row(db, name) for name in names):
            if row["state"] == State.READY:
                _withhold(db, row, WITHHELD, _MAY_BE_OUT, actor)


def settle_changed(db: Transaction, vault: Vault, name: CertName, actor: str) -> None:
    """Other contents of a name's identity are here since: they may be what a witness says was written."""
    if not _any_told(db):
        return
    identity_id = _row(db, name)["id"]
    primary = _primary(db, identity_id)
    told = told_of(db, name_mark(vault, primary))
    if is_what_was_written(db, vault, identity_id, told):
        marry(db, vault, primary, told, actor)


def is_what_was_written(db: Transaction, vault: Vault, identity_id: int, told: Sequence[Line]) -> bool:
    """Whether a witness says so: nothing that it did not say is taken for it."""
    written = last_content(told)
    return bool(written) and written == content_mark(db, vault, identity_id)


def believe_all(db: Transaction, vault: Vault, told: dict[CertName, list[Line]], actor: str) -> list[str]:
    """Of each, newest first, what is against it. What was retired makes room on its board first, oldest first: on the
    boards that are known here, then on those that only the witnesses know."""
    retired = [name for name, lines in reversed(told.items()) if is_retired(lines)]
    retired.sort(key=lambda name: _row(db, name)["board_uid"] is None)
    rest = [name for name, lines in told.items() if not is_retired(lines)]
    disputes = [_believe(db, vault, name, told[name], actor) for name in (*retired, *rest)]
    return [dispute for dispute in disputes if dispute]


def _believe(db: Transaction, vault: Vault, name: CertName, told: list[Line], actor: str) -> str:
    """What witnesses tell of a certificate that is here, oldest first: it is married, its strangers are strangers, and
    what was decided stays so. What is against it, as `marry`. NeedsPerson E609 while a slot has it in hand: a witness
    is heard once, and must be believed then."""
    if _row(db, name)["state"] in (State.RESERVED, State.WRITING):
        raise in_hand()
    _open_as_told(db, name, told, actor)
    dispute = marry(db, vault, name, told, actor)
    for line in told:
        if line.kind == STRANGER or line.decision == FOUND:
            row = _row(db, name)
            if row["state"] in _ON_NO_BOARD:  # it went to a board that no witness names
                _withhold_for_good(db, row, line.board_uid, actor)
    for uid in dict.fromkeys(line.board_uid for line in told if line.kind == STRANGER):
        strangers.record_foretold(db, uid, told[0].name, _row(db, name), actor=actor)
    if is_retired(told):
        _retire(db, name, actor)
        return ""
    if any(line.decision == DOUBTED for line in told) and not any(line.kind in MARRIAGES for line in told):
        return _doubt_again(db, name, actor)
    return dispute


def _doubt_again(db: Transaction, name: CertName, actor: str) -> str:
    """It does not come back with its batch."""
    row = _row(db, name)
    found = db.execute("SELECT 1 FROM found_on_boards WHERE identity = ?", (row["id"],)).fetchone()
    if row["state"] not in _ON_NO_BOARD or found:
        return ""
    _withhold(db, row, DOUBTED_THEN, (Code.E615, f"{DOUBTED_THEN}: {_DOUBTS}"), actor)
    return (
        f"{name} was withheld in the time that was lost: {_DOUBTS}; bring in again what said so, or release it by name"
    )


def in_hand() -> NeedsPerson:
    return NeedsPerson("another station has a board in hand", do="end it, then recover again", code=Code.E609)


def _any_told(db: Transaction) -> bool:
    return db.execute("SELECT 1 FROM foretold LIMIT 1").fetchone() is not None


def _open_as_told(db: Transaction, name: CertName, told: Sequence[Line], actor: str) -> None:
    """One of the certificates of a set was a board's of its own."""
    row = _row(db, name)
    was_member = any(line.kind.endswith(IdentityKind.MEMBER) for line in told)
    if was_member and row["kind"] == IdentityKind.SET and row["state"] in _ON_NO_BOARD:
        open_set(db, row["id"], actor=actor)


def _retire(db: Transaction, name: CertName, actor: str) -> None:
    row = _row(db, name)
    state, attempt = State(row["state"]), row["attempt"]
    if state is not State.RETIRED:
        said = {"reason": RETIRED_THEN, "by": "a witness"}
        retiring.retire(db, row["id"], expect=state, attempt=attempt, actor=actor, **said)


def marry(db: Transaction, vault: Vault, name: CertName, told: Sequence[Line], actor: str) -> str:
    """IN_DOUBT on the one board that the witnesses name. What is against it, in words, or "": then it is withheld for
    good, since nobody knows where it is, or what is here is not what was written."""
    uids = list(dict.fromkeys(line.board_uid for line in told if line.kind in MARRIAGES))
    if not uids:
        return ""
    row = _row(db, name)
    if row["state"] not in _ON_NO_BOARD:
        here = row["board_uid"]
        there = ", ".join(uids)
        return "" if there == here else f"{name} is {row['state']} on board {here}; a witness says {there}"
    against = _against(db, vault, name, uids, told)
    if against:
        _withhold_for_good(db, row, uids[-1], actor)
    else:
        _marry(db, row, BoardUid(uids[0]), actor)
    return against


def _against(db: Transaction, vault: Vault, name: CertName, uids: Sequence[str], told: Sequence[Line]) -> str:
    if len(uids) > 1:
        return f"{name} went to several boards: {', '.join(uids)}"
    if holder := _holder(db, uids[0]):
        return f"{name} went to board {uids[0]}, which has {holder} here; {if_reworked(db, vault, name, uids[0])}"
    if last_content(told) and not is_what_was_written(db, vault, _row(db, name)["id"], told):
        return f"{name} is on board {uids[0]} with other contents than are here: bring in again what came of it since"
    return ""


def withhold_ready(db: Transaction, actor: str, *, limit: int) -> int:
    """So many of what is READY, oldest first: READY → WITHHELD until a supervisor or its own board says otherwise."""
    rows = db.execute("SELECT * FROM identities WHERE state = 'READY' ORDER BY id LIMIT ?", (limit,)).fetchall()
    for row in rows:
        _withhold(db, row, WITHHELD, _MAY_BE_OUT, actor)
    return len(rows)


def _marry(db: Transaction, row: Row, uid: BoardUid, actor: str) -> None:
    move(
        db,
        Expected(row["id"], State(row["state"]), row["attempt"]),
        to=State.IN_DOUBT,
        next_attempt=row["attempt"] + 1,
        event=MARRIED,
        actor=actor,
        columns={"board_uid": uid, "reason": "a witness says that this board has it", "code": Code.E601},
    )


def _withhold_for_good(db: Transaction, row: Row, uid: str, actor: str) -> None:
    if db.execute("SELECT 1 FROM found_on_boards WHERE identity = ?", (row["id"],)).fetchone() is None:
        _withhold(db, row, "found on a board", (Code.E705, f"found on board {uid}, a witness says"), actor)
        db.execute("INSERT INTO found_on_boards VALUES (?, ?)", (row["id"], uid))


def _withhold(db: Transaction, row: Row, event: str, reason: tuple[Code, str], actor: str) -> None:
    code, why = reason
    move(
        db,
        Expected(row["id"], State(row["state"]), row["attempt"]),
        to=State.WITHHELD,
        event=event,
        actor=actor,
        columns={"reason": why, "code": code},
        detail={"code": code, "why": why},
    )


def _row(db: Transaction, name: CertName) -> Row:
    sql = (
        "SELECT i.* FROM certificates c JOIN identities i ON i.id = c.identity"
        " WHERE c.product_key = ? AND c.device_name = ?"
    )
    found: Row = db.execute(sql, (name.product_key, name.device_name)).fetchone()
    return found


def _primary(db: Transaction, identity_id: int) -> CertName:
    sql = "SELECT product_key, device_name FROM certificates WHERE identity = ? ORDER BY channel LIMIT 1"
    row = db.execute(sql, (identity_id,)).fetchone()
    return CertName(row["product_key"], row["device_name"])


def if_reworked(db: Transaction, vault: Vault, name: CertName, uid: str) -> str:
    """What to do where a board has an identity here and `name` by a witness's word: the older one is retired, and never
    the one that the board carries. "" where it has none here."""
    holder = _holder(db, uid)
    if holder is None:
        return ""

    def told_at(one: CertName) -> int:
        lines = told_of(db, name_mark(vault, one))
        return max((line.seq for line in lines if line.kind in MARRIAGES), default=0)

    older = min(holder, name, key=told_at)
    return (
        f"if that board was reworked, {older} is what was on it before: station retire {older} --reason …, then put"
        " the board in"
    )


def _holder(db: Transaction, uid: str) -> CertName | None:
    """The name of what this board has already."""
    row = db.execute(
        "SELECT c.product_key, c.device_name FROM identities i JOIN certificates c ON c.identity = i.id"
        " AND c.channel = i.channel WHERE i.board_uid = ? AND i.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED')",
        (uid,),
    ).fetchone()
    return row and CertName(row["product_key"], row["device_name"])
