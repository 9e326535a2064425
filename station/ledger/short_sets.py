# SPDX-License-Identifier: GPL-3.0-or-later
"""Opened sets one of whose cameras is retired and never comes: their NVR waits for a supervisor's word.

Either the NVR goes out without these cameras, where the profile takes such a set, or the set ends: the NVR and what of
it is on no board are retired, and cameras that are on boards stay on record. Nothing is decided by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from station.codes import Code
from station.errors import ConfigError
from station.ledger import audit, retiring
from station.ledger.book import Book
from station.ledger.left_out import left_out
from station.ledger.transaction import Row, Transaction
from station.model import CertName, State

_STUCK: Final = (
    "SELECT n.id AS nvr, c.id AS camera FROM identities c JOIN identities n ON n.id = c.set_of"
    " WHERE c.state = 'RETIRED' AND c.kind = 'nvr-member' AND c.channel > 0 AND n.state IN ('READY','WITHHELD')"
    f" AND NOT {left_out('c')}"
)
_NAME: Final = "SELECT product_key, device_name FROM certificates WHERE identity = ?"
_IN_HAND: Final = (State.RESERVED, State.WRITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckSet:
    """`retired`: the cameras that nobody has decided about."""

    nvr: CertName
    retired: tuple[CertName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedSet:
    """`retired` with the NVR; `kept`: cameras on boards, or that a board may carry."""

    nvr: CertName
    retired: tuple[CertName, ...]
    kept: tuple[CertName, ...]


class ShortSets:
    """Which there are, and a supervisor's word about one, named by its NVR."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def waiting(self) -> list[StuckSet]:
        """Those that nobody has decided about, the oldest first."""
        with self._book.read() as db:
            found: dict[int, list[CertName]] = {}
            for row in db.execute(f"{_STUCK} ORDER BY n.id, c.channel").fetchall():
                found.setdefault(row["nvr"], []).append(_name(db, row["camera"]))
            return [StuckSet(nvr=_name(db, nvr), retired=tuple(cameras)) for nvr, cameras in found.items()]

    def leave_out(self, nvr: CertName, reason: str, *, by: str) -> tuple[CertName, ...]:
        """The NVR may be flashed without its retired cameras, which are returned. ConfigError where it has none."""
        with self._book.write() as db:
            row = _nvr(db, nvr)
            cameras = [found["camera"] for found in db.execute(f"{_STUCK} AND n.id = ?", (row["id"],))]
            if not cameras:
                raise ConfigError(
                    f"no camera of {nvr} is retired and undecided, or the NVR has left the stock",
                    means="nothing was changed",
                    do=f"run: station show {nvr.device_name}",
                    code=Code.E116,
                )
            db.executemany(
                "INSERT INTO cameras_left_out VALUES (?,?,?,?)",
                [(camera, by, reason, audit.now()) for camera in cameras],
            )
            names = tuple(_name(db, camera) for camera in cameras)
            detail = {"without": [str(name) for name in names], "why": reason, "by": by}
            about = audit.About(identity=row["id"])
            audit.append(db, "cameras left out", actor=self._book.actor, detail=detail, about=about)
        return names

    def end(self, nvr: CertName, reason: str, *, by: str) -> EndedSet:
        """Retire the NVR and what of its set is on no board. ConfigError while a camera of it is being flashed."""
        with self._book.write() as db:
            row = _nvr(db, nvr)
            members = db.execute(
                "SELECT id, state, attempt FROM identities WHERE set_of = ? AND channel > 0 ORDER BY channel",
                (row["id"],),
            ).fetchall()
            if busy := [member for member in members if member["state"] in _IN_HAND]:
                name = _name(db, busy[0]["id"])
                raise ConfigError(
                    f"{name} is being flashed", means="nothing was changed", do="wait until it is done", code=Code.E116
                )
            ends = [member for member in members if member["state"] in (State.READY, State.WITHHELD)]
            for one in (row, *ends):
                expect, attempt = State(one["state"]), one["attempt"]
                retiring.retire(
                    db, one["id"], expect=expect, attempt=attempt, reason=reason, by=by, actor=self._book.actor
                )
            kept = tuple(
                _name(db, member["id"]) for member in members if member["state"] in (State.CONSUMED, State.IN_DOUBT)
            )
            retired = tuple(_name(db, member["id"]) for member in ends)
            detail = {"kept": [str(name) for name in kept], "why": reason, "by": by}
            about = audit.About(identity=row["id"])
            audit.append(db, "set ended", actor=self._book.actor, detail=detail, about=about)
        return EndedSet(nvr=nvr, retired=retired, kept=kept)


def _nvr(db: Transaction, name: CertName) -> Row:
    row: Row | None = db.execute(
        "SELECT i.id, i.state, i.attempt FROM identities i JOIN certificates c ON c.identity = i.id"
        " WHERE (c.product_key, c.device_name) = (?,?) AND i.kind = 'nvr-member' AND i.channel = 0"
        " AND i.state IN ('READY','WITHHELD')",
        (name.product_key, name.device_name),
    ).fetchone()
    if row is None:
        raise ConfigError(
            f"{name} is no NVR of an opened set that is on no board",
            means="nothing was changed",
            do=f"run: station show {name.device_name}",
            code=Code.E116,
        )
    return row


def _name(db: Transaction, identity: int) -> CertName:
    row = db.execute(_NAME, (identity,)).fetchone()
    return CertName(row["product_key"], row["device_name"])
