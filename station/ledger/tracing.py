# SPDX-License-Identifier: GPL-3.0-or-later
"""Which board got which certificate, when and at whose bench: the proof, row by row, without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from station.codes import Code, coded
from station.ledger.book import Book
from station.ledger.dialect import unindexed
from station.model import BoardUid, State

_PAGE = 1000
_TRACES = (
    "SELECT c.id, c.product_key, c.device_name, c.channel, c.iot_id, c.node_id, i.state, i.attempt, i.board_uid,"
    " i.slot, i.method, i.changed_at, i.reason, i.code, b.batch_id,"
    " (SELECT a.actor FROM audit a WHERE a.identity = i.id AND a.version = i.version) AS actor,"
    " (SELECT n.device_name FROM certificates n WHERE i.kind <> 'single' AND n.channel = 0"
    " AND n.identity = coalesce(i.set_of, i.id)) AS set_name,"
    " (SELECT s.serial FROM serials s WHERE s.board_uid = i.board_uid AND s.ended_line IS NULL) AS serial"
    " FROM certificates c JOIN identities i ON i.id = c.identity JOIN batches b ON b.id = i.batch"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One certificate and what became of it. `at`: the last transition, ISO 8601 UTC; `actor`: bench/operator;
    `serial`: the one that its board has now."""

    product_key: str
    device_name: str
    state: str
    board_uid: str
    at: str
    actor: str
    slot: str
    attempt: int
    method: str
    batch_id: str
    set_name: str
    channel: int
    iot_id: str
    node_id: str
    reason: str
    code: str
    serial: str

    @property
    def why(self) -> str:
        """Code and reason in one line; "" where there is none."""
        return coded(Code.of(self.code), self.reason)


_OF_BATCH = f"{unindexed('b.batch_id')} = ?"
"""No index may serve a page's filter: each page would sort the whole batch."""


class Traces:
    """The whole of it, in pages."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def all(self, *, batch_id: str = "", state: State | None = None, since: str = "") -> Iterator[Trace]:
        """All certificates that fit, in the order they arrived."""
        first, last = self._between(batch_id)
        filters = {_OF_BATCH: batch_id, f"{unindexed('i.state')} = ?": state, "i.changed_at >= ?": since}
        wanted = {text: value for text, value in filters.items() if value} | ({"c.id <= ?": last} if last else {})
        where = " AND ".join(["c.id > ?", *wanted])
        sql = f"{_TRACES} WHERE {where} ORDER BY c.id"
        for row in self._book.pages(sql, "id", tuple(wanted.values()), size=_PAGE, after=first - 1):
            keys = Trace.__dataclass_fields__.keys() - {"at"}
            values: dict[str, Any] = {key: "" if row[key] is None else row[key] for key in keys}
            values["board_uid"] = BoardUid.stored(values["board_uid"]) if values["board_uid"] else ""
            yield Trace(**values, at=row["changed_at"])

    def _between(self, batch_id: str) -> tuple[int, int]:
        """The first and the last certificate of a batch; of all batches the first that there can be, and 0."""
        if not batch_id:
            return 1, 0
        sql = (
            "SELECT coalesce(min(c.id), 1), coalesce(max(c.id), 1) FROM batches b JOIN identities i ON i.batch = b.id"
            " JOIN certificates c ON c.identity = i.id WHERE b.batch_id = ?"
        )
        with self._book.read() as db:
            row = db.execute(sql, (batch_id,)).fetchone()
        return int(row[0]), int(row[1])
