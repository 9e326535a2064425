# SPDX-License-Identifier: GPL-3.0-or-later
"""The chains of a line's audit, and the one over them: each line of the chain `LINE` names the head of every bench's.
So a bench's chain can neither be cut nor begun anew behind what was pinned, nor left out whole; the last of these
lines, printed on a hand-over, pins them all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from station.ledger.audit import GENESIS, HASHED, LINE, Head, append_to, chain_of, hash_of
from station.ledger.replaying import broken
from station.ledger.transaction import Row, Transaction

EVENT = "line head"
_HEADS = (
    "WITH RECURSIVE c(chain) AS (SELECT min(chain) FROM audit WHERE chain <> '' UNION ALL"
    " SELECT (SELECT min(chain) FROM audit WHERE chain <> '' AND chain > c.chain) FROM c WHERE c.chain IS NOT NULL)"
    " SELECT c.chain, a.seq, a.hash FROM c JOIN audit a ON a.seq = (SELECT max(b.seq) FROM audit b"
    " WHERE b.chain <> '' AND b.chain = c.chain) WHERE c.chain <> ?"
)
"""An index step a chain, whatever their lengths."""
_LAST_PINNED = "SELECT detail FROM audit WHERE chain <> '' AND chain = ? ORDER BY seq DESC LIMIT 1"
_BEFORE = "SELECT hash FROM audit WHERE chain = ? AND seq < ? ORDER BY seq DESC LIMIT 1"
_IS_LINE = "SELECT 1 FROM audit WHERE seq = ? AND hash = ? AND chain = ?"


def pin(db: Transaction, at: str, *, actor: str) -> bool:
    """The next line of the chain over all others, where one of them has grown. Nobody else writes it meanwhile. False
    while there is no line at all."""
    heads = {row["chain"]: Head(seq=row["seq"], hash=row["hash"]) for row in db.execute(_HEADS, (LINE,))}
    last = db.execute(_LAST_PINNED, (LINE,)).fetchone()
    if heads and (last is None or _pinned(last) != heads):
        told = {chain: [head.seq, head.hash] for chain, head in heads.items()}
        append_to(db, LINE, (at, EVENT, actor), detail={"heads": told})
    return bool(heads)


def _pinned(row: Row) -> dict[str, Head]:
    return {chain: Head(seq=seq, hash=hash_) for chain, (seq, hash_) in json.loads(row["detail"])["heads"].items()}


class Chains:
    """Given the lines in the order of their numbers, which is history across the chains. `after`: those up to here
    were not given, and are taken as they are. IntegrityAlarm E702 names the first line that does not follow."""

    def __init__(self, db: Transaction, *, after: int = 0) -> None:
        self.after = after
        self._db = db
        self._heads: dict[str, Head] = {}
        self._since: dict[str, dict[int, str]] = {}  # hashes by number, of lines that may still be pinned
        self._pinned: Mapping[str, Head] = {}

    def take(self, row: Row) -> None:
        chain = chain_of(row)
        head = self._heads.get(chain) or self._start(chain, row["seq"])
        values = tuple(row[key] for key in HASHED)
        if (
            row["seq"] <= head.seq
            or row["previous"] != head.hash
            or row["hash"] != hash_of(chain, head.hash, values)
            or (not chain and not self._heads.keys() - {""} and row["seq"] != head.seq + 1)
        ):
            raise broken(f"line {row['seq']} does not follow line {head.seq}")
        self._heads[chain] = Head(seq=row["seq"], hash=row["hash"])
        if chain == LINE:
            self._compare(row)
        elif chain:
            self._since.setdefault(chain, {})[row["seq"]] = row["hash"]

    def _start(self, chain: str, seq: int) -> Head:
        before = self._db.execute(_BEFORE, (chain, seq)).fetchone() if self.after else None
        return Head(seq=self.after, hash=before["hash"] if before else GENESIS)

    def _compare(self, row: Row) -> None:
        """What was pinned before is pinned again, no further back."""
        pinned = _pinned(row)
        for chain in pinned.keys() | self._pinned.keys():
            head, before = pinned.get(chain), self._pinned.get(chain)
            if head is None or (before is not None and head.seq < before.seq) or not self._is_there(chain, head):
                raise broken(f"line {row['seq']} pins chain {chain} where it does not go")
            since = self._since.get(chain, {})
            self._since[chain] = {seq: hash_ for seq, hash_ in since.items() if seq > head.seq}
        self._pinned = pinned

    def _is_there(self, chain: str, head: Head) -> bool:
        if self._pinned.get(chain) == head or self._since.get(chain, {}).get(head.seq) == head.hash:
            return True
        of_before = (head.seq, head.hash, chain)
        return head.seq <= self.after and self._db.execute(_IS_LINE, of_before).fetchone() is not None
