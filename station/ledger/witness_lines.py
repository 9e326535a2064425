# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a witness: which name was married to which board by which line of the audit chain, which board is a
stranger that may hold a part of it, and which name was retired, found on a board, or in doubt. No secret is in one.

    [1, ledger id, audit seq, audit hash, name's mark, kind, board uid, contents' mark, audit chain] mark

JSON, a blank, the keyed mark of that JSON, a line end. Names are marks too: without the data key a journal says how
many boards were written, and their uids, and nothing else. The first line of a journal, `{…}`, says whose it is.

A later version only adds values behind these, and kinds: what is not known here is still a line of the chain or not.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from station.ledger.audit import Head, chain_of, read_head
from station.ledger.standing import Standing
from station.ledger.transaction import Row, Transaction
from station.model import CertName, IdentityKind, State
from station.secrets.vault import Vault

RECOVERED = "recovered"
"""The kind of a line that marries nothing: this chain went on here after a recovery, and no older one may."""
MOVED = "moved"
"""Likewise: this chain goes on in a copy of it, and none without this line may."""
MOVED_EVENT = "ledger moved"
STRANGER = "stranger"
"""The kind of a line that marries nothing either: this board was at the port while the name's own one was written."""
MARRIAGES = frozenset(kind.value for kind in IdentityKind)
RETIRED, FOUND, DOUBTED = "retired", "found", "doubted"
"""The kinds of decisions begin so, and end with the identity's own kind: that it is RETIRED, or found on the board, or
was taken out of the stock because two sources disagree about it, or the cloud says that it is in use."""
DECISIONS = frozenset(f"{decision} {kind}" for decision in (RETIRED, FOUND, DOUBTED) for kind in MARRIAGES)
KINDS = MARRIAGES | DECISIONS | {RECOVERED, MOVED, STRANGER}
"""What is understood here. A recovery that was told more by a later version has not heard all."""
NAMELESS = frozenset({RECOVERED, MOVED})
_VERSION = 1
_LINE = json.JSONEncoder(separators=(",", ":"))
_TOLD = (
    "SELECT a.seq, a.hash, a.event, a.identity, a.to_state, coalesce(f.board_uid, a.board_uid) AS board_uid, i.kind,"
    " c.product_key, c.device_name FROM audit a LEFT JOIN identities i ON i.id = a.identity"
    " LEFT JOIN certificates c ON c.identity = i.id AND c.channel = i.channel"
    " LEFT JOIN found_on_boards f ON f.identity = a.identity AND a.event = 'found on a board'"
    " WHERE a.seq > :after AND (a.to_state IN ('WRITING','RETIRED')"
    f" OR a.event IN ('ledger recovered','{MOVED_EVENT}','stranger','found on a board','disputed','withheld',"
    " 'withheld by a witness')"
    " OR (a.to_state = 'IN_DOUBT' AND a.from_state IN ('READY','WITHHELD')))"
)
_BY_THIS_BENCH = f"{_TOLD} AND a.chain IN ('', :chain)"
"""Of a line: each bench has witnesses of its own. What came in with a file is everybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One marriage, a stranger, or a decision. `seq` and `head`: the audit chain's line that made it; `name`: the mark
    of the certificate; `kind`: of its identity, or one of those above; `content`: the mark of all that was written, ""
    where an older station said nothing of it; `chain`: the bench's, "" of a file."""

    seq: int
    head: str
    name: str
    kind: str
    board_uid: str
    content: str = ""
    chain: str = ""

    @property
    def decision(self) -> str:
        """RETIRED, FOUND or DOUBTED for what was decided."""
        return self.kind.partition(" ")[0] if self.kind in DECISIONS else ""


def name_mark(vault: Vault, name: CertName) -> str:
    return vault.witness_mark(f"name {name}")


def content_mark(db: Transaction, vault: Vault, identity_id: int) -> str:
    """Of every certificate that the identity carries, in its place."""
    sql = "SELECT channel, content FROM certificates WHERE identity = ? ORDER BY channel"
    return _content_mark(vault, db.execute(sql, (identity_id,)))


def _content_mark(vault: Vault, certificates: Iterable[Row]) -> str:
    contents = [f"{row['channel']} {row['content'].hex()}" for row in certificates]
    return vault.witness_mark(f"contents {', '.join(contents)}")


def of_marriage(vault: Vault, standing: Standing, board_uid: str, line: Head, chain: str) -> Line:
    """What witnesses are told of an identity that is being married, by this line of the audit in this chain."""
    own = next(row for row in standing.certificates if row["channel"] == standing.row["channel"])
    return Line(
        seq=line.seq,
        head=line.hash,
        name=name_mark(vault, CertName(own["product_key"], own["device_name"])),
        kind=standing.row["kind"],
        board_uid=board_uid,
        content=_content_mark(vault, standing.certificates),
        chain=chain,
    )


def encode(vault: Vault, ledger_id: str, line: Line) -> bytes:
    values = [_VERSION, ledger_id, line.seq, line.head, line.name, line.kind, line.board_uid, line.content]
    values += [line.chain] * bool(line.chain)
    text = _LINE.encode(values)
    return f"{text} {vault.witness_mark(text)}\n".encode()


def decode(vault: Vault, ledger_id: str, raw: bytes) -> Line | None:
    """None for what is no line of this ledger under this key: torn, changed, or another's."""
    text, _, mark = raw.decode("ascii", "replace").rpartition(" ")
    if not hmac.compare_digest(vault.witness_mark(text).encode(), mark.encode()):
        return None
    version, of, seq, head, name, kind, uid, *later = list[Any](json.loads(text))
    if version < _VERSION or of != ledger_id:
        return None
    content, chain, *_ = [*later, "", ""]
    return Line(seq=seq, head=head, name=name, kind=kind, board_uid=uid, content=content, chain=chain)


def told_by_chain(db: Transaction, vault: Vault, after: int, *, heard: Collection[str] = ()) -> Iterator[Line]:
    """What is behind line `after`, but for what a witness has `heard`, by their heads: what it is still to be told.
    With a recovery comes what it was told itself: another witness may be all that is left the next time."""
    asked = _BY_THIS_BENCH if db.chain else _TOLD
    for row in db.execute(f"{asked} ORDER BY a.seq", {"after": after} | ({"chain": db.chain} if db.chain else {})):
        if row["hash"] in heard:
            continue
        kind = _kind(row)
        if kind == RECOVERED:
            kept = db.execute("SELECT * FROM foretold ORDER BY seq")
            yield from (as_told(told) for told in kept if told["head"] not in heard)
        yield Line(
            seq=row["seq"],
            head=row["hash"],
            name="" if kind in NAMELESS else name_mark(vault, CertName(row["product_key"], row["device_name"])),
            kind=kind,
            board_uid=row["board_uid"] or "",
            content=content_mark(db, vault, row["identity"]) if kind in MARRIAGES else "",
            chain=db.chain,
        )


def as_told(row: Row) -> Line:
    """What a recovery kept."""
    parts = ("seq", "head", "name", "kind", "board_uid", "content")
    return Line(**{part: row[part] for part in parts}, chain=chain_of(row))


_DECIDED = {"found on a board": FOUND, "disputed": DOUBTED, "withheld": DOUBTED, "withheld by a witness": DOUBTED}
_OTHERS = {"ledger recovered": RECOVERED, MOVED_EVENT: MOVED, "stranger": STRANGER}


def _kind(row: Row) -> str:
    decision = RETIRED if row["to_state"] == State.RETIRED else _DECIDED.get(row["event"])
    return f"{decision} {row['kind']}" if decision else str(_OTHERS.get(row["event"], row["kind"]))


def last_line(db: Transaction, vault: Vault) -> Line:
    """What the transaction in hand has just written down: its last line is one that witnesses are told."""
    return next(told_by_chain(db, vault, read_head(db).seq - 1))
