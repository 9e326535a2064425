# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a board or of a slot: each step with its time, what the ledger says of it, what went over the wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from station.codes import Code
from station.words.language import Words
from station.words.past import PastLine, particulars, what_happened

_WIRE_LINES = 200  # of a stay: the last ones


class LogLine(NamedTuple):
    """`key`: the same in every language; `code`: why, where there is a why."""

    key: str
    at: float
    slot: str
    event: str
    name: str
    evidence: str
    code: Code | None = None


def log_lines(lines: Iterable[PastLine], words: Words, board: str = "") -> list[LogLine]:
    """In the order they happened; `board`: the uid that the reader knows."""
    all_lines = [one for number, line in enumerate(lines) for one in _of(number, line, words, board)]
    return sorted(all_lines, key=lambda one: one.at)


def _of(number: int, line: PastLine, words: Words, board: str) -> Iterator[LogLine]:
    name = line.certificate
    yield from _steps(number, line, words)
    yield from _wire(number, line, words)
    told = particulars(line._replace(name="", slot="" if line.outcome is None else line.slot), words, board)
    code = Code.of(dict(line.details).get("code"))
    yield LogLine(f"{number}", line.at, line.slot, what_happened(line, words), name, told, code)


def _steps(number: int, line: PastLine, words: Words) -> Iterator[LogLine]:
    began = line.at - line.seconds
    ends = [*(after for _, after in line.steps), line.seconds][1:]
    for at, ((phase, after), end) in enumerate(zip(line.steps, ends, strict=True)):
        took = words.bench.seconds.format(n=f"{max(0.0, end - after):.2f}")
        yield LogLine(f"{number}.{at}", began + after, line.slot, words.phases[phase], line.certificate, took)


def _wire(number: int, line: PastLine, words: Words) -> Iterator[LogLine]:
    shown = line.wire[-_WIRE_LINES:]
    if left_out := len(line.wire) - len(shown):
        told = words.office.wire_before.format(n=left_out, slot=line.slot)
        yield LogLine(f"{number}:…", shown[0][0], line.slot, words.office.wire, line.certificate, told)
    for at, (when, text) in enumerate(shown):
        yield LogLine(f"{number}:{at}", when, line.slot, words.office.wire, line.certificate, text)
