# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels that were printed: a line of the audit each, with how often that board's label was printed before."""

from __future__ import annotations

import json
from dataclasses import dataclass

from station.codes import Code
from station.errors import ConfigError, UsageError
from station.ledger import audit
from station.ledger.book import Book
from station.ledger.spellings import normal
from station.ledger.visits import LABEL
from station.model import BoardUid, State

PRINTED = "label printed"
"""In the audit."""
_COPIES = "SELECT count(*) FROM audit WHERE identity = ? AND event = ?"
_STATE = "SELECT state FROM identities WHERE id = ?"
_WAITING = (
    "SELECT v.identity, v.at, v.details FROM visits v JOIN identities i ON i.id = v.identity WHERE v.id > :after"
    " AND v.bench = :bench AND v.outcome IN ('PASS','ALREADY_DONE') AND i.state = 'CONSUMED' AND NOT EXISTS"
    " (SELECT 1 FROM audit a WHERE a.identity = v.identity AND a.event = :event) ORDER BY v.id"
)
_ON_LABEL = (
    "SELECT i.id, i.board_uid, c.product_key, c.device_name, i.channel, i.kind,"
    " (SELECT n.device_name FROM certificates n WHERE i.kind <> 'single' AND n.channel = 0"
    " AND n.identity = coalesce(i.set_of, i.id)) AS set_name,"
    f" (SELECT s.serial FROM serials s WHERE s.board_uid = {normal('i.board_uid')} AND s.ended_line IS NULL) AS serial"
    " FROM identities i JOIN certificates c ON c.identity = i.id AND c.channel = i.channel WHERE i.id = ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLabel:
    """What may stand on the label of a board that is done; never a secret."""

    identity_id: int
    board_uid: BoardUid
    fields: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A label that the visit of its board asked for, and that was not printed yet; `since`: Unix time; `profile`: whose
    label it is, that of the last visit."""

    identity_id: int
    since: float
    profile: str


class PrintedBefore(UsageError):
    """E121."""

    code = Code.E121

    def __init__(self, device: str) -> None:
        super().__init__(
            f"the label of {device} was printed before",
            means="two labels of one board may end on two boards",
            do='say why: --reason "it was torn"',
        )


class NotDone(ConfigError):
    """E116."""

    code = Code.E116

    def __init__(self, device: str) -> None:
        super().__init__(
            f"the board of {device} is not done any more",
            means="no label was printed: its board may get another identity",
            do=f"run: station show {device}",
        )


class Printed:
    """Of boards that are done."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def on_label(self, identity_id: int) -> OnLabel:
        with self._book.read() as db:
            row = db.execute(_ON_LABEL, (identity_id,)).fetchone()
        uid = BoardUid.stored(row["board_uid"])
        in_set = row["set_name"] or ""
        return OnLabel(
            identity_id=identity_id,
            board_uid=uid,
            fields={
                "device": row["device_name"],
                "product": row["product_key"],
                "uid": uid,
                "serial": row["serial"] or "",
                "set": in_set,
                "channel": str(row["channel"]) if in_set else "",
            },
        )

    def waiting(self, *, after: int = 0) -> tuple[list[Waiting], int]:
        """Of this bench's visits numbered above `after`, the oldest first, one a board; and the newest number, of its
        `Visits.series`."""
        with self._book.read() as db:
            newest = db.execute("SELECT coalesce(max(id), 0) FROM visits").fetchone()[0]
            rows = db.execute(
                _WAITING, {"after": after, "event": PRINTED, "bench": self._book.connection.bench}
            ).fetchall()
        found: dict[int, Waiting] = {}
        for row in rows:
            if profile := json.loads(row["details"]).get(LABEL):
                number = row["identity"]
                since = found[number].since if number in found else row["at"]
                found[number] = Waiting(identity_id=number, since=since, profile=profile)
        return list(found.values()), int(newest)

    def require_allowed(self) -> None:
        """Before anything is printed. NeedsPerson E614 where it could not be noted."""
        with self._book.write():
            pass

    def copies(self, identity_id: int) -> int:
        """How often its label was printed."""
        with self._book.read() as db:
            return int(db.execute(_COPIES, (identity_id, PRINTED)).fetchone()[0])

    def note(self, label: OnLabel, *, copy: int, why: str = "", by: str = "") -> None:
        """It has been printed; `copy`: how often before; `by`: who did it, "" where the bench did. PrintedBefore where
        that is no longer so: of two who print at once, one does. NotDone where it was retired since it was looked up.
        """
        said = {"why": why, "by": by}
        detail: dict[str, object] = {"copy": copy, **{key: text for key, text in said.items() if text}}
        about = audit.About(identity=label.identity_id, board_uid=label.board_uid)
        with self._book.write() as db:
            if db.execute(_STATE, (label.identity_id,)).fetchone()["state"] != State.CONSUMED:
                raise NotDone(label.fields["device"])
            if db.execute(_COPIES, (label.identity_id, PRINTED)).fetchone()[0] != copy:
                raise PrintedBefore(label.fields["device"])
            audit.append(db, event=PRINTED, actor=self._book.actor, about=about, detail=detail)
