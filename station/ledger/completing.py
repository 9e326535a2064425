# SPDX-License-Identifier: GPL-3.0-or-later
"""A set whose cameras arrive later than its NVR is filled, as long as it is on no board and was not opened.

Only more of the same: what is held comes again unchanged, in its place, and the new cameras stand behind it and are
nobody else's. Anything else is a dispute.
"""

from __future__ import annotations

from collections.abc import Sequence

from station.ledger.sealing import Sealer
from station.ledger.transaction import Row, Transaction
from station.ledger.transitions import Expected, move
from station.model import Certificate, State

Coming = tuple[int, Certificate, bytes]  # channel, certificate, its content


def fits(db: Transaction, known: Sequence[Row | None], arrived: Sequence[Coming]) -> bool:
    """Whether what arrived is the held set, unchanged, with more cameras behind."""
    held = [row for row in known if row is not None]
    if len(held) == len(known) or known[: len(held)] != held or len({row["identity"] for row in held}) != 1:
        return False
    if any((row["content"], row["channel"]) != (one[2], one[0]) for row, one in zip(held, arrived, strict=False)):
        return False
    found = db.execute("SELECT kind, state, size FROM identities WHERE id = ?", (held[0]["identity"],)).fetchone()
    alive = found["state"] in (State.READY, State.WITHHELD)
    return alive and (found["kind"], found["size"]) == ("nvr-set", len(held))


def fill(
    db: Transaction,
    sealer: Sealer,
    arrived: Sequence[Coming],
    known: Sequence[Row | None],
    *,
    actor: str,
) -> None:
    """`fits` said yes."""
    held = [row for row in known if row is not None]
    identity_id = held[0]["identity"]
    found = db.execute("SELECT state, attempt FROM identities WHERE id = ?", (identity_id,)).fetchone()
    move(
        db,
        Expected(identity_id, State(found["state"]), found["attempt"]),
        to=State(found["state"]),
        event="set completed",
        actor=actor,
        columns={"size": len(arrived)},
    )
    sealer.insert(db, identity_id, list(arrived[len(held) :]))
