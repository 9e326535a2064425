# SPDX-License-Identifier: GPL-3.0-or-later
"""A report in numbers: what its stays say, what is in stock, what is missing, what supervisors did, and the chain that
proves it. `paper` makes pages, tables and spreadsheets of it. Never a secret.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from station.errors import IntegrityAlarm
from station.ledger.auditing import RECENT_LINES
from station.ledger.tracing import Trace
from station.ledger.values import AuditLine
from station.ledger.view import View
from station.model import State
from station.report.batch import BatchReport, report_batch
from station.report.period import Period, count_period
from station.report.scope import Scope

TOLD_IN_REPORTS = ("locked", "unlocked", "retired", "withheld", "found on a board", "let back", "set ended")
MOST_EVENTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`lines`: how many of the chain's newest were recomputed, of `of`; `wrong`: what is broken, "" for nothing."""

    lines: int
    of: int
    wrong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSheet:
    """`stock`: certificates by state, of a batch its own; `certificates`: all of the batch, else those on boards
    that moved within the period; `missing`: identities that the cloud has and nobody brought,
    None where that is not known; `events`: the newest of the period, `more_events`: there were others before."""

    scope: Scope
    bench: str
    made_at: float
    period: Period
    stock: Mapping[State, int]
    missing: int | None
    batch: BatchReport | None
    certificates: tuple[Trace, ...]
    events: tuple[AuditLine, ...]
    more_events: bool
    head: str
    checked: Checked


def make_sheet(ledger: View, scope: Scope, *, bench: str, whole_chain: bool = False) -> ReportSheet:
    """ConfigError E116 for a batch that the ledger does not have. `whole_chain`: all of it is recomputed, not its
    newest lines alone."""
    certificates = tuple(_rows(ledger, scope))
    batch = report_batch(ledger, scope.batch_id, certificates) if scope.batch_id else None
    events, more = _events(ledger, scope) if batch is None else ((), False)
    period = count_period(ledger.visits.within(scope.since, scope.until, batch_id=scope.batch_id))
    stock = batch.states if batch else ledger.stock.by_state()
    head = ledger.audit.pinned_now()  # behind all that it is to prove: by its commit that lasts, too
    return ReportSheet(
        scope=scope,
        bench=bench,
        made_at=time.time(),
        period=period,
        stock=stock,
        missing=max(0, batch.total - batch.held) if batch and batch.total is not None else None,
        batch=batch,
        certificates=certificates,
        events=events,
        more_events=more,
        head=head.hash,
        checked=_checked(ledger, head.seq, whole=whole_chain),
    )


def _rows(ledger: View, scope: Scope) -> Iterator[Trace]:
    if scope.batch_id:
        yield from ledger.traces.all(batch_id=scope.batch_id)
        return
    until = _iso(scope.until)
    for trace in ledger.traces.all(since=_iso(scope.since) if scope.since else ""):
        if trace.board_uid and trace.at < until:
            yield trace


def _events(ledger: View, scope: Scope) -> tuple[tuple[AuditLine, ...], bool]:
    until = _iso(scope.until)
    found = [line for line in ledger.audit.log(since=_iso(scope.since), events=TOLD_IN_REPORTS) if line.at < until]
    return tuple(islice(reversed(found), MOST_EVENTS)), len(found) > MOST_EVENTS


def _checked(ledger: View, lines: int, *, whole: bool) -> Checked:
    try:
        if whole:
            ledger.audit.verify()
        else:
            ledger.audit.verify_recent()
    except IntegrityAlarm as alarm:
        return Checked(lines=0, of=lines, wrong=alarm.what)
    return Checked(lines=lines if whole else min(lines, RECENT_LINES), of=lines)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
