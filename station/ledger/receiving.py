# SPDX-License-Identifier: GPL-3.0-or-later
"""Receiving a page: one transaction; a repeated or shifted page changes nothing; nothing is ever overwritten (I3).

What comes under a known name with other content is in dispute: neither goes to a board until a person has chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from station.codes import Code
from station.ledger import audit, completing, disputes, proof, releasing
from station.ledger.completing import Coming
from station.ledger.sealing import Sealer
from station.ledger.taking_over import settle_changed, settle_received
from station.ledger.transaction import Row, Transaction
from station.ledger.transitions import Expected, move
from station.ledger.values import BatchKey, Receipt, Shared
from station.model import STATUS_INACTIVE, STATUS_NOT_SAID, CertName, Identity, State


def ensure_batch(db: Transaction, batch: BatchKey) -> int:
    """The batch's row, made when it is new."""
    key = (batch.provider, batch.batch_id, batch.product_key)
    found = db.execute("SELECT id FROM batches WHERE (provider, batch_id, product_key) = (?,?,?)", key).fetchone()
    if found:
        return int(found["id"])
    sql = "INSERT INTO batches (provider, batch_id, product_key, source, created_at) VALUES (?,?,?,?,?) RETURNING id"
    return int(db.execute(sql, (*key, batch.source, audit.now())).fetchone()["id"])


def receive(
    db: Transaction,
    sealer: Sealer,
    batch: BatchKey,
    identities: Sequence[Identity],
    *,
    actor: str,
    withhold_unsaid: bool = False,
    from_cloud: bool = False,
) -> Receipt:
    """Store what is new, READY or WITHHELD. An identity one of whose names is known with other content is left out
    whole and in dispute with what is here, see `disputes`. `withhold_unsaid`: also what came without a cloud status.
    `from_cloud`: what it says now of a withheld one is recorded."""
    batch_row = ensure_batch(db, batch)
    before = proof.last_certificate(db)
    receipt = Receipt()
    again: dict[CertName, int] = {}  # cloud statuses of what is here already
    for identity in identities:
        one = _receive_one(db, sealer, batch_row, identity, actor, withhold_unsaid=withhold_unsaid)
        receipt += one
        if not one.new:
            again |= {certificate.name: certificate.cloud_status for certificate in identity}
    if receipt.dressed:
        detail = {"batch": batch.batch_id, "product": batch.product_key, "identities": receipt.dressed}
        audit.append(db, "product secrets came", actor=actor, detail=detail)
    if proof.last_certificate(db) > before:
        detail = {
            "batch": batch.batch_id,
            "product": batch.product_key,
            "new": receipt.new,
            "withheld": receipt.withheld,
            proof.KEY: proof.of_received(db, before),
        }
        audit.append(db, "received", actor=actor, detail=detail)
    if from_cloud:
        releasing.record_answers(db, batch.batch_id, again, actor=actor)
    return receipt


def _receive_one(
    db: Transaction,
    sealer: Sealer,
    batch_row: int,
    identity: Identity,
    actor: str,
    *,
    withhold_unsaid: bool,
) -> Receipt:
    arrived = [(channel, c, sealer.content(c)) for channel, c in enumerate(identity)]
    known = [_stored(db, c.name) for _, c, _ in arrived]
    if not any(known):
        return _store_new(db, sealer, batch_row, identity, arrived, actor=actor, withhold_unsaid=withhold_unsaid)
    if _is_same(known, arrived):
        pairs = [(row, c) for row, (_, c, _) in zip(known, arrived, strict=True) if row]
        turned = sum(_turned_active(db, row["identity"], c.cloud_status, actor) for row, c in pairs)
        dressed = [sealer.dress(db, row["identity"], c) for row, c in pairs]
        return Receipt(unchanged=1, turned_active=turned, dressed=int(any(dressed)))
    if completing.fits(db, known, arrived):
        completing.fill(db, sealer, arrived, known, actor=actor)
        come = [c.name for row, (_, c, _) in zip(known, arrived, strict=True) if row is None]
        settle_received(db, sealer.vault, come, actor)
        settle_changed(db, sealer.vault, identity.primary.name, actor)
        return Receipt(completed=1)
    return _in_dispute(db, sealer, batch_row, identity, arrived=arrived, known=known, actor=actor)


def _is_same(known: Sequence[Row | None], arrived: Sequence[Coming]) -> bool:
    """Whether one identity here holds just this, each in its place."""
    whole = {row["whole"] for row in known if row is not None}
    return len(whole) == 1 and all(
        row is not None and row["content"] == content and row["channel"] == channel
        for row, (channel, _, content) in zip(known, arrived, strict=True)
    )


def _store_new(
    db: Transaction,
    sealer: Sealer,
    batch_row: int,
    identity: Identity,
    arrived: list[Coming],
    *,
    actor: str,
    withhold_unsaid: bool,
) -> Receipt:
    statuses = {c.cloud_status for c in identity}
    code, reason = _why_withheld(statuses, withhold_unsaid=withhold_unsaid)
    state = State.WITHHELD if code else State.READY
    identity_id = db.execute(
        "INSERT INTO identities (batch, provider, product_key, kind, size, state, changed_at, reason, code)"
        " VALUES (?,?,?,?,?,?,?,?,?) RETURNING id",
        (
            batch_row,
            identity.primary.provider,
            identity.primary.product_key,
            identity.kind,
            len(arrived),
            state,
            audit.now(),
            reason,
            code,
        ),
    ).fetchone()["id"]
    sealer.insert(db, identity_id, arrived)
    settle_received(db, sealer.vault, [c.name for c in identity], actor)
    said = statuses - {STATUS_NOT_SAID}
    return Receipt(new=1, withheld=int(bool(said - {STATUS_INACTIVE})), unsaid=int(said != statuses))


def _why_withheld(statuses: set[int], *, withhold_unsaid: bool) -> tuple[Code | None, str | None]:
    """Only what the cloud said is told as its word."""
    used = sorted(statuses - {STATUS_INACTIVE, STATUS_NOT_SAID})
    if used:
        return Code.E617, f"status {used[0]} in the cloud when it came, not 0 (inactive)"
    if withhold_unsaid and STATUS_NOT_SAID in statuses:
        return Code.E618, "came without a status: the cloud does not say whether it is in use"
    return None, None


def _stored(db: Transaction, name: CertName) -> Row | None:
    row: Row | None = db.execute(
        "SELECT c.identity, c.channel, c.content, coalesce(i.set_of, i.id) AS whole FROM certificates c"
        " JOIN identities i ON i.id = c.identity WHERE c.product_key = ? AND c.device_name = ?",
        (name.product_key, name.device_name),
    ).fetchone()
    return row


def hear(db: Transaction, batch_id: str, statuses: Mapping[CertName, int], *, actor: str) -> int:
    """What the cloud says now of certificates that are here: READY ones that are in use are withheld, and how many that
    were is returned. Each answer that is news is recorded."""
    known = {name: row for name in statuses if (row := _stored(db, name))}
    turned = sum(_turned_active(db, row["identity"], statuses[name], actor) for name, row in known.items())
    releasing.record_answers(db, batch_id, statuses, actor=actor)
    return turned


def _turned_active(db: Transaction, identity_id: int, status: int, actor: str) -> int:
    if status in (STATUS_INACTIVE, STATUS_NOT_SAID):
        return 0
    found = db.execute("SELECT state, attempt FROM identities WHERE id = ?", (identity_id,)).fetchone()
    if found["state"] != State.READY:
        return 0
    move(
        db,
        Expected(identity_id, State.READY, found["attempt"]),
        to=State.WITHHELD,
        event="withheld",
        actor=actor,
        columns={
            "reason": f"status {status} in the cloud by now, and never flashed here",
            "code": Code.E617,
        },
    )
    return 1


def _in_dispute(
    db: Transaction,
    sealer: Sealer,
    batch_row: int,
    identity: Identity,
    *,
    arrived: Sequence[Coming],
    known: Sequence[Row | None],
    actor: str,
) -> Receipt:
    holders = {row["identity"] for row in known if row is not None}
    receipt = disputes.receive(db, sealer, batch_row, _disputed(sealer, identity, arrived, known), holders, actor=actor)
    if not receipt.conflicts:
        return receipt
    primaries = {holder: _primary_of(db, holder) for holder in holders}
    shared = tuple(
        Shared(name=certificate.name, holder=primaries[row["identity"]], arrived=identity.name)
        for row, (_, certificate, _) in zip(known, arrived, strict=True)
        if row is not None and primaries[row["identity"]] != identity.name
    )
    return receipt + Receipt(left_out=(identity.name,), shared=shared)


def _primary_of(db: Transaction, identity_id: int) -> CertName:
    """Of an identity or, for a camera with a board of its own, of the set it belongs to."""
    row = db.execute(
        "SELECT c.product_key, c.device_name FROM identities i JOIN certificates c"
        " ON c.identity = coalesce(i.set_of, i.id) WHERE i.id = ? ORDER BY c.channel LIMIT 1",
        (identity_id,),
    ).fetchone()
    return CertName(row["product_key"], row["device_name"])


def _disputed(
    sealer: Sealer,
    identity: Identity,
    arrived: Sequence[Coming],
    known: Sequence[Row | None],
) -> list[disputes.Arrived]:
    """What of `identity` is not as it is known. The same arranged otherwise: each that is known."""
    pairs = [(row, one) for row, one in zip(known, arrived, strict=True) if row is not None]
    other = [(row, one) for row, one in pairs if (row["content"], row["channel"]) != (one[2], one[0])]
    arrangement = sealer.arrangement(identity)
    return [
        disputes.Arrived(
            name=certificate.name,
            content=content if content != row["content"] else arrangement,
            channel=channel,
            certificate=certificate if content != row["content"] and channel == row["channel"] else None,
        )
        for row, (channel, certificate, content) in other or pairs
    ]
