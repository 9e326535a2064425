# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a witness: which name was married to which board by which line of the audit chain. No secret is in one.

    [1, ledger id, audit seq, audit hash, name's mark, kind, board uid] mark

JSON, a blank, the keyed mark of that JSON, a line end. Names are marks too: without the data key a journal says how
many boards were written, and their uids, and nothing else. The first line of a journal, `{…}`, says whose it is.
"""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from station.model import CertName
from station.secrets.vault import Vault

RECOVERED = "recovered"
"""The kind of a line that marries nothing: this chain went on here after a recovery, and no older one may."""
_VERSION = 1
_TOLD = (
    "SELECT a.seq, a.hash, a.event, a.board_uid, i.kind, c.product_key, c.device_name FROM audit a"
    " LEFT JOIN identities i ON i.id = a.identity"
    " LEFT JOIN certificates c ON c.identity = i.id AND c.channel = i.channel"
    " WHERE a.seq > ? AND (a.to_state = 'WRITING' OR a.event = 'ledger recovered'"
    " OR (a.to_state = 'IN_DOUBT' AND a.from_state IN ('READY','WITHHELD'))) ORDER BY a.seq"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One marriage. `seq` and `head`: the audit chain's line that made it; `name`: the mark of the certificate."""

    seq: int
    head: str
    name: str
    kind: str
    board_uid: str


def name_mark(vault: Vault, name: CertName) -> str:
    return vault.witness_mark(f"name {name}")


def encode(vault: Vault, ledger_id: str, line: Line) -> bytes:
    values = [_VERSION, ledger_id, line.seq, line.head, line.name, line.kind, line.board_uid]
    text = json.dumps(values, separators=(",", ":"))
    return f"{text} {vault.witness_mark(text)}\n".encode()


def decode(vault: Vault, ledger_id: str, raw: bytes) -> Line | None:
    """None for what is no line of this ledger under this key: torn, changed, or another's."""
    text, _, mark = raw.decode("ascii", "replace").rpartition(" ")
    if not hmac.compare_digest(vault.witness_mark(text).encode(), mark.encode()):
        return None
    version, of, seq, head, name, kind, uid = json.loads(text)
    if version != _VERSION or of != ledger_id:
        return None
    return Line(seq=seq, head=head, name=name, kind=kind, board_uid=uid)


def told_by_chain(db: sqlite3.Connection, vault: Vault, after: int) -> Iterator[Line]:
    """What a witness that has heard of nothing behind line `after` is still to be told."""
    for row in db.execute(_TOLD, (after,)):
        recovered = row["event"] == "ledger recovered"
        yield Line(
            seq=row["seq"],
            head=row["hash"],
            name="" if recovered else name_mark(vault, CertName(row["product_key"], row["device_name"])),
            kind=RECOVERED if recovered else row["kind"],
            board_uid=row["board_uid"] or "",
        )


def last_line(db: sqlite3.Connection, vault: Vault) -> Line:
    """The marriage that the transaction in hand has just made."""
    seq = db.execute("SELECT max(seq) FROM audit").fetchone()[0]
    return next(told_by_chain(db, vault, seq - 1))
