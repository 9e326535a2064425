# SPDX-License-Identifier: GPL-3.0-or-later
"""An NVR set as its certificates, whether one board carries them all or each camera is a board of its own."""

from __future__ import annotations

from dataclasses import dataclass

from station.ledger.book import Book
from station.ledger.left_out import left_out
from station.ledger.values import SetStatus
from station.model import BoardUid, CertName, IdentityKind, State


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMember:
    """One certificate of a set; channel 0 is the NVR."""

    channel: int
    name: CertName
    state: State
    board_uid: BoardUid | None


class Sets:
    """By the identity of one of a set's certificates."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def members_of(self, identity_id: int) -> list[SetMember]:
        """The set an identity belongs to, NVR first, in the cloud's order; a single certificate is alone."""
        sql = (
            "SELECT c.channel, c.product_key, c.device_name, i.state, i.board_uid FROM identities i"
            " JOIN certificates c ON c.identity = i.id WHERE i.{} = ? ORDER BY c.channel"
        )
        with self._book.read() as db:
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

    def status_of(self, identity_id: int) -> SetStatus | None:
        """The set an identity belongs to, and what of it is not consumed yet; None for a single certificate."""
        with self._book.read() as db:
            sql = "SELECT id, kind, set_of, size, state FROM identities WHERE id = ?"
            row = db.execute(sql, (identity_id,)).fetchone()
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
                    f"SELECT channel, state FROM identities m WHERE set_of = ? AND NOT {left_out('m')}"
                    " ORDER BY channel",
                    (row["set_of"],),
                )
                states = {m["channel"]: m["state"] for m in members}
                missing = tuple(channel for channel, state in states.items() if state != State.CONSUMED)
                size = len(states)
        return SetStatus(nvr=CertName(nvr_row["product_key"], nvr_row["device_name"]), size=size, missing=missing)

    def channel_of(self, identity_id: int) -> int:
        """A member's channel in its set; 0 for an NVR or a single certificate."""
        with self._book.read() as db:
            return int(db.execute("SELECT channel FROM identities WHERE id = ?", (identity_id,)).fetchone()["channel"])
