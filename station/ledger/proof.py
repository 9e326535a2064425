# SPDX-License-Identifier: GPL-3.0-or-later
"""What audit lines say of the rows they were written with, so that rows cannot be edited behind the chain.

A line's detail holds it under "proof", with its version "v". `received`: a digest over names and content of what came.
`writing`, `consumed`: the certificates' names; `consumed` the evidence too. A stay in a slot, a fact kept under a name
(supervisors, shift) and the cloud's answers: a digest of the row. Digests are SHA-256 of JSON arrays without spaces,
one a line, and hold no secret. Lines of before have none and prove nothing more than they did.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from station.ledger.standing import Standing
from station.ledger.transaction import Row, Transaction
from station.model import CertName, State

VERSION = 2
KEY = "proof"
_PROVES_NAMES = frozenset({State.WRITING, State.CONSUMED})
EVIDENCE = ("expected", "found", "uid_after", "method")
CONTENT = ("iot_id", "device_id", "node_id", "cloud_status", "content")
"""What a supervisor's choice between two sources may replace."""

ISSUED = (
    "SELECT c.id, coalesce(i.set_of, i.id) AS root, r.version AS moved, r.state AS state, i.provider, i.kind,"
    " b.provider AS from_cloud, b.batch_id, b.product_key AS of_product, b.source, c.channel, c.product_key,"
    " c.device_name, c.iot_id, c.device_id, c.node_id, c.cloud_status, c.content"
    " FROM certificates c JOIN identities i ON i.id = c.identity JOIN identities r ON r.id = coalesce(i.set_of, i.id)"
    " JOIN batches b ON b.id = i.batch WHERE c.id BETWEEN ? AND ? ORDER BY c.id"
)


def digest(rows: Iterable[Sequence[object]]) -> str:
    total = hashlib.sha256()
    for row in rows:
        total.update(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return total.hexdigest()


def of_received(db: Transaction, after: int) -> dict[str, object]:
    """Of the certificates numbered above `after`, which this transaction brought."""
    rows = db.execute(ISSUED, (after + 1, last_certificate(db))).fetchall()
    return {
        "v": VERSION,
        "certificates": [rows[0]["id"], rows[-1]["id"]],
        "digest": digest(as_issued(row, _entered_as(db, row), content(row)) for row in rows),
    }


def _entered_as(db: Transaction, row: Row) -> str:
    """What came may have been moved in the same transaction: a witness knows the board it is on."""
    if not row["moved"]:
        return str(row["state"])
    sql = "SELECT from_state FROM audit WHERE identity = ? AND version = 1"
    return str(db.execute(sql, (row["root"],)).fetchone()["from_state"])


def last_certificate(db: Transaction) -> int:
    return int(db.execute("SELECT coalesce(max(id), 0) FROM certificates").fetchone()[0])


def as_issued(row: Row, entered_as: str, contents: Sequence[object]) -> list[object]:
    """Of an `ISSUED` row what never changes: `entered_as` READY or WITHHELD; a member is still of its set."""
    kind = "nvr-set" if row["kind"] == "nvr-member" else row["kind"]
    batch = (row["from_cloud"], row["batch_id"], row["of_product"], row["source"])
    name = (row["channel"], row["product_key"], row["device_name"])
    return [row["id"], row["root"], row["provider"], kind, entered_as, *batch, *name, *contents]


def content(row: Row) -> list[object]:
    return [row[key].hex() if key == "content" else row[key] for key in CONTENT]


def content_of(db: Transaction, name: CertName) -> tuple[int, list[object]]:
    """A certificate's number, and what may be replaced of it."""
    sql = f"SELECT id, {', '.join(CONTENT)} FROM certificates WHERE product_key = ? AND device_name = ?"
    row = db.execute(sql, (name.product_key, name.device_name)).fetchone()
    return row["id"], content(row)


def of_move(standing: Standing, to: State, columns: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """For a line that marries an identity to its board, or consumes it; nothing for others."""
    if to not in _PROVES_NAMES:
        return {}
    said: dict[str, object] = {"v": VERSION, "names": names(standing.certificates)}
    if to is State.CONSUMED:
        said |= {key: columns[key] for key in EVIDENCE}
    return {KEY: said}


def names_of(db: Transaction, identity_id: int) -> str:
    """The certificate of an identity by name; of a set its NVR's, and a digest over all names in their order."""
    sql = "SELECT channel, product_key, device_name FROM certificates WHERE identity = ? ORDER BY channel"
    return names(db.execute(sql, (identity_id,)).fetchall())


def names(certificates: Sequence[Row]) -> str:
    """The same of certificates in the order of their channels."""
    rows = [(row["channel"], row["product_key"], row["device_name"]) for row in certificates]
    if not rows:
        return ""
    first = f"{rows[0][1]}/{rows[0][2]}"
    return first if len(rows) == 1 else f"{first} {digest(rows)}"


def of_row(kind: str, number: int | str, row: Sequence[object]) -> dict[str, dict[str, object]]:
    """`kind` "visit", "meta" or "answers", and the digest of what is kept under `number`."""
    return {KEY: {"v": VERSION, kind: number, "digest": digest([row])}}


def of_visit(db: Transaction, number: int) -> dict[str, dict[str, object]]:
    return of_row("visit", number, visit(db, number) or ())


def of_visit_behind(row: Sequence[object]) -> str:
    """What `of_visit` digests of a stay whose number comes before this row, behind the number and a comma."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))[1:] + "\n"


def visit(db: Transaction, number: int) -> Sequence[object] | None:
    """Its bench last, where there are several: a file's are proved as they were before there was a column for it."""
    row = db.execute("SELECT * FROM visits WHERE id = ?", (number,)).fetchone()
    if row is None:
        return None
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a row is its values
    bench = values.pop("bench", "")
    return (*values.values(), *([bench] if bench else ()))


def answers(db: Transaction, line: int) -> list[list[object]]:
    """What the cloud said when it was asked, by the number of the audit line."""
    sql = "SELECT certificate, status FROM cloud_answers WHERE line = ? ORDER BY certificate"
    return [list(row) for row in db.execute(sql, (line,))]
