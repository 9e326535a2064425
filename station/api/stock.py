# SPDX-License-Identifier: GPL-3.0-or-later
"""What came from a cloud, and the certificates that are in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from station.codes import Code
from station.intake.pull import PullReport
from station.ledger.values import CertRow
from station.model import IdentityKind, State


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledBatch:
    """What a pull brought; counts are of identities, `certificates` of certificates. `complete`: nothing of the batch
    is missing, set aside (`odd`) or in dispute (`conflicts`: names with two contents)."""

    batch: str
    product_key: str
    held: int
    new: int
    known: int
    certificates: int
    total: int | None  # what the cloud has; None where it does not say
    complete: bool
    withheld: int
    odd: int
    conflicts: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCertificate:
    """One certificate as of now. `board_uid`: "" before it has a board; `code` and `reason`: why it is not consumed."""

    product_key: str
    device_name: str
    kind: IdentityKind
    channel: int  # of a camera in a set; 0 is the NVR itself
    set_name: str  # the NVR's deviceName, of a set and its members
    state: State
    batch: str
    board_uid: str
    attempt: int
    changed_at: datetime  # UTC
    code: Code | None
    reason: str

    @property
    def name(self) -> str:
        return f"{self.product_key}/{self.device_name}"


def pulled_batch(report: PullReport) -> PulledBatch:
    receipt = report.receipt
    return PulledBatch(
        batch=report.batch_id,
        product_key=report.product_key,
        held=report.held,
        new=receipt.new,
        known=report.known,
        certificates=report.certificates,
        total=report.total,
        complete=report.complete,
        withheld=receipt.withheld + receipt.turned_active,
        odd=report.odd,
        conflicts=tuple(str(name) for name in receipt.conflicts),
        seconds=report.seconds,
    )


def stock_certificate(row: CertRow) -> StockCertificate:
    return StockCertificate(
        product_key=row.name.product_key,
        device_name=row.name.device_name,
        kind=row.kind,
        channel=row.channel,
        set_name=row.set_name,
        state=row.state,
        batch=row.batch_id,
        board_uid=row.board_uid or "",
        attempt=row.attempt,
        changed_at=datetime.fromisoformat(row.changed_at),
        code=row.code,
        reason=row.reason,
    )
