# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of a certificate and its board, line by line, in the language of the screen."""

from __future__ import annotations

from typing import NamedTuple

from station.codes import Code
from station.events import Phase
from station.model import State
from station.rules import Outcome
from station.words.details import said
from station.words.language import Words
from station.words.told import reason_line

_SAYS_MORE = frozenset({"released", "recovered", "writing again"})  # than the two states do
_PURPOSE = "purpose"  # of a PIN: what was asked for
_BOOLEANS = {"True": "✓", "False": "✗"}


class PastLine(NamedTuple):
    """One line of a history: a line of the audit, or a board's stay in a slot, which has an `outcome`."""

    at: float
    who: str
    event: str = ""
    name: str = ""  # the certificate, where the history is of several
    before: State | None = None
    after: State | None = None
    outcome: Outcome | None = None
    slot: str = ""
    seconds: float = 0.0
    uid: str = ""
    attempt: int = 0
    details: tuple[tuple[str, str], ...] = ()
    certificate: str = ""  # its certificate in any case
    steps: tuple[tuple[Phase, float], ...] = ()  # of a stay: each with the seconds since it began
    wire: tuple[tuple[float, str], ...] = ()  # of a stay: what went over it, with times; secrets are masked


def what_happened(line: PastLine, words: Words) -> str:
    """The transition, or how the stay in the slot ended."""
    if line.outcome is not None:
        return words.past.outcomes[line.outcome]
    if line.before and line.after and line.before is not line.after:
        return f"{words.ledger[line.before]} → {words.ledger[line.after]}"
    return words.past.events.get(line.event, line.event)


def particulars(line: PastLine, words: Words, board: str = "") -> str:
    """Where, why, and on which board unless it is `board`, which the reader knows."""
    past = words.past
    place = past.slot.format(slot=line.slot) if line.slot else ""
    if line.outcome is not None:
        place = past.stay.format(slot=line.slot, seconds=f"{line.seconds:.1f}")
    elif line.event in _SAYS_MORE:
        place = "  ".join(part for part in (past.events[line.event], place) if part)
    details = dict(line.details)
    code = Code.of(details.pop("code", None))
    if code is None and "by" not in details:  # what a person wrote stays as it is
        details["why"] = said(details.get("why", ""), words)
    if code is not None:
        details["why"] = reason_line(code, details.get("why", ""), words).rstrip()
    parts = [
        line.name,
        place,
        past.board.format(uid=line.uid) if line.uid not in ("", board) else "",
        past.attempt.format(n=line.attempt) if line.attempt > 1 else "",
        *(_detail(name, value, words) for name, value in details.items() if value),
    ]
    return "  ".join(part for part in parts if part)


def _detail(name: str, value: str, words: Words) -> str:
    if name == "why":
        return value
    told = said(value, words) if name == _PURPOSE else _BOOLEANS.get(value, value)
    return words.of(words.past.details.get(name, name), told)
