# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of cloud calls that cost money or create devices: written and synced before the call is sent.

SENT → ANSWERED (with a batch id) | REFUSED (the cloud said no) | UNKNOWN (sent, and no answer came: never repeated by
itself). A row left SENT by a dead process is UNKNOWN too: `unanswered` turns it at once, whatever a clock says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from station.ledger import audit
from station.ledger.believed import Although
from station.ledger.book import Book
from station.ledger.transaction import Row
from station.ledger.values import CloudRequest
from station.model import Provider

_OPEN = "SELECT * FROM cloud_requests WHERE state IN ('SENT','UNKNOWN')"


class Requests:
    """Calls that cost money or create devices."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def record_sending(
        self,
        request_id: str,
        *,
        provider: Provider,
        operation: str,
        product_key: str,
        detail: Mapping[str, object],
    ) -> CloudRequest | None:
        """On disk before the first byte goes out. None, or the one for this product whose outcome nobody knows yet,
        another station's too: then nothing is recorded, and nothing may be sent.
        """
        values = (
            request_id,
            provider,
            operation,
            product_key,
            json.dumps(detail, ensure_ascii=False),
            audit.now(),
            audit.now(),
            self._book.connection.session,
        )
        with self._book.write() as db:
            before = db.execute(f"{_OPEN} AND product_key = ? LIMIT 1", (product_key,)).fetchone()
            if before:
                return _request(before)
            db.execute(
                "INSERT INTO cloud_requests"
                " (request_id, provider, operation, product_key, detail, sent_at, changed_at, session, state)"
                " VALUES (?,?,?,?,?,?,?,?,'SENT')",
                values,
            )
            audit.append(
                db, "cloud request", actor=self._book.actor, detail={"request": request_id, "operation": operation}
            )
        return None

    def record_answer(
        self, request_id: str, *, state: str, batch_id: str = "", answer: str = "", raw: str = ""
    ) -> None:
        """`state`: ANSWERED, REFUSED or UNKNOWN; `answer`: the cloud's words; `raw`: the beginning of an answer that
        was not understood, which stays when the request is settled. Both without secrets.
        """
        with self._book.write(Although.SENT) as db:
            db.execute(
                "UPDATE cloud_requests SET state = ?, batch_id = ?, answer = ?, raw = coalesce(?, raw), changed_at = ?"
                " WHERE request_id = ?",
                (state, batch_id or None, answer, raw or None, audit.now(), request_id),
            )
            detail = {"request": request_id, "state": state, "batch": batch_id}
            audit.append(db, "cloud answer", actor=self._book.actor, detail=detail)

    def all(self) -> list[CloudRequest]:
        """All journalled calls, newest first."""
        with self._book.read() as db:
            return [_request(row) for row in db.execute("SELECT * FROM cloud_requests ORDER BY id DESC")]

    def of_batch(self, batch_id: str, provider: Provider | None = None) -> list[CloudRequest]:
        """Those that made a batch, newest first. Two clouds may number theirs alike: None for the requests of all."""
        return [r for r in self.all() if r.batch_id == batch_id and provider in (None, r.provider)]

    def unanswered(self, *, older_than_s: float = 120) -> list[CloudRequest]:
        """Calls whose outcome nobody knows.

        A SENT row is one when its process is dead, or when it is older than the longest timeout; one of a station that
        did not write down its process also when it is from a clock that ran ahead.
        """
        with self._book.write(Although.SENT) as db:
            sent = db.execute(
                "SELECT DISTINCT session FROM cloud_requests WHERE state = 'SENT' AND session IS NOT NULL"
            )
            now = audit.now()
            dead = self._book.connection.dead_sessions([row["session"] for row in sent.fetchall()])
            db.execute(
                "UPDATE cloud_requests SET state = 'UNKNOWN', changed_at = ? WHERE state = 'SENT'"
                f" AND (sent_at < ? OR session IN ({','.join('?' * len(dead)) or 'NULL'})"
                " OR (session IS NULL AND sent_at > ?))",
                (now, audit.moment(older_than_s), *dead, now),
            )
            return [_request(r) for r in db.execute(_OPEN)]


def _request(row: Row) -> CloudRequest:
    return CloudRequest(
        request_id=row["request_id"],
        provider=Provider(row["provider"]),
        operation=row["operation"],
        product_key=row["product_key"],
        detail=json.loads(row["detail"]),
        state=row["state"],
        batch_id=row["batch_id"] or "",
        answer=row["answer"] or "",
        raw=row["raw"] or "",
        sent_at=row["sent_at"],
    )
