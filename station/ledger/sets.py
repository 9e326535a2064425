# SPDX-License-Identifier: GPL-3.0-or-later
"""An NVR set as its certificates, whether one board carries them all or each camera is a board of its own."""

from __future__ import annotations

from dataclasses import dataclass

from station.ledger.connection import Connection
from station.model import BoardUid, CertName, State


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMember:
    """One certificate of a set; channel 0 is the NVR."""

    channel: int
    name: CertName
    state: State
    board_uid: BoardUid | None


def members_of(connection: Connection, identity_id: int) -> list[SetMember]:
    """The set an identity belongs to, NVR first, in the cloud's order; a single certificate is alone."""
    sql = (
        "SELECT c.channel, c.product_key, c.device_name, i.state, i.board_uid FROM identities i"
        " JOIN certificates c ON c.identity = i.id WHERE i.{} = ? ORDER BY c.channel"
    )
    with connection.read() as db:
        row = db.execute("SELECT set_of FROM identities WHERE id = ?", (identity_id,)).fetchone()
        key = ("set_of", row["set_of"]) if row and row["set_of"] is not None else ("id", identity_id)
        return [
            SetMember(
                channel=row["channel"],
                name=CertName(row["product_key"], row["device_name"]),
                state=State(row["state"]),
                board_uid=BoardUid.stored(row["board_uid"]) if row["board_uid"] else None,
            )
            for row in db.execute(sql.format(key[0]), (key[1],))
        ]
