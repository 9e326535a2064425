# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does with boards in doubt: most are put back, those that failed stay in the red bin."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from station.report.shift import Doubt
from station.tui.instruction import UID_TAIL
from station.tui.words.language import Words


def what_to_do(doubt: Doubt, words: Words) -> str:
    """With this one."""
    return _do(doubt, words, words.bench.put_back)


def briefly(doubt: Doubt, words: Words) -> str:
    """The same, for a list."""
    return _do(doubt, words, words.bench.put_back_short)


def _do(doubt: Doubt, words: Words, put_back: str) -> str:
    return (words.bench.in_red_bin if doubt.red_bin else put_back).format(uid=_tail(doubt))


def doubts_advice(doubts: Sequence[Doubt], words: Words) -> str:
    """With all of them, in a sentence or two."""
    back = words.bench.waking_do if any(not doubt.red_bin for doubt in doubts) else ""
    kept = words.bench.waking_red_bin if any(doubt.red_bin for doubt in doubts) else ""
    return " ".join(part for part in (back, kept) if part)


def doubt_line(doubts: Sequence[Doubt], words: Words, width: int) -> str:
    """With all of them, in one line of `width` cells: in full, or shorter and with as many boards as fit."""
    text = words.bench
    lines = [_naming(doubts, words, text.put_back, len(doubts))]
    lines += [_naming(doubts, words, text.put_back_short, named) for named in range(len(doubts), 0, -1)]
    return next((line for line in lines if cell_len(line) <= width), text.waking.format(count=len(doubts)))


def _naming(doubts: Sequence[Doubt], words: Words, put_back: str, named: int) -> str:
    """The first `named` of each kind."""
    parts = [words.bench.waking.format(count=len(doubts))]
    for red_bin, do in ((False, put_back), (True, words.bench.in_red_bin)):
        if tails := [_tail(doubt) for doubt in doubts if doubt.red_bin is red_bin]:
            parts.append(do.format(uid=_some(tails, named)))
    return "  –  ".join(parts)


def _some(tails: Sequence[str], named: int) -> str:
    more = f" +{len(tails) - named}" if len(tails) > named else ""
    return " …".join(tails[:named]) + more


def _tail(doubt: Doubt) -> str:
    return doubt.uid[-UID_TAIL:].upper()
