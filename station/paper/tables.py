# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as tables. Page, CSV and spreadsheet are made of these and of nothing else, so that all tell the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum, auto

from station.codes import Code
from station.desk.searching import moved
from station.ledger.tracing import Trace
from station.model import State
from station.report.pace import HOUR_S
from station.report.sheet import ReportSheet
from station.report.shift import unix
from station.words.language import Words
from station.words.past import particulars, what_happened
from station.words.report_words import ReportWords, report_words
from station.words.told import reason_line

Cell = str | int | float | None
Row = tuple[Cell, ...]


class Kind(StrEnum):
    """What a column's cells are: a number or a text as it is, 0..1, seconds, Unix time."""

    TEXT = auto()
    COUNT = auto()
    PART = auto()
    SECONDS = auto()
    MOMENT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`key` is the same in every language."""

    key: str
    title: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """Each of `rows` has a cell a column."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFigure:
    """One number of the report, `kind` as of a column."""

    key: str
    title: str
    kind: Kind
    value: Cell


def stretch_key(sheet: ReportSheet) -> str:
    """How long the stretches of a report are, in a word."""
    return {HOUR_S: "hour", 24 * HOUR_S: "day"}.get(sheet.period.stretch_s, "week")


def figures_of(sheet: ReportSheet, words: Words) -> tuple[ReportFigure, ...]:
    """In the order in which they are shown. What is not known of this report is left out."""
    period, batch = sheet.period, sheet.batch
    values: dict[str, Cell] = {
        "passed": period.passed,
        "failed": period.failed,
        "first_pass": period.first_pass,
        "per_hour": None if period.per_hour is None else round(period.per_hour, 1),
        "stays": period.stays,
        "already_done": period.already_done,
        "received": batch.received if batch else None,
        "boards": batch.boards if batch else None,
        "attempts_over_one": batch.attempts_over_one if batch else None,
        "in_doubt": sheet.stock.get(State.IN_DOUBT, 0),
        "withheld": sheet.stock.get(State.WITHHELD, 0),
        "missing": sheet.missing,
        "conflicting": batch.conflicting if batch else None,
        "odd": batch.odd if batch else None,
        "ready": sheet.stock.get(State.READY, 0),
    }
    titles = report_words(words.language).figures
    return tuple(
        ReportFigure(key=key, title=titles[key], kind=Kind.PART if key == "first_pass" else Kind.COUNT, value=value)
        for key, value in values.items()
        if value is not None
    )


def tables_of(sheet: ReportSheet, words: Words) -> Iterator[ReportTable]:
    """All but the certificates."""
    text, period = report_words(words.language), sheet.period
    stretches = ((s.begin, s.passed, s.failed, s.part_passed) for s in period.stretches)
    yield _table(
        "stretches", text, stretches, begin=Kind.MOMENT, passed=Kind.COUNT, failed=Kind.COUNT, part_passed=Kind.PART
    )
    failures = _added_up(period.failures, words)
    yield _table("failures", text, failures, code=Kind.TEXT, meaning=Kind.TEXT, boards=Kind.COUNT, part=Kind.PART)
    others = ((str(code), words.codes[code].what, stays) for code, stays in period.others)
    yield _table("others", text, others, code=Kind.TEXT, meaning=Kind.TEXT, stays=Kind.COUNT)
    yield _table(
        "slots",
        text,
        ((s.bench, s.slot, s.passed, s.failed, s.others, s.part_passed, s.median_s) for s in period.slots),
        bench=Kind.TEXT,
        slot=Kind.TEXT,
        passed=Kind.COUNT,
        failed=Kind.COUNT,
        others=Kind.COUNT,
        part_passed=Kind.PART,
        median_s=Kind.SECONDS,
    )
    phases = ((words.phases[p.phase], p.times, p.median_s, p.ninth_s) for p in period.phases)
    yield _table("phases", text, phases, phase=Kind.TEXT, times=Kind.COUNT, median_s=Kind.SECONDS, ninth_s=Kind.SECONDS)
    yield from _of_the_ledger(sheet, words, text)


def _of_the_ledger(sheet: ReportSheet, words: Words, text: ReportWords) -> Iterator[ReportTable]:
    stock = ((words.ledger[state], count) for state, count in sheet.stock.items())
    yield _table("stock", text, stock, state=Kind.TEXT, certificates=Kind.COUNT)
    if sheet.batch:
        reasons = sheet.batch.open_reasons
        rows = ((one.certificates, reason_line(one.code, one.reason, words)) for one in reasons)
        yield _table("open", text, rows, certificates=Kind.COUNT, why=Kind.TEXT)
        return
    lines = (moved(line, line.name) for line in sheet.events)
    events = ((line.at, what_happened(line, words), particulars(line, words), line.who) for line in lines)
    yield _table("events", text, events, at=Kind.MOMENT, event=Kind.TEXT, detail=Kind.TEXT, who=Kind.TEXT)


_CERTIFICATE = {
    "name": Kind.TEXT,
    "set": Kind.TEXT,
    "channel": Kind.COUNT,
    "state": Kind.TEXT,
    "board": Kind.TEXT,
    "at": Kind.MOMENT,
    "who": Kind.TEXT,
    "slot": Kind.TEXT,
    "attempt": Kind.COUNT,
    "why": Kind.TEXT,
}


def certificates_of(traces: Iterable[Trace], words: Words) -> ReportTable:
    """One row a certificate, in the order in which they came."""
    rows = (_certificate(trace, words) for trace in traces)
    return _table("certificates", report_words(words.language), rows, **_CERTIFICATE)


def _certificate(trace: Trace, words: Words) -> Row:
    return (
        f"{trace.product_key}/{trace.device_name}",
        trace.set_name,
        trace.channel or None,
        words.ledger[State(trace.state)],
        trace.board_uid,
        unix(trace.at),
        trace.actor,
        trace.slot,
        trace.attempt or None,
        "" if trace.state == State.CONSUMED else reason_line(Code.of(trace.code), trace.reason, words).rstrip(),
    )


def _added_up(failures: Iterable[tuple[Code, int]], words: Words) -> Iterator[Row]:
    """Each code with the share of all failed boards that it and those before it make up."""
    counted = list(failures)
    total, so_far = sum(boards for _, boards in counted), 0
    for code, boards in counted:
        so_far += boards
        yield str(code), words.codes[code].what, boards, so_far / total


def _table(key: str, text: ReportWords, rows: Iterable[Row], **columns: Kind) -> ReportTable:
    heads = tuple(Column(key=name, title=text.columns[name], kind=kind) for name, kind in columns.items())
    return ReportTable(key=key, title=text.tables[key], columns=heads, rows=tuple(rows))
