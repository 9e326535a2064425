# SPDX-License-Identifier: GPL-3.0-or-later
"""What came, batch by batch, and how much of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager

from station.codes import Code
from station.errors import ConfigError
from station.ledger.book import Book
from station.ledger.receiving import ensure_batch
from station.ledger.values import BatchCounts, BatchKey, BatchRow
from station.meant import perhaps
from station.model import CertName, Identity, Provider
from station.secrets.vault import SEALED_EXTRA_BYTES

_SEVERAL = 3


class HeldBatches:
    """Never a secret."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def all(self) -> list[BatchRow]:
        """All batches, newest first."""
        with self._book.read() as db:
            return [
                BatchRow(
                    key=BatchKey(
                        provider=Provider(r["provider"]),
                        batch_id=r["batch_id"],
                        product_key=r["product_key"],
                        source=r["source"],
                    ),
                    total=r["total"],
                    complete=bool(r["complete"]),
                    received=r["received"],
                    created_at=r["created_at"],
                )
                for r in db.execute("SELECT * FROM batches ORDER BY id DESC")
            ]

    def counts(self) -> dict[BatchKey, BatchCounts]:
        """Of every batch; a set counts once, however its cameras are boards of their own."""
        sql = (
            "SELECT b.provider, b.batch_id, b.product_key, b.source,"
            " (SELECT count(*) FROM identities i WHERE i.batch = b.id AND i.channel = 0) AS held,"
            " (SELECT count(*) FROM identities i WHERE i.batch = b.id AND i.channel = 0 AND i.state = 'WITHHELD')"
            " AS withheld,"
            " (SELECT count(DISTINCT x.product_key || '/' || x.device_name) FROM conflicts x"
            "  WHERE x.batch = b.id AND x.decision IS NULL) AS conflicting FROM batches b"
        )
        with self._book.read() as db:
            return {
                BatchKey(
                    provider=Provider(r["provider"]),
                    batch_id=r["batch_id"],
                    product_key=r["product_key"],
                    source=r["source"],
                ): BatchCounts(held=r["held"], withheld=r["withheld"], conflicting=r["conflicting"])
                for r in db.execute(sql)
            }

    def names(self, provider: Provider, batch_id: str) -> set[CertName]:
        """The primary certificate of each identity of this batch: a resumed pull does not count them again."""
        sql = (
            "SELECT c.product_key, c.device_name FROM batches b JOIN identities i ON i.batch = b.id"
            " JOIN certificates c ON c.identity = i.id AND c.channel = 0"
            " WHERE b.provider = ? AND b.batch_id = ?"
        )
        with self._book.read() as db:
            return {CertName(r["product_key"], r["device_name"]) for r in db.execute(sql, (provider, batch_id))}

    def of(self, identity_id: int) -> str:
        """The number of the batch that it came with."""
        sql = "SELECT b.batch_id FROM identities i JOIN batches b ON b.id = i.batch WHERE i.id = ?"
        with self._book.read() as db:
            row = db.execute(sql, (identity_id,)).fetchone()
        return str(row["batch_id"]) if row else ""

    def pulling(self, provider: Provider, batch_id: str) -> AbstractContextManager[bool]:
        """Whether this station alone pulls the batch until the block ends: False while another one does."""
        return self._book.connection.only(f"pull {provider} {batch_id}")

    def numbers(self, batch_id: str) -> tuple[int, ...]:
        """Its rows, one a product and a cloud, for `Takes.batches`. ConfigError E116 for one that is not here."""
        with self._book.read() as db:
            rows = db.execute("SELECT id FROM batches WHERE batch_id = ? ORDER BY id", (batch_id,)).fetchall()
        if not rows:
            raise self.unknown(batch_id)
        return tuple(int(row["id"]) for row in rows)

    def unknown(self, batch_id: str) -> ConfigError:
        """E116, with the one that was perhaps meant."""
        meant = perhaps(batch_id, [row.key.batch_id for row in self.all()])
        return ConfigError(
            f"the ledger has no batch {batch_id}{meant}", do="see what there is: station batch list", code=Code.E116
        )

    def certificates(self, provider: Provider, batch_id: str) -> int:
        """Certificates received with this batch, members of sets and all."""
        sql = "SELECT coalesce(sum(received), 0) FROM batches WHERE provider = ? AND batch_id = ?"
        with self._book.read() as db:
            return int(db.execute(sql, (provider, batch_id)).fetchone()[0])

    def lacks_product_secret(self, provider: Provider, batch_id: str) -> bool:
        """Whether some of this batch could still be given their product's secret."""
        sql = (
            "SELECT EXISTS (SELECT 1 FROM batches b JOIN identities i ON i.batch = b.id"
            " JOIN certificates c ON c.identity = i.id WHERE b.provider = ? AND b.batch_id = ?"
            " AND i.state IN ('READY', 'WITHHELD') AND c.secret IS NOT NULL AND c.product_secret IS NULL)"
        )
        with self._book.read() as db:
            return bool(db.execute(sql, (provider, batch_id)).fetchone()[0])

    def holds_all(self, provider: Provider, batch_id: str) -> bool:
        """Whether this batch was seen complete. A set of it may have got more cameras since."""
        sql = "SELECT EXISTS (SELECT 1 FROM batches WHERE provider = ? AND batch_id = ? AND complete = 1)"
        with self._book.read() as db:
            return bool(db.execute(sql, (provider, batch_id)).fetchone()[0])

    def usual_length(self, product_key: str) -> int | None:
        """How many bytes the newest secrets of a product have, where at least three are held and agree; none opens."""
        sql = (
            "SELECT DISTINCT length(secret), count(*) OVER () FROM (SELECT secret FROM certificates"
            " WHERE product_key = ? AND secret IS NOT NULL ORDER BY id DESC LIMIT 100) AS newest"
        )
        with self._book.read() as db:
            rows = db.execute(sql, (product_key,)).fetchall()
        return rows[0][0] - SEALED_EXTRA_BYTES if len(rows) == 1 and rows[0][1] >= _SEVERAL else None

    def note_total(self, batch: BatchKey, total: int, *, complete: bool) -> None:
        """Remember what the cloud says the batch holds, and whether all of it was received."""
        with self._book.write() as db:
            row = ensure_batch(db, batch)
            db.execute("UPDATE batches SET total = ?, complete = ? WHERE id = ?", (total, complete, row))

    def secret_lengths(self, provider: Provider, batch_id: str) -> list[tuple[str, int, int]]:
        """Product, length in bytes and how many, of the secrets of a batch that are held; no secret opens."""
        sql = (
            "SELECT c.product_key, length(c.secret) AS size, count(*) AS n FROM batches b"
            " JOIN identities i ON i.batch = b.id JOIN certificates c ON c.identity = i.id"
            " WHERE b.provider = ? AND b.batch_id = ? AND c.secret IS NOT NULL"
            " GROUP BY 1, 2"
        )
        with self._book.read() as db:
            rows = db.execute(sql, (provider, batch_id)).fetchall()
        return [(row["product_key"], row["size"] - SEALED_EXTRA_BYTES, row["n"]) for row in rows]

    def name_by_content(self, identities: Sequence[Identity]) -> str:
        """What a file is called by what it says: the same batch however it is stored, another one where it differs
        about the same devices. Of secrets only keyed digests take part."""
        sealer, hasher = self._book.sealer, hashlib.sha256()
        for identity in identities:
            for certificate in identity:
                hasher.update(f"{certificate.name} {sealer.content(certificate).hex()}\n".encode())
        return hasher.hexdigest()[:16]
