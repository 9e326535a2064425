# SPDX-License-Identifier: GPL-3.0-or-later
"""A history in English."""

from __future__ import annotations

from types import MappingProxyType

from station.model import Holding
from station.rules import Outcome
from station.words.language import Past

_EVENTS = MappingProxyType(
    {
        "set opened": "set opened",
        "set completed": "cameras added",
        "reserved": "reserved",
        "released": "given back",
        "writing": "writing",
        "writing again": "writing again",
        "in doubt": "in doubt",
        "recovered": "recovered at start",
        "consumed": "consumed",
        "retired": "retired",
        "cameras left out": "may go out without its retired cameras",
        "set ended": "its set has ended",
        "withheld": "withheld",
        "disputed": "withheld: two sources disagree",
        "found on a board": "found on a board, withheld for good",
        "married by a witness": "a witness says that this board has it",
        "withheld by recovery": "withheld by a recovery",
        "withheld by a witness": "a witness says that it was withheld",
        "learned from its board": "learned from the board that carries it",
        "let back": "back in stock",
        "stranger": "another board was in the slot",
        "stranger settled": "its fate",
        "label printed": "label printed",
        "label owed": "its label is to be scanned",
        "label scanned back": "its label scanned",
        "label waived": "its label need not be scanned",
        "locked": "locked",
        "unlocked": "unlocked",
        "serial given": "serial number given",
        "serial taken away": "serial number taken away",
        "vouched": "a supervisor vouches for the board",
        "the cloud: never used": "the cloud: never used",
        "the cloud: in use": "the cloud: in use",
        "the cloud does not say": "the cloud does not say whether it is in use",
    }
)

_DETAILS = MappingProxyType(
    {
        "why": "why",
        "code": "code",
        "by": "by",
        "members": "members",
        "method": "compared by",
        "after_reset": "after a reset",
        "fate": "what became of it",
        "without": "without",
        "kept": "kept",
        "status": "status",
        "serial": "serial number",
        "scope": "slot",
        "bench": "bench",
        "copy": "printed before",
        "visit": "visit",
    }
)

_OUTCOMES = MappingProxyType(
    {
        Outcome.PASS: "PASS",
        Outcome.FAIL: "FAIL",
        Outcome.ALREADY_DONE: "already done",
        Outcome.IN_DOUBT: "in doubt",
        Outcome.STATION_FAULT: "station fault",
        Outcome.ALARM: "ALARM",
        Outcome.REMOVED: "taken out before anything was sent",
        Outcome.WRONG_LABEL: "another board's label",
    }
)

_HOLDINGS = MappingProxyType(
    {
        Holding.BLANK: "blank",
        Holding.IDENTITY: "carries an identity",
        Holding.TORN: "carries a part of one",
        Holding.UNREADABLE: "cannot be read",
    }
)

PAST = Past(
    events=_EVENTS,
    details=_DETAILS,
    outcomes=_OUTCOMES,
    holdings=_HOLDINGS,
    stay="slot {slot}, {seconds} s",
    slot="slot {slot}",
    board="board {uid}",
    attempt="try {n}",
    uid="board uid",
    chip="chip",
    holds="what it holds",
    room="room for",
)
