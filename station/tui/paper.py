# SPDX-License-Identifier: GPL-3.0-or-later
"""A shift as text, in either language: what the screen shows, what is saved, what `station report shift` prints."""

from __future__ import annotations

from station.report.handover import Handover
from station.tui.figures import bars, counter_figures, moment
from station.tui.words.language import Words

_WIDEST_BAR = 30


def handover_text(report: Handover, words: Words, *, to: str = "") -> str:
    """Totals, boards per hour, failures by code, stock, doubts, audit head; `to`: who takes over."""
    text, counters = words.office, report.counters
    figures = "   ".join(f"{figure.name} {figure.value}" for figure in counter_figures(counters, words))
    lines = [f"{words.bench.operator}: {report.operator}   {words.bench.since} {moment(report.started)}", ""]
    lines += [f"{text.totals}:  {figures}", "", f"{text.per_hour}:", *bars(counters.hourly, 4)]
    lines += [" ".join(f"{count:^3}" for count in counters.hourly), "", f"{text.failures}:"]
    most = max((count for _, count in counters.failures), default=1)
    for code, count in counters.failures:
        known = words.code(code)
        bar = "█" * max(1, count * _WIDEST_BAR // most)
        lines.append(f"  {code}  {bar} {count}  {known.what if known else ''}")
    stock = "   ".join(f"{words.ledger[state]} {count}" for state, count in report.stock.items())
    lines += ["", f"{text.stock}:  {stock}", f"{text.doubts}:"]
    lines += [f"  {doubt.uid}  {doubt.name}  {moment(doubt.since)}" for doubt in report.doubts] or [f"  {text.none}"]
    lines += ["", f"{text.audit_head}:  {report.audit_head}"]
    lines += [f"{text.hand_over_to}: {to}", ""] if to else []
    return "\n".join(lines)
