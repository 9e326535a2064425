# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger of any size within seconds: certificates nobody flashes, which are there to be large.

They are copies of the last certificate under names of their own, put in by SQL past `receive`, which would take minutes
for a million; counts, guards and indexes see them like any other. Their secrets are not theirs and cannot be opened.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :more) "
_IDENTITIES = (
    _NUMBERS
    + """
INSERT INTO identities (id, batch, provider, product_key, kind, size, state, changed_at)
SELECT :last + n, batch, provider, product_key, kind, size, state, changed_at FROM numbers, identities WHERE id = :last
"""
)
_CERTIFICATES = (
    _NUMBERS
    + """
INSERT INTO certificates (identity, channel, product_key, device_name, iot_id, device_id, node_id, cloud_status,
                          content, secret)
SELECT :last + n, channel, product_key, printf('grown%012d', n), printf('grown%020d', n), device_id, node_id,
       cloud_status, content, secret FROM numbers, certificates WHERE identity = :last
"""
)


def grow(path: Path, size: int) -> None:
    """The ledger's file, which has at least one certificate of its own, to that many; a larger one stays as it is."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA cache_size = -200000")  # KiB: its indexes are filled in memory
        last, here = db.execute("SELECT max(id), count(*) FROM identities").fetchone()
        if size <= here:
            return
        with db:
            for statement in (_IDENTITIES, _CERTIFICATES):
                db.execute(statement, {"more": size - here, "last": last})
