# SPDX-License-Identifier: GPL-3.0-or-later
"""Which READY identity comes next. What a profile's boards do not take is passed over and waits in its place.

Each query is one index step, whatever the size of the ledger, and of one batch likewise; members, and sets to be opened
for them, that lack a productSecret or came with another batch are gone through one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from station.ledger import audit
from station.ledger.dialect import UNLESS_HELD
from station.ledger.fitting import came_whole, holds_back, of_batches, whole_values
from station.ledger.transaction import Transaction
from station.ledger.transitions import Expected, move
from station.ledger.values import Takes
from station.model import IdentityKind, State

ALL = Takes(short_sets=True)
"""Nothing is passed over."""


def next_in_line(db: Transaction, products: Sequence[str], kind: IdentityKind, takes: Takes) -> int | None:
    """The identity that a board would get next, or whose set would be opened for that."""
    found = next_ready(db, products, kind, takes)
    if found is None and kind is IdentityKind.MEMBER:
        found = openable_set(db, products, takes)
    return found


def next_ready(db: Transaction, products: Sequence[str], kind: IdentityKind, takes: Takes) -> int | None:
    """The oldest READY identity of these products that the boards take. Members: channels first, the NVR once all of
    them are consumed, or left out by a supervisor.
    """
    if kind is IdentityKind.MEMBER:
        return _next_member(db, products, takes)
    return _first(db, products, kind, takes)


def next_free(db: Transaction, products: Sequence[str], kind: IdentityKind, takes: Takes) -> int | None:
    """The same of what no other bench has in hand at this moment, and held for this one: for a writer. No members: a
    set's are taken in their order."""
    return _first(db, products, kind, takes, UNLESS_HELD)


def _first(db: Transaction, products: Sequence[str], kind: IdentityKind, takes: Takes, held: str = "") -> int | None:
    of = [(product, batch) for product in products for batch in takes.batches or (None,)]
    found = [one for product, batch in of if (one := _oldest(db, product, batch, kind, takes, held)) is not None]
    return min(found, default=None)


def _oldest(
    db: Transaction, product: str, batch: int | None, kind: IdentityKind, takes: Takes, held: str
) -> int | None:
    """Behind one that lacks a productSecret it goes on at the next identity that has one, be it READY or not."""
    first, next_one = _oldest_of(kind, came_whole("i", takes), held, of_batch=batch is not None)
    dressed = (
        "SELECT identity FROM certificates WHERE product_key = ? AND product_secret IS NOT NULL AND identity > ?"
        " ORDER BY identity LIMIT 1"
    )
    values = (*(() if batch is None else (batch,)), product, *takes.channels)
    row = db.execute(first, values).fetchone()
    while row and not row["whole"]:
        found = db.execute(dressed, (product, row["id"])).fetchone()
        if found is None:
            return None
        behind = found["identity"] - 1
        row = db.execute(next_one, (*values, behind)).fetchone()
    return row and int(row["id"])


@cache
def _oldest_of(kind: IdentityKind, whole: str, held: str, *, of_batch: bool) -> tuple[str, str]:
    """The first look, and the one behind an identity.

    The kind stands in the text: SQLite compiles a statement anew each time where a value might decide whether an index
    holds. The first look has no lower end: SQLite would go through the READY ones of every product for it. The order
    names the index's own columns: PostgreSQL would sort all that is READY.
    """
    ready = (
        f"SELECT id, {whole} AS whole FROM identities i WHERE state = 'READY'{' AND batch = ?' if of_batch else ''}"
        f" AND product_key = ? AND kind = '{kind}' AND set_of IS NULL AND size - 1 BETWEEN ? AND ?{{behind}}"
        f" ORDER BY set_of, id LIMIT 1{held}"
    )
    return ready.format(behind=""), ready.format(behind=" AND id > ?")


def _next_member(db: Transaction, products: Sequence[str], takes: Takes) -> int | None:
    places = ",".join("?" * len(products))
    row = db.execute(
        f"SELECT id FROM identities m WHERE state = 'READY' AND kind = 'nvr-member' AND product_key IN ({places})"
        f" AND {came_whole('m', takes)}{of_batches('m', takes)}"
        " AND (channel > 0 OR NOT EXISTS (SELECT 1 FROM identities c WHERE c.set_of = m.id AND c.channel > 0"
        f" AND {holds_back('c', takes)})) ORDER BY set_of, channel = 0, channel LIMIT 1",
        tuple(products),
    ).fetchone()
    return row and int(row["id"])


def openable_set(db: Transaction, products: Sequence[str], takes: Takes) -> int | None:
    """The oldest READY set that the boards take, one of whose cameras is of these products."""
    places = ",".join("?" * len(products))
    row = db.execute(
        "SELECT i.id FROM identities i WHERE i.state = 'READY' AND i.kind = 'nvr-set'"
        f" AND i.size - 1 BETWEEN ? AND ? AND {came_whole('i', takes, products)}{of_batches('i', takes)} AND EXISTS"
        f" (SELECT 1 FROM certificates c WHERE c.identity = i.id AND c.channel > 0 AND c.product_key IN ({places}))"
        " ORDER BY i.id LIMIT 1",
        (*takes.channels, *whole_values(takes, products), *products),
    ).fetchone()
    return row and int(row["id"])


def is_unopened(db: Transaction, identity: int) -> bool:
    """A set whose certificates are not boards of their own yet."""
    row = db.execute("SELECT kind FROM identities WHERE id = ?", (identity,)).fetchone()
    return bool(row["kind"] == IdentityKind.SET)


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
