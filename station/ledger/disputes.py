# SPDX-License-Identifier: GPL-3.0-or-later
"""What two sources say differently of one name: withheld until a person chooses; the other content never comes back.

A certificate that arrives under a known name with other content is *disputed*. What is held waits (READY → WITHHELD);
what is on a board already stays there, and is told. What arrived is kept sealed for a person to choose: it then
takes the place of what was held, which no board has had. What was not chosen is destroyed; its digest stays, so that it
is recognised when it comes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from station.codes import Code
from station.ledger import audit
from station.ledger.dialect import ALL
from station.ledger.sealing import Sealer
from station.ledger.transaction import Row, Transaction
from station.ledger.transitions import Expected, move
from station.ledger.values import Receipt
from station.model import BoardUid, Certificate, CertName, Secret, State
from station.rules import MARRIED

_REASON = "two sources disagree about it"
_KEY = "(product_key, device_name, content) = (?,?,?)"
_OPEN = (
    "SELECT x.*, b.batch_id AS arrived_with, b.source AS arrived_from, i.id AS holder, i.state, i.board_uid,"
    " coalesce(p.batch_id, h.batch_id) AS held_with, coalesce(p.source, h.source) AS held_from,"
    " coalesce(k.seen_at, h.created_at) AS held_since"
    " FROM conflicts x JOIN batches b ON b.id = x.batch"
    " LEFT JOIN certificates c ON (c.product_key, c.device_name) = (x.product_key, x.device_name)"
    " LEFT JOIN identities i ON i.id = c.identity LEFT JOIN batches h ON h.id = i.batch"
    " LEFT JOIN conflicts k ON (k.product_key, k.device_name, k.content) = (c.product_key, c.device_name, c.content)"
    " AND k.decision = 'kept' LEFT JOIN batches p ON p.id = k.batch WHERE x.decision IS NULL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What came under a known name. `certificate` None: the same certificate in another arrangement of a set."""

    name: CertName
    content: bytes
    channel: int
    certificate: Certificate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """One open dispute. `state`, `board_uid` of what is held; `choosable`: what arrived could take its place."""

    name: CertName
    content: bytes
    state: State | None
    board_uid: BoardUid | None
    held_with: str
    held_from: str
    held_since: str
    arrived_with: str
    arrived_from: str
    arrived_at: str
    choosable: bool

    @property
    def on_a_board(self) -> bool:
        return self.state in MARRIED


def receive(
    db: Transaction, sealer: Sealer, batch_row: int, arrived: Sequence[Arrived], holders: set[int], *, actor: str
) -> Receipt:
    """Record what arrived, and withhold what is held READY. What was decided before is not asked again."""
    fresh = [one for one in arrived if _decision(db, one) is None]
    if not fresh:
        return Receipt(settled=1)
    for one in fresh:
        _record(db, sealer, batch_row, one, actor)
    withheld = sum(withhold(db, holder, actor=actor) for holder in sorted(holders))
    places = ",".join("?" * len(MARRIED))
    married = tuple(
        one.name
        for one in fresh
        if db.execute(
            "SELECT 1 FROM certificates c JOIN identities i ON i.id = c.identity WHERE c.product_key = ?"
            f" AND c.device_name = ? AND i.state IN ({places})",
            (one.name.product_key, one.name.device_name, *MARRIED),
        ).fetchone()
    )
    return Receipt(conflicts=tuple(one.name for one in fresh), disputed=withheld, on_boards=married)


def withhold(db: Transaction, identity_id: int, *, actor: str) -> bool:
    """READY → WITHHELD where something is in dispute; whether it was moved."""
    found = db.execute("SELECT state, attempt FROM identities WHERE id = ?", (identity_id,)).fetchone()
    if found["state"] != State.READY or not is_disputed(db, identity_id):
        return False
    move(
        db,
        Expected(identity_id, State.READY, found["attempt"]),
        to=State.WITHHELD,
        event="disputed",
        actor=actor,
        columns={"reason": _REASON, "code": Code.E619},
    )
    return True


def withhold_all(db: Transaction, *, actor: str) -> None:
    """What came back into the queue although it is in dispute, or was recorded before disputes withheld anything."""
    sql = (  # disputes are few, READY identities are not: in this order
        "SELECT DISTINCT i.id FROM conflicts x CROSS JOIN certificates c CROSS JOIN identities i"
        " WHERE x.decision IS NULL AND (c.product_key, c.device_name) = (x.product_key, x.device_name)"
        " AND i.id = c.identity AND i.state = 'READY'"
    )
    for row in db.execute(sql).fetchall():
        withhold(db, row["id"], actor=actor)


def is_disputed(db: Transaction, identity_id: int) -> bool:
    sql = (
        "SELECT 1 FROM certificates c JOIN conflicts x ON (x.product_key, x.device_name)"
        " = (c.product_key, c.device_name) WHERE c.identity = ? AND x.decision IS NULL"
    )
    return db.execute(sql, (identity_id,)).fetchone() is not None


def open_disputes(db: Transaction, *, batch_id: str = "", limit: int = ALL) -> list[Dispute]:
    sql = f"{_OPEN} AND :batch IN ('', b.batch_id) ORDER BY x.seen_at, x.device_name LIMIT :limit"
    return [_dispute(row) for row in db.execute(sql, {"batch": batch_id, "limit": limit})]


def is_open(db: Transaction, dispute: Dispute) -> bool:
    """Whether nobody has decided it since it was read."""
    return _decision(db, dispute) is None


def refuse(db: Transaction, dispute: Dispute) -> None:
    """What arrived is destroyed; what is held stays."""
    db.execute(
        f"UPDATE conflicts SET decision = 'refused', secret = NULL, product_secret = NULL WHERE {_KEY}", _key(dispute)
    )


def refuse_rest(db: Transaction, name: CertName) -> None:
    """Every content of this name that nobody chose."""
    db.execute(
        "UPDATE conflicts SET decision = 'refused', secret = NULL, product_secret = NULL"
        " WHERE product_key = ? AND device_name = ? AND decision IS NULL",
        (name.product_key, name.device_name),
    )


def end(db: Transaction, identity_id: int) -> None:
    """Its identity is retired: there is nothing left to dispute."""
    for row in db.execute(
        "SELECT product_key, device_name FROM certificates WHERE identity = ?", (identity_id,)
    ).fetchall():
        refuse_rest(db, CertName(row["product_key"], row["device_name"]))


def put_in_place(db: Transaction, sealer: Sealer, dispute: Dispute) -> None:
    """What arrived takes the place of what is held, which is destroyed. The schema refuses it for what went out."""
    row = db.execute(f"SELECT * FROM conflicts WHERE {_KEY}", _key(dispute)).fetchone()
    certificate = _open(sealer, row)
    name = (dispute.name.product_key, dispute.name.device_name)
    held = db.execute(
        "SELECT c.*, i.batch FROM certificates c JOIN identities i ON i.id = c.identity"
        " WHERE c.product_key = ? AND c.device_name = ?",
        name,
    ).fetchone()
    _refuse_held(db, held)
    db.execute(
        f"UPDATE conflicts SET decision = 'kept', secret = NULL, product_secret = NULL WHERE {_KEY}", _key(dispute)
    )
    sealer.replace(db, held["id"], certificate, dispute.content)


def arrived(db: Transaction, sealer: Sealer, dispute: Dispute) -> Certificate | None:
    """What came, with its secret; None when that is not at hand."""
    row = db.execute(f"SELECT * FROM conflicts WHERE {_KEY}", _key(dispute)).fetchone()
    return _open(sealer, row) if row["secret"] is not None else None


def _open(sealer: Sealer, row: Row) -> Certificate:
    name = CertName(row["product_key"], row["device_name"])
    product_secret: Secret | None = None
    if row["product_secret"] is not None:
        product_secret = sealer.vault.open(row["product_secret"], row=row_of(name, row["content"], "product_secret"))
    return Certificate(
        product_key=name.product_key,
        device_name=name.device_name,
        device_secret=sealer.vault.open(row["secret"], row=row_of(name, row["content"], "secret")),
        product_secret=product_secret,
        iot_id=row["iot_id"],
        device_id=row["device_id"],
        node_id=row["node_id"],
        cloud_status=row["cloud_status"],
    )


def _refuse_held(db: Transaction, held: Row) -> None:
    key = (held["product_key"], held["device_name"], held["content"])
    if not db.execute(f"UPDATE conflicts SET decision = 'refused' WHERE {_KEY}", key).rowcount:
        db.execute(
            "INSERT INTO conflicts (product_key, device_name, content, batch, seen_at, decision)"
            " VALUES (?,?,?,?,?,'refused')",
            (*key, held["batch"], audit.now()),
        )


def _decision(db: Transaction, one: Arrived | Dispute) -> str | None:
    row = db.execute(f"SELECT decision FROM conflicts WHERE {_KEY}", _key(one)).fetchone()
    return None if row is None else row["decision"]


def _record(db: Transaction, sealer: Sealer, batch_row: int, one: Arrived, actor: str) -> None:
    """Once; what an older version recorded without its content gets it now."""
    known = db.execute(f"SELECT secret FROM conflicts WHERE {_KEY}", _key(one)).fetchone()
    if known is None:
        db.execute(
            "INSERT INTO conflicts (product_key, device_name, content, batch, seen_at) VALUES (?,?,?,?,?)",
            (*_key(one), batch_row, audit.now()),
        )
        audit.append(db, "conflict", actor=actor, detail={"name": str(one.name), "why": _REASON})
    if one.certificate is None or (known is not None and known["secret"] is not None):
        return
    c = one.certificate
    product_secret = c.product_secret and sealer.vault.seal(
        c.product_secret, row=row_of(one.name, one.content, "product_secret")
    )
    db.execute(
        "UPDATE conflicts SET channel = ?, iot_id = ?, device_id = ?, node_id = ?, cloud_status = ?, secret = ?,"
        f" product_secret = ? WHERE {_KEY}",
        (
            one.channel,
            c.iot_id,
            c.device_id,
            c.node_id,
            c.cloud_status,
            sealer.vault.seal(c.device_secret, row=row_of(one.name, one.content, "secret")),
            product_secret,
            *_key(one),
        ),
    )


def _key(one: Arrived | Dispute) -> tuple[str, str, bytes]:
    return one.name.product_key, one.name.device_name, one.content


def row_of(name: CertName, content: bytes, column: str) -> str:
    return f"{name} arrived {content.hex()} {column}"


def _dispute(row: Row) -> Dispute:
    return Dispute(
        name=CertName(row["product_key"], row["device_name"]),
        content=row["content"],
        state=State(row["state"]) if row["state"] else None,
        board_uid=BoardUid.stored(row["board_uid"]) if row["board_uid"] else None,
        held_with=row["held_with"] or "",
        held_from=row["held_from"] or "",
        held_since=row["held_since"] or "",
        arrived_with=row["arrived_with"],
        arrived_from=row["arrived_from"],
        arrived_at=row["seen_at"],
        choosable=row["secret"] is not None,
    )
