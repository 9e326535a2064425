# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to the ledger: stock, certificates, sets, doubts, batches, the whole history of a name or a board.

All take a `Connection`, so that a read-only wall board can ask without a key. No answer holds a secret.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from station.label import NotALabel, board_on
from station.ledger.connection import Connection
from station.ledger.spellings import ANY_SPELLING
from station.ledger.values import AuditLine, BatchCounts, BatchKey, BatchRow, CertRow, SetStatus, StockLine
from station.model import BoardUid, CertName, IdentityKind, Provider, State

_CERTS = (
    "SELECT i.id, c.product_key, c.device_name, c.channel, i.kind, i.state, b.batch_id, i.attempt, i.board_uid, i.slot,"
    " i.changed_at, i.reason, (SELECT n.device_name FROM certificates n WHERE i.kind <> 'single' AND n.channel = 0"
    " AND n.identity = coalesce(i.set_of, i.id)) AS set_name"
    " FROM certificates c JOIN identities i ON i.id = c.identity JOIN batches b ON b.id = i.batch"
)

_FIND = f"""{_CERTS} WHERE c.id IN (
    SELECT id FROM certificates WHERE device_name = :name AND (:product = '' OR product_key = :product)
    UNION SELECT f.id FROM identities o JOIN certificates f ON f.identity = o.id WHERE o.board_uid IN {ANY_SPELLING}
    UNION SELECT f.id FROM strangers s JOIN certificates f ON f.identity = s.identity WHERE s.board_uid = :uid
    UNION SELECT id FROM certificates WHERE node_id = :text AND node_id <> ''
) ORDER BY c.id LIMIT :limit"""
_LAST_SHOWN = "FROM certificates WHERE product_key = :key AND device_name = :name"
_BEHIND_CERTIFICATE = f"c.id > (SELECT id {_LAST_SHOWN})"
_BEHIND_IDENTITY = (  # the first half is what the index can begin at
    f"i.id >= (SELECT identity {_LAST_SHOWN}) AND (i.id, c.channel) > (SELECT identity, channel {_LAST_SHOWN})"
)
_LAST = "\U0010ffff"
"""Sorts after every character: what begins with x lies between x and x + _LAST."""


def tallies(connection: Connection) -> list[StockLine]:
    """Stock by product, kind and state; costs the same at any size."""
    with connection.read() as db:
        rows = db.execute("SELECT * FROM tallies WHERE identities <> 0 ORDER BY product_key, kind, state")
        return [
            StockLine(
                product_key=r["product_key"],
                kind=IdentityKind(r["kind"]),
                state=State(r["state"]),
                identities=r["identities"],
                certificates=r["certificates"],
            )
            for r in rows
        ]


def stock(connection: Connection) -> dict[State, int]:
    """Certificates by state, all states present; they sum to what was received (I3)."""
    counts = dict.fromkeys(State, 0)
    for tally in tallies(connection):
        counts[tally.state] += tally.certificates
    return counts


def certificates(
    connection: Connection,
    *,
    state: State | None = None,
    product_key: str = "",
    batch_id: str = "",
    limit: int = 100,
    after: int = 0,
    behind: CertName | None = None,
) -> list[CertRow]:
    """A page of certificates in the order they arrived; `after` is the offset.

    `behind`: the last one of the page before. Pages that begin there show each certificate once, whatever comes into
    or leaves the filter meanwhile.
    """
    filters = {
        "i.batch IN (SELECT id FROM batches WHERE batch_id = :batch)": batch_id,
        "+i.state = :state" if batch_id else "i.state = :state": state,  # +: not by this index, a batch is smaller
        "+c.product_key = :product" if batch_id or state else "c.product_key = :product": product_key,
    }
    by_identity = bool(batch_id or state)  # as the index has it: no sorting of a million rows
    wanted = [text for text, value in filters.items() if value]
    if behind is not None:
        wanted.append(_BEHIND_IDENTITY if by_identity else _BEHIND_CERTIFICATE)
    where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
    values = {
        "batch": batch_id,
        "state": state,
        "product": product_key,
        "limit": limit,
        "after": after,
        "key": behind and behind.product_key,
        "name": behind and behind.device_name,
    }
    with connection.read() as db:
        sql = f"{_CERTS}{where} ORDER BY {'i.id, c.channel' if by_identity else 'c.id'} LIMIT :limit OFFSET :after"
        return [_cert(row) for row in db.execute(sql, values)]


def unsettled(connection: Connection, states: Sequence[State] = (State.IN_DOUBT,)) -> list[CertRow]:
    """The primary certificate of each identity in these states: what is on the main screen until resolved (I11)."""
    places = ",".join("?" * len(states))
    sql = f"{_CERTS} WHERE c.channel = i.channel AND i.state IN ({places}) ORDER BY i.changed_at"
    with connection.read() as db:
        return [_cert(row) for row in db.execute(sql, tuple(states))]


def search(connection: Connection, text: str, *, limit: int = 50) -> list[CertRow]:
    """Certificates by deviceName, `productKey/deviceName`, board uid, label or iotId; else by the name's beginning."""
    text = text.strip()
    _, _, behind_uid = text.partition(" ")
    product, _, name = (behind_uid or text).rpartition("/")
    uid = labelled_uid(text) or text
    with connection.read() as db:
        rows = db.execute(
            _FIND, {"name": name, "product": product, "uid": uid, "text": text, "limit": limit}
        ).fetchall()
        if not rows and text:
            beginning = f"{_CERTS} WHERE c.device_name >= ? AND c.device_name < ? ORDER BY c.device_name LIMIT ?"
            rows = db.execute(beginning, (name, name + _LAST, limit)).fetchall()
        return [_cert(row) for row in rows]


def labelled_uid(text: str) -> BoardUid | None:
    """The board uid that a label says, in whatever spelling."""
    try:
        return board_on(text)
    except NotALabel:
        return None


def history(connection: Connection, *, identity_id: int | None = None, uid: str = "") -> list[AuditLine]:
    """All that happened to an identity, or to a board, in order."""
    where = f"board_uid IN {ANY_SPELLING}" if uid else "identity = :identity"
    with connection.read() as db:
        sql = f"SELECT * FROM audit WHERE {where} ORDER BY seq"
        rows = db.execute(sql, {"uid": uid, "identity": identity_id}).fetchall()
    return [
        AuditLine(
            seq=r["seq"],
            at=r["at"],
            event=r["event"],
            actor=r["actor"],
            identity_id=r["identity"],
            from_state=r["from_state"] or "",
            to_state=r["to_state"] or "",
            attempt=r["attempt"],
            board_uid=r["board_uid"] or "",
            slot=r["slot"] or "",
            detail=r["detail"],
        )
        for r in rows
    ]


def set_status(connection: Connection, identity_id: int) -> SetStatus | None:
    """The set an identity belongs to, and what of it is not consumed yet; None for a single certificate."""
    with connection.read() as db:
        row = db.execute("SELECT id, kind, set_of, size, state FROM identities WHERE id = ?", (identity_id,)).fetchone()
        if row is None or row["kind"] == IdentityKind.SINGLE:
            return None
        nvr_row = db.execute(
            "SELECT product_key, device_name FROM certificates WHERE identity = ? AND channel = 0",
            (row["set_of"] or row["id"],),
        ).fetchone()
        if row["kind"] == IdentityKind.SET:
            missing = () if row["state"] == State.CONSUMED else tuple(range(row["size"]))
            size = row["size"]
        else:
            members = db.execute(
                "SELECT channel, state FROM identities WHERE set_of = ? ORDER BY channel", (row["set_of"],)
            )
            states = {m["channel"]: m["state"] for m in members}
            missing = tuple(channel for channel, state in states.items() if state != State.CONSUMED)
            size = len(states)
    return SetStatus(nvr=CertName(nvr_row["product_key"], nvr_row["device_name"]), size=size, missing=missing)


def channel_of(connection: Connection, identity_id: int) -> int:
    """A member's channel in its set; 0 for an NVR or a single certificate."""
    with connection.read() as db:
        return int(db.execute("SELECT channel FROM identities WHERE id = ?", (identity_id,)).fetchone()["channel"])


def batches(connection: Connection) -> list[BatchRow]:
    """All batches, newest first."""
    with connection.read() as db:
        return [
            BatchRow(
                key=BatchKey(
                    provider=Provider(r["provider"]),
                    batch_id=r["batch_id"],
                    product_key=r["product_key"],
                    source=r["source"],
                ),
                total=r["total"],
                complete=bool(r["complete"]),
                received=r["received"],
                created_at=r["created_at"],
            )
            for r in db.execute("SELECT * FROM batches ORDER BY id DESC")
        ]


def batch_counts(connection: Connection) -> dict[BatchKey, BatchCounts]:
    """Of every batch; a set counts once, however its cameras are boards of their own."""
    sql = (
        "SELECT b.provider, b.batch_id, b.product_key, b.source,"
        " (SELECT count(*) FROM identities i WHERE i.batch = b.id AND i.channel = 0) AS held,"
        " (SELECT count(*) FROM identities i WHERE i.batch = b.id AND i.channel = 0 AND i.state = 'WITHHELD')"
        " AS withheld,"
        " (SELECT count(DISTINCT x.product_key || '/' || x.device_name) FROM conflicts x"
        "  WHERE x.batch = b.id AND x.decision IS NULL) AS conflicting FROM batches b"
    )
    with connection.read() as db:
        return {
            BatchKey(
                provider=Provider(r["provider"]),
                batch_id=r["batch_id"],
                product_key=r["product_key"],
                source=r["source"],
            ): BatchCounts(held=r["held"], withheld=r["withheld"], conflicting=r["conflicting"])
            for r in db.execute(sql)
        }


def names_of_batch(connection: Connection, provider: Provider, batch_id: str) -> set[CertName]:
    """The primary certificate of every identity received with this batch: what a resumed pull need not count again."""
    sql = (
        "SELECT c.product_key, c.device_name FROM batches b JOIN identities i ON i.batch = b.id"
        " JOIN certificates c ON c.identity = i.id AND c.channel = 0"
        " WHERE b.provider = ? AND b.batch_id = ?"
    )
    with connection.read() as db:
        return {CertName(r["product_key"], r["device_name"]) for r in db.execute(sql, (provider, batch_id))}


def certificates_of_batch(connection: Connection, provider: Provider, batch_id: str) -> int:
    """Certificates received with this batch, members of sets and all."""
    sql = "SELECT coalesce(sum(received), 0) FROM batches WHERE provider = ? AND batch_id = ?"
    with connection.read() as db:
        return int(db.execute(sql, (provider, batch_id)).fetchone()[0])


def _cert(r: sqlite3.Row) -> CertRow:
    return CertRow(
        identity_id=r["id"],
        name=CertName(r["product_key"], r["device_name"]),
        channel=r["channel"],
        kind=IdentityKind(r["kind"]),
        state=State(r["state"]),
        batch_id=r["batch_id"],
        attempt=r["attempt"],
        board_uid=BoardUid.stored(r["board_uid"]) if r["board_uid"] else None,
        changed_at=r["changed_at"],
        reason=r["reason"] or "",
        slot=r["slot"] or "",
        set_name=r["set_name"] or "",
    )
