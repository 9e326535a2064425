# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of the past, for people and for programs: of the audit, and of boards' stays in slots. Times are UTC."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.ledger.values import AuditLine
    from station.words.language import Words
    from station.words.past import PastLine


def past_text(line: PastLine, words: Words, board: str = "") -> str:
    """One line: when, what happened, where and why, by whom; the board where it is not `board`."""
    from station.words.past import particulars, what_happened

    parts = (_utc(line.at, "seconds"), what_happened(line, words), particulars(line, words, board), line.who)
    return "  ".join(part for part in parts if part)


def past_content(line: PastLine) -> dict[str, object]:
    """For JSON; a stay in a slot has an outcome, a line of the audit an event."""
    happened = _stay_content(line) if line.outcome is not None else {"event": line.event}
    return {
        "at": _utc(line.at, "microseconds"),
        **happened,
        "name": line.name,
        "from": line.before or "",
        "to": line.after or "",
        "slot": line.slot,
        "board_uid": line.uid,
        "attempt": line.attempt,
        "who": line.who,
        "detail": dict(line.details),
    }


def _stay_content(line: PastLine) -> dict[str, object]:
    return {
        "outcome": line.outcome,
        "seconds": line.seconds,
        "steps": [{"step": step, "after_s": after} for step, after in line.steps],
        "wire": [{"at": _utc(at, "milliseconds"), "line": text} for at, text in line.wire],
    }


def audit_content(line: AuditLine) -> dict[str, object]:
    """A line of the audit with all that it says."""
    return {
        "seq": line.seq,
        "at": line.at,
        "event": line.event,
        "from": line.from_state,
        "to": line.to_state,
        "attempt": line.attempt,
        "board_uid": line.board_uid,
        "slot": line.slot,
        "who": line.actor,
        "detail": json.loads(line.detail),
    }


def _utc(at: float, to: str) -> str:
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat(timespec=to) + "Z"
