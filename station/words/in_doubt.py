# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does with boards in doubt: most are put back, those that failed stay in the red bin."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from station.report.shift import Doubt
from station.words.instruction import UID_TAIL
from station.words.language import Words


def what_to_do(doubt: Doubt, words: Words) -> str:
    """With this one."""
    return _do(doubt, words, words.bench.put_back, words.bench.find_other)


def briefly(doubt: Doubt, words: Words) -> str:
    """The same, for a list."""
    return _do(doubt, words, words.bench.put_back_short, words.bench.find_other_short)


def _do(doubt: Doubt, words: Words, put_back: str, find_other: str) -> str:
    if doubt.waits_for:
        return find_other.format(uid=_tail(doubt.waits_for))
    return (words.bench.in_red_bin if doubt.red_bin else put_back).format(uid=_tail(doubt.uid))


def doubts_advice(doubts: Sequence[Doubt], words: Words) -> str:
    """With all of them, in a sentence or two."""
    text = words.bench
    advice = ((_to_put_back, text.waking_do), (_in_red_bin, text.waking_red_bin), (_waits, text.waking_waits))
    return " ".join(say for is_so, say in advice if any(map(is_so, doubts)))


def doubt_line(doubts: Sequence[Doubt], words: Words, width: int) -> str:
    """With all of them, in one line of `width` cells: in full, or shorter and with as many boards as fit."""
    text = words.bench
    lines = [_naming(doubts, words, text.put_back, text.find_other, len(doubts))]
    lines += [
        _naming(doubts, words, text.put_back_short, text.find_other_short, named) for named in range(len(doubts), 0, -1)
    ]
    return next((line for line in lines if cell_len(line) <= width), text.waking.format(count=len(doubts)))


def _naming(doubts: Sequence[Doubt], words: Words, put_back: str, find_other: str, named: int) -> str:
    """The first `named` of each kind."""
    kinds = (
        (put_back, [doubt.uid for doubt in doubts if _to_put_back(doubt)]),
        (words.bench.in_red_bin, [doubt.uid for doubt in doubts if _in_red_bin(doubt)]),
        (find_other, [doubt.waits_for for doubt in doubts if _waits(doubt)]),
    )
    parts = [do.format(uid=_some([_tail(uid) for uid in uids], named)) for do, uids in kinds if uids]
    return "  –  ".join([words.bench.waking.format(count=len(doubts)), *parts])


def _waits(doubt: Doubt) -> bool:
    return bool(doubt.waits_for)


def _in_red_bin(doubt: Doubt) -> bool:
    return doubt.red_bin and not doubt.waits_for


def _to_put_back(doubt: Doubt) -> bool:
    return not doubt.red_bin and not doubt.waits_for


def _some(tails: Sequence[str], named: int) -> str:
    more = f" +{len(tails) - named}" if len(tails) > named else ""
    return " …".join(tails[:named]) + more


def _tail(uid: str) -> str:
    return uid[-UID_TAIL:].upper()
