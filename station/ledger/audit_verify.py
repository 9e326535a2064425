# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole audit recomputed, and held against the rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from station.ledger import replaying
from station.ledger.audit import Head, whole_head
from station.ledger.audit_chains import Chains
from station.ledger.engine import Guards
from station.ledger.replaying import broken
from station.ledger.scan_backs import OWES, SCANNED, STEP, WAIVED
from station.ledger.transaction import Row, Transaction
from station.model import State
from station.rules import may

_LINES = "SELECT * FROM audit WHERE seq > ? ORDER BY seq"


def verify(db: Transaction, guards: Guards, progress: Callable[[int], None] | None = None) -> Head:
    """Recompute every chain and replay them against the rows. IntegrityAlarm E702 names the first line that lies.

    Checked: the guards, the engine's own storage, numbering, each hash, the heads that a line pinned, that each
    transition is allowed and follows the one before, that every identity's present state, version, attempt and board
    is the lines' last word on it, and that the tallies and sizes add up; and what lines prove of certificates,
    evidence, visits, locks and supervisors, see `proof`. LedgerFault E327 or E322 for a damaged file.
    """
    guards.require(db)
    guards.require_sound(db)
    chains = Chains(db)
    last: dict[int, tuple[int, str]] = {}
    told = replaying.Told()
    for row in db.execute(_LINES, (0,)):
        chains.take(row)
        if row["version"] is not None:
            _replay(last, row)
        told.take(db, row)
        if progress and row["seq"] % 1000 == 0:
            progress(row["seq"])
    _compare(db, last)
    if guards.has_run(db, "m006_strangers"):  # an older ledger may be read without being brought up to date
        _compare_strangers(db)
    if guards.has_run(db, "m025_serials"):
        _compare_serials(db)
    if guards.has_run(db, STEP):
        _compare_scan_backs(db)
    _compare_sums(db)
    replaying.compare(db, told)
    return whole_head(db)


def verify_recent(db: Transaction, lines: int) -> None:
    """The last `lines` links only: what a bench can afford each time it starts. IntegrityAlarm E702."""
    newest = db.execute("SELECT coalesce(max(seq), 0) FROM audit").fetchone()[0]
    chains = Chains(db, after=max(0, newest - lines))
    for row in db.execute(_LINES, (chains.after,)):
        chains.take(row)


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


def _compare_serials(db: Transaction) -> None:
    """Each serial number that a board has, or had, is what a line gave it; and was taken away by a line."""
    kept = db.execute(
        "SELECT s.board_uid, s.serial, s.ended_line, g.event, g.board_uid AS told_of, g.detail AS given,"
        " e.detail AS ended, e.event AS ended_by FROM serials s LEFT JOIN audit g ON g.seq = s.given_line"
        " LEFT JOIN audit e ON e.seq = s.ended_line"
    )
    rows = ended = 0
    for row in kept:
        rows, ended = rows + 1, ended + (row["ended_line"] is not None)
        lines = [(row["event"], "serial given", row["given"])]
        if row["ended_line"] is not None:
            lines.append((row["ended_by"], "serial taken away", row["ended"]))
        for event, wanted, detail in lines:
            if event != wanted or row["told_of"] != row["board_uid"] or json.loads(detail)["serial"] != row["serial"]:
                raise broken(f"board {row['board_uid']} has serial number {row['serial']}, which no line tells so")
    for event, many in (("serial given", rows), ("serial taken away", ended)):
        if db.execute("SELECT count(*) FROM audit WHERE event = ?", (event,)).fetchone()[0] != many:
            raise broken("a serial number that a line tells of is not as it says")


def _compare_scan_backs(db: Transaction) -> None:
    """Each label that a slot owes a scan, or owed, is what a line told; and was scanned or waived by a line."""
    owes = f"SELECT identity, slot, seq FROM audit WHERE event = '{OWES}'"
    kept = "SELECT identity, slot, owed_line FROM scan_backs"
    wrong = db.execute(
        f"SELECT * FROM ({owes} EXCEPT {kept}) AS lost UNION ALL SELECT * FROM ({kept} EXCEPT {owes}) AS more"
    ).fetchone()
    if wrong:
        raise broken(f"the label of identity {wrong[0]} that slot {wrong[1]} owes is not what the lines say")
    ended = "SELECT s.identity, s.slot, a.seq FROM scan_backs s LEFT JOIN audit a ON a.seq = s.ended_line"
    wrong = db.execute(
        f"{ended} AND a.identity = s.identity AND a.seq > s.owed_line AND a.event IN ('{SCANNED}','{WAIVED}')"
        " WHERE s.ended_line IS NOT NULL AND a.seq IS NULL"
    ).fetchone()
    if wrong:
        raise broken(f"the label of identity {wrong[0]} that slot {wrong[1]} owed was neither scanned nor waived")
