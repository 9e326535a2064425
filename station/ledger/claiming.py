# SPDX-License-Identifier: GPL-3.0-or-later
"""Which READY identity comes next. Each query is one index step, whatever the size of the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from station.errors import NoCertificates
from station.ledger import audit
from station.ledger.left_out import pending
from station.ledger.transaction import Transaction
from station.ledger.transitions import Expected, move
from station.ledger.waiting import waits_for_cameras
from station.model import MAX_CHANNELS, IdentityKind, State

_MODES = {IdentityKind.SINGLE: "single", IdentityKind.SET: "nvr-set", IdentityKind.MEMBER: "nvr-members"}
"""A profile's word for each kind."""
ANY_CHANNELS = (0, MAX_CHANNELS)


def next_ready(
    db: Transaction, products: Sequence[str], kind: IdentityKind, channels: tuple[int, int] = ANY_CHANNELS
) -> int | None:
    """The oldest READY identity of these products; sets: with so many cameras, least and most. Members: channels first,
    the NVR once all of them are consumed, or left out by a supervisor.
    """
    if kind is IdentityKind.MEMBER:
        return _next_member(db, products)
    found = [
        row["id"]
        for product in products
        if (
            row := db.execute(
                "SELECT id FROM identities WHERE state = 'READY' AND product_key = ? AND kind = ? AND set_of IS NULL"
                " AND size - 1 BETWEEN ? AND ? ORDER BY id LIMIT 1",
                (product, kind, *channels),
            ).fetchone()
        )
    ]
    return min(found, default=None)


def _next_member(db: Transaction, products: Sequence[str]) -> int | None:
    places = ",".join("?" * len(products))
    row = db.execute(
        f"SELECT id FROM identities m WHERE state = 'READY' AND kind = 'nvr-member' AND product_key IN ({places})"
        " AND (channel > 0 OR NOT EXISTS (SELECT 1 FROM identities c WHERE c.set_of = m.id AND c.channel > 0"
        f" AND {pending('c')})) ORDER BY set_of, channel = 0, channel LIMIT 1",
        tuple(products),
    ).fetchone()
    return row and int(row["id"])


def openable_set(db: Transaction, products: Sequence[str], channels: tuple[int, int] = ANY_CHANNELS) -> int | None:
    """The oldest READY set of so many cameras one of which is of these products."""
    places = ",".join("?" * len(products))
    row = db.execute(
        "SELECT i.id FROM identities i WHERE i.state = 'READY' AND i.kind = 'nvr-set'"
        " AND i.size - 1 BETWEEN ? AND ? AND EXISTS"
        f" (SELECT 1 FROM certificates c WHERE c.identity = i.id AND c.channel > 0 AND c.product_key IN ({places}))"
        " ORDER BY i.id LIMIT 1",
        (*channels, *products),
    ).fetchone()
    return row and int(row["id"])


def _sets_of_other_sizes(db: Transaction, products: Sequence[str], kind: IdentityKind) -> str:
    """The oldest set that would fit but for its number of cameras, in words."""
    found = openable_set(db, products) if kind is IdentityKind.MEMBER else next_ready(db, products, kind)
    if found is None:
        return ""
    row = db.execute(
        "SELECT i.size, c.device_name FROM identities i JOIN certificates c ON c.identity = i.id AND c.channel = 0"
        " WHERE i.id = ?",
        (found,),
    ).fetchone()
    return f"{row['device_name']} has {row['size'] - 1}"


def open_set(db: Transaction, set_id: int, *, actor: str) -> None:
    """Make each certificate of a READY or WITHHELD set an identity of its own, in the same state. The set's row becomes
    the NVR's."""
    row = db.execute("SELECT * FROM identities WHERE id = ?", (set_id,)).fetchone()
    state = State(row["state"])
    move(
        db,
        Expected(set_id, state, row["attempt"]),
        to=state,
        event="set opened",
        actor=actor,
        columns={"kind": IdentityKind.MEMBER, "set_of": set_id, "size": 1},
        detail={"members": row["size"]},
    )
    for certificate in db.execute(
        "SELECT id, channel, product_key FROM certificates WHERE identity = ? AND channel > 0", (set_id,)
    ).fetchall():
        member = db.execute(
            "INSERT INTO identities (batch, provider, product_key, kind, set_of, channel, size, state, changed_at,"
            " reason, code) VALUES (?,?,?,'nvr-member',?,?,1,?,?,?,?) RETURNING id",
            (
                *(row["batch"], row["provider"], certificate["product_key"], set_id, certificate["channel"]),
                *(state, audit.now(), row["reason"], row["code"]),
            ),
        ).fetchone()["id"]
        db.execute("UPDATE certificates SET identity = ? WHERE id = ?", (member, certificate["id"]))


def no_stock(
    db: Transaction, products: Sequence[str], kind: IdentityKind, channels: tuple[int, int] = ANY_CHANNELS
) -> NoCertificates:
    """Why nothing comes next. An NVR waits for its cameras. READY identities of another kind, or sets of other numbers
    of cameras, point at a profile that asks for the wrong one.
    """
    if channels != ANY_CHANNELS and (others := _sets_of_other_sizes(db, products, kind)):
        least, most = channels
        return NoCertificates(
            f"no READY set of {least if least == most else f'{least} to {most}'} cameras is left for"
            f" {', '.join(products)}; {others}",
            means="the board was not touched, and these sets are left alone",
            do="pull their batches again, which fills sets whose cameras came later; or correct the profile's channels",
        )
    if kind is IdentityKind.MEMBER and (waiting := waits_for_cameras(db, products)):
        return waiting
    in_stock = (mode for other, mode in _MODES.items() if other != kind and next_ready(db, products, other) is not None)
    mode = next(in_stock, "")
    do = "pull another batch: station pull BATCH --product " + (products[0] if products else "PRODUCT")
    if mode:
        do = f'those in stock need identity = "{mode}" in the profile; or {do}'
    return NoCertificates(
        f"no READY {kind} identity is left for {', '.join(products)}", means="the board was not touched", do=do
    )
