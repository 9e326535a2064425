# SPDX-License-Identifier: GPL-3.0-or-later
"""A shift as text, in either language: what the screen shows, what is saved, what `station report shift` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import set_cell_size

from station.report.batch import BatchReport
from station.report.counters import Counters
from station.report.handover import Handover
from station.report.pace import HOUR_S
from station.report.shift import Doubt, unix
from station.words.figures import bars, clock, counter_figures, moment
from station.words.in_doubt import briefly, quiet_part, to_act_on
from station.words.language import Words
from station.words.told import reason_line

_WIDEST_BAR = 30
_STATE_WIDTH = 10
_HOUR_CELLS = 5  # as many as a time of day has
_ROW_CELLS = 12 * (_HOUR_CELLS + 1)  # twelve hours and their gaps fit a screen of 80 columns


def handover_text(report: Handover, words: Words, *, to: str = "") -> str:
    """Totals, boards per hour, failures by code, station faults, stock, doubts, audit head; `to`: who takes over. No
    line grows with the length of the shift.
    """
    text, counters = words.office, report.counters
    figures = "   ".join(
        " ".join(filter(None, (figure.name, figure.value, figure.aside))) for figure in counter_figures(counters, words)
    )
    operator = words.of(words.bench.operator, report.operator or text.none)
    lines = [f"{operator}   {words.bench.since} {moment(report.started)}", ""]
    lines += [_figure(text.totals, figures, words), "", _head(text.per_hour, words), *_hours(counters)]
    lines.append(_head(text.failures, words) if counters.failures else _figure(text.failures, text.none, words))
    most = max((count for _, count in counters.failures), default=1)
    for code, count in counters.failures:
        bar = "█" * max(1, count * _WIDEST_BAR // most)
        lines.append(f"  {code}  {bar} {count}  {words.codes[code].what}")
    faults = "   ".join(f"{code} {count}" for code, count in counters.station_faults)
    lines.append(_figure(text.station_faults, faults or text.none, words))
    stock = "   ".join(f"{words.ledger[state]} {count}" for state, count in report.stock.items())
    lines += ["", _figure(text.stock, stock, words), _head(text.doubts, words)]
    lines += [*_doubts(report.doubts, words)] or [f"  {text.none}"]
    lines += ["", _figure(text.audit_head, report.audit_head, words)]
    lines += [words.of(text.hand_over_to, to), ""] if to else []
    return "\n".join(lines)


def _figure(name: str, what: object, words: Words) -> str:
    return f"{name}{words.marks.wide_colon}{what}"


def _head(name: str, words: Words) -> str:
    return words.of(name, "").rstrip()


def _doubts(doubts: Sequence[Doubt], words: Words) -> Iterator[str]:
    """Those to act on, each with what to do; then those that lie in the red bin."""
    for doubt in to_act_on(doubts):
        yield f"  {doubt.uid}  {doubt.name}  {moment(doubt.since)}  {briefly(doubt, words)}"
    kept = [doubt for doubt in doubts if doubt.is_kept]
    if kept:
        yield f"  {quiet_part(doubts, words)}"
        yield from (f"    {doubt.uid}  {doubt.name}  {moment(doubt.since)}" for doubt in kept)


def _hours(counters: Counters) -> list[str]:
    """A plot of the hours on one scale; below each its count, when it began, and a blank line."""
    begins = [counters.hourly_from + HOUR_S * hour for hour in range(len(counters.hourly))]
    rows = bars(counters.hourly, 4, _HOUR_CELLS)
    rows.append("".join(f"{count:^{_HOUR_CELLS}} " for count in counters.hourly))
    rows.append("".join(f"{clock(begin):^{_HOUR_CELLS}} " for begin in begins))
    rows.append("")
    return [row[cut : cut + _ROW_CELLS].rstrip() for cut in range(0, len(rows[0]), _ROW_CELLS) for row in rows]


def batch_text(report: BatchReport, words: Words) -> str:
    """What came of a batch, what became of it, why something is still open, and the audit head."""
    text = words.office
    lines = [words.of(text.product, report.product_key)]
    lines += [f"{words.of(text.pulled, report.received)}   {text.complete if report.complete else text.stopped}", ""]
    most = max([1, *report.states.values()])
    for state, count in report.states.items():
        bar = "█" * -(-count * _WIDEST_BAR // most)
        lines.append(f"  {set_cell_size(words.ledger[state], _STATE_WIDTH)} {count:>8}  {bar}")
    lines += ["", f"{words.of(text.boards, report.boards)}   {words.of(text.more_attempts, report.attempts_over_one)}"]
    if report.proofs:
        proofs = "   ".join(f"{method} {count}" for method, count in report.proofs.items())
        lines += [words.of(words.past.details["method"], proofs)]
    if report.first:
        lines.append(words.of(text.flashed, f"{moment(unix(report.first))} – {moment(unix(report.last))}"))
    lines += [
        "",
        *(f"  {one.certificates} × {reason_line(one.code, one.reason, words)}" for one in report.open_reasons),
    ]
    lines += ["", _figure(text.audit_head, report.audit_head, words)]
    return "\n".join(lines)
