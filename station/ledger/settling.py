# SPDX-License-Identifier: GPL-3.0-or-later
"""A supervisor's choice between what two sources say. What was chosen may be let back into the queue; the other content
never reaches a board.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from station.errors import ConfigError
from station.ledger import audit, disputes
from station.ledger.disputes import Choice, Dispute
from station.ledger.sealing import Sealer
from station.model import CertName, State

if TYPE_CHECKING:
    from station.ledger.store import Ledger


def settle(ledger: Ledger, chosen: Sequence[Dispute], choice: Choice, reason: str, *, by: str) -> list[CertName]:
    """All of `chosen`, or none: the names that are settled. ConfigError E116 when one cannot be settled so. Moves no
    state: what was withheld waits for the supervisor's word as before."""
    sealer = Sealer(ledger.vault)
    names = []
    with ledger.connection.write() as db:
        for name, group in groupby(sorted(chosen, key=lambda d: d.name), key=lambda d: d.name):
            arrivals = list(group)
            if choice is Choice.ARRIVED:
                _require_choosable(name, arrivals)
                _require_never_sent(db, name)
                disputes.put_in_place(db, sealer, arrivals[0])
                disputes.refuse_rest(db, name)
            else:
                for dispute in arrivals:
                    disputes.refuse(db, dispute)
            detail = {"name": str(name), "kept": choice, "why": reason, "by": by}
            audit.append(db, "dispute settled", actor=ledger.actor, detail=detail)
            names.append(name)
    return names


def _require_choosable(name: CertName, arrivals: Sequence[Dispute]) -> None:
    if len(arrivals) != 1:
        sources = ", ".join(dispute.arrived_with for dispute in arrivals)
        raise ConfigError(
            f"{name} arrived with {len(arrivals)} other contents", do=f"say which with --batch: {sources}", code="E116"
        )
    if not arrivals[0].choosable:
        raise ConfigError(
            f"what arrived as {name} is not at hand: another arrangement of a set, or left out by an older version",
            do="take its file or batch in once more; of an arrangement, keep what is held, or retire it",
            code="E116",
        )


def _require_never_sent(db: sqlite3.Connection, name: CertName) -> None:
    row = db.execute(
        "SELECT i.state, i.board_uid FROM certificates c JOIN identities i ON i.id = c.identity"
        " WHERE c.product_key = ? AND c.device_name = ?",
        (name.product_key, name.device_name),
    ).fetchone()
    if row["state"] != State.WITHHELD:
        where = f" on board {row['board_uid']}" if row["board_uid"] else ""
        raise ConfigError(
            f"{name} is {row['state']}{where}: what is held went out, or may have",
            means="nothing was changed",
            do=f"keep what is held, or: station retire {name} --reason '…', and have the cloud issue another",
            code="E116",
        )
