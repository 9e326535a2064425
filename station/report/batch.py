# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a batch: what came, what became of it, on how many boards, and the audit head that pins it."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from station.cloud.clouds import is_pulled
from station.codes import Code, coded
from station.ledger.store import Ledger
from station.ledger.tracing import Trace
from station.ledger.view import View
from station.model import State
from station.report.export import write_csv
from station.report.saving import save


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReason:
    """Why so many certificates are not consumed."""

    code: Code | None
    reason: str
    certificates: int

    @property
    def why(self) -> str:
        """Code and reason in one line."""
        return coded(self.code, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """Counts of states are of certificates, the others of identities, of which `total` is what the cloud has; `first`
    and `last`: consumed, ISO 8601 UTC, empty before the first.
    """

    batch_id: str
    product_key: str
    received: int
    complete: bool
    total: int | None
    held: int
    withheld: int
    conflicting: int
    odd: int
    registered: bool = False  # with secrets of ours, device by device
    states: dict[State, int]
    boards: int
    attempts_over_one: int
    first: str
    last: str
    open_reasons: tuple[OpenReason, ...] = ()  # why something is not consumed
    proofs: dict[str, int] = field(default_factory=dict)  # consumed certificates, by how the board was compared
    audit_head: str


def report_batch(ledger: View, batch_id: str, certificates: Iterable[Trace] | None = None) -> BatchReport:
    """ConfigError when the ledger has no such batch. `certificates`: of it, where somebody has them already."""
    row = next((b for b in ledger.batches.all() if b.key.batch_id == batch_id), None)
    if row is None:
        raise ledger.batches.unknown(batch_id)
    states = dict.fromkeys(State, 0)
    boards, reasons, times, again = set(), Counter[tuple[Code | None, str]](), [], 0
    proofs = Counter[str]()
    for trace in certificates or ledger.traces.all(batch_id=batch_id):
        states[State(trace.state)] += 1
        if trace.state == State.CONSUMED:
            boards.add(trace.board_uid)
            times.append(trace.at)
            proofs[trace.method] += 1
            again += trace.attempt > 1
        elif trace.reason:
            reasons[Code.of(trace.code), trace.reason] += 1
    counts = ledger.batches.counts()[row.key]
    return BatchReport(
        batch_id=batch_id,
        product_key=row.key.product_key,
        received=row.received,
        complete=row.complete,
        total=row.total,
        held=counts.held,
        withheld=counts.withheld,
        conflicting=counts.conflicting,
        registered=row.key.source == "cloud" and not is_pulled(row.key.provider),
        odd=ledger.odd.open_counts().get((row.key.provider, batch_id), 0),
        states=states,
        boards=len(boards),
        attempts_over_one=again,
        first=min(times, default=""),
        last=max(times, default=""),
        open_reasons=tuple(OpenReason(code=code, reason=why, certificates=n) for (code, why), n in reasons.items()),
        proofs=dict(sorted(proofs.items())),
        audit_head=ledger.audit.pinned_now().hash,
    )


def save_batch(ledger: Ledger, batch_id: str, *, folder: Path, text: str) -> Path:
    """`text` for people, and which board got which certificate as CSV, in `folder`; returns the text's path.

    StationFault when they cannot be saved.
    """
    table = io.StringIO(newline="")
    write_csv(ledger.traces.all(batch_id=batch_id), table)
    return save(folder, "batch", time.time(), {".txt": text, ".csv": table.getvalue()})[0]
