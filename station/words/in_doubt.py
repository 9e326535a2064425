# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does with boards in doubt: most are put back, those that failed stay in the red bin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from station.words.instruction import uid_tail
from station.words.language import Words

if TYPE_CHECKING:
    from station.report.shift import Doubt


def briefly(doubt: Doubt, words: Words) -> str:
    """What to do with this one."""
    text = words.bench
    if doubt.waits_for:
        return text.find_other_short.format(uid=uid_tail(doubt.waits_for))
    return (text.in_red_bin if doubt.red_bin else text.put_back_short).format(uid=uid_tail(doubt.uid))


def to_act_on(doubts: Sequence[Doubt]) -> tuple[Doubt, ...]:
    """Those that somebody does something with now; boards that are put back come first."""
    return tuple(sorted((doubt for doubt in doubts if not doubt.is_kept), key=_waits))


def quiet_part(doubts: Sequence[Doubt], words: Words) -> str:
    """How many of them lie where they belong, if any do."""
    count = sum(doubt.is_kept for doubt in doubts)
    return words.bench.kept_in_bin.format(count=count) if count else ""


def doubts_advice(doubts: Sequence[Doubt], words: Words) -> str:
    """With all of them, in a sentence or two."""
    text = words.bench
    advice = ((_to_put_back, text.waking_do), (_is_kept, text.waking_red_bin), (_waits, text.waking_waits))
    return " ".join(say for is_so, say in advice if any(map(is_so, doubts)))


def doubt_line(doubts: Sequence[Doubt], words: Words, width: int) -> str:
    """With those to act on, in one line of `width` cells: in full, or shorter and with as many boards as fit; the
    others are a number behind it. "" when nothing is to be done."""
    text, acting = words.bench, to_act_on(doubts)
    if not acting:
        return ""
    lines = [_naming(acting, words, text.put_back, text.find_other, len(acting))]
    lines += [
        _naming(acting, words, text.put_back_short, text.find_other_short, named) for named in range(len(acting), 0, -1)
    ]
    lines.append(text.waking.format(count=len(acting)))
    quiet = quiet_part(doubts, words)
    lines = [f"{line}  ·  {quiet}" if quiet else line for line in lines]
    return next((line for line in lines if cell_len(line) <= width), lines[-1])


def doubt_shouts(doubts: Sequence[Doubt], words: Words) -> Iterator[str]:
    """With those to act on, in a word for block letters: with all boards that are put back, with fewer, how many."""
    acting, name = to_act_on(doubts), words.bench.in_doubt
    tails = [uid_tail(doubt.uid) for doubt in acting if not _waits(doubt)]
    for named in range(len(tails), 0, -1):
        more = f" +{len(acting) - named}" if len(acting) > named else ""
        yield f"{name} {' '.join(tails[:named])}{more}"
    yield f"{name} {len(acting)}"


def _naming(doubts: Sequence[Doubt], words: Words, put_back: str, find_other: str, named: int) -> str:
    """The first `named` of each kind."""
    kinds = (
        (put_back, [doubt.uid for doubt in doubts if _to_put_back(doubt)]),
        (find_other, [doubt.waits_for for doubt in doubts if _waits(doubt)]),
    )
    parts = [do.format(uid=_some([uid_tail(uid) for uid in uids], named)) for do, uids in kinds if uids]
    return "  –  ".join([words.bench.waking.format(count=len(doubts)), *parts])


def _waits(doubt: Doubt) -> bool:
    return bool(doubt.waits_for)


def _is_kept(doubt: Doubt) -> bool:
    return doubt.is_kept


def _to_put_back(doubt: Doubt) -> bool:
    return not doubt.red_bin and not doubt.waits_for


def _some(tails: Sequence[str], named: int) -> str:
    more = f" +{len(tails) - named}" if len(tails) > named else ""
    return " …".join(tails[:named]) + more
