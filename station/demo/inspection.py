# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks INTO the boards and compares them with the cloud's truth and the ledger: a verdict from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from station.demo.kinds import DemoBoard, Stored
from station.ledger.store import Ledger
from station.model import State
from station.simulate.cloud import CloudSimulator


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """`mismatches`: one line for each thing that is not as it must be."""

    boards_checked: int
    issued: int  # certificates the cloud made
    accounted: int  # certificates in the ledger, whatever their state
    mismatches: tuple[str, ...]

    @property
    def all_well(self) -> bool:
        return not self.mismatches and self.issued == self.accounted


def inspect(ledger: Ledger, cloud: CloudSimulator, batch_id: str, boards: Iterable[DemoBoard]) -> Inspection:
    """Open every board's storage and check invariants I1, I2, I3 and I5 from outside."""
    issued = {
        row.primary.device_name: tuple(
            (c.product_key, c.device_name, c.device_secret) for c in (row.primary, *row.channels)
        )
        for row in cloud.batch(batch_id).rows()
    }
    found = {board.uid: board.holds() for board in boards}
    consumed = {row.board_uid: row.name.device_name for row in ledger.certificates.unsettled([State.CONSUMED])}
    wrong = list(_on_two_boards(found)) + list(_not_as_issued(found, issued))
    for uid, name in consumed.items():
        stored = found.get(str(uid))
        if stored is None or stored[0][1] != name:
            wrong.append(f"{name} is CONSUMED, but board {uid} does not hold it")
    married = {str(row.board_uid) for row in ledger.certificates.unsettled([State.IN_DOUBT, State.WRITING])}
    known = {str(uid) for uid in consumed} | married
    wrong += [
        f"board {uid} holds {s[0][1]}, which no row of the ledger says"
        for uid, s in found.items()
        if s and uid not in known
    ]
    return Inspection(
        boards_checked=len(found),
        issued=sum(len(certificates) for certificates in issued.values()),
        accounted=sum(ledger.stock.by_state().values()),
        mismatches=tuple(wrong),
    )


def _on_two_boards(found: dict[str, Stored | None]) -> Iterable[str]:
    carried = Counter(certificate for stored in found.values() for certificate in stored or ())
    return (f"{name} is on {times} boards" for (_, name, _), times in carried.items() if times > 1)


def _not_as_issued(found: dict[str, Stored | None], issued: dict[str, Stored]) -> Iterable[str]:
    for uid, stored in found.items():
        if stored is not None and issued.get(stored[0][1]) != stored:
            yield f"board {uid} holds something else than the cloud issued for {stored[0][1]}"
