# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cloud said of certificates: when they came, and each time it was asked again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from station.ledger.book import Book
from station.model import STATUS_INACTIVE, STATUS_NOT_SAID, CertName

NEVER_USED, IN_USE, NOT_SAID = "the cloud: never used", "the cloud: in use", "the cloud does not say"
"""What it said, as an event of a history."""

_SAID = (
    "SELECT c.cloud_status AS status, '' AS at, '' AS actor, c.product_key, c.device_name, 0 AS line, c.channel"
    " FROM certificates c WHERE c.identity = ?"
    " UNION ALL SELECT w.status, a.at, a.actor, c.product_key, c.device_name, w.line, c.channel FROM certificates c"
    " JOIN cloud_answers w ON w.certificate = c.id JOIN audit a ON a.seq = w.line WHERE c.identity = ?"
    " ORDER BY line, channel"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudWord:
    """Of one certificate. `at`: ISO 8601 UTC, "" for what it said when the certificate came."""

    name: CertName
    at: str
    status: int
    actor: str = ""

    @property
    def event(self) -> str:
        return said(self.status)


def said(status: int) -> str:
    """A status in the words of a history."""
    return {STATUS_INACTIVE: NEVER_USED, STATUS_NOT_SAID: NOT_SAID}.get(status, IN_USE)


class CloudSaid:
    """Of identities."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def of(self, identities: Iterable[int]) -> dict[int, list[CloudWord]]:
        """By identity, oldest first; of a set a word for each certificate."""
        with self._book.read() as db:
            return {
                one: [
                    CloudWord(
                        name=CertName(r["product_key"], r["device_name"]),
                        at=r["at"],
                        status=r["status"],
                        actor=r["actor"],
                    )
                    for r in db.execute(_SAID, (one, one))
                ]
                for one in identities
            }
