# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's ERR words (PROTOCOL.md §4) as faults a person can act on."""

from __future__ import annotations

from station.codes import Code
from station.errors import AnotherBoard, BoardFault
from station.model import BoardUid

_UNCHANGED = "what it held before is still there"
_RED_BIN = "red bin"
_AGAIN = "try this board again"
_UPDATE = "flash the agent firmware that belongs to this station, then try again"

_FAULTS = {
    "STATE": (
        Code.E203,
        "the board restarted while it was being written",
        _UNCHANGED,
        "check its power, then try again",
    ),
    "MISSING": (Code.E203, "the board lost part of what was sent", _UNCHANGED, _AGAIN),
    "DIGEST": (Code.E203, "what the board received is not what was sent", _UNCHANGED, _AGAIN),
    "FLASH": (Code.E203, "the board's flash does not take the identity", "its flash is worn or broken", _RED_BIN),
    "EMPTY": (Code.E204, "the board holds no identity", "what was written is not there", _AGAIN),
    "ROOM": (
        Code.E205,
        "the board has no room for so many channels",
        "nothing was stored",
        "take a board with more room",
    ),
    "LENGTH": (
        Code.E205,
        "a field is longer than the board can store",
        "nothing was stored",
        "take another board type",
    ),
    "WRITTEN": (Code.E206, "the board carries another identity", _UNCHANGED, _RED_BIN),
    "LOCKED": (Code.E207, "the board is locked", _UNCHANGED, _RED_BIN),
    "OTHER": (
        Code.E209,
        "another board has taken this one's place",
        "the identity stays married to the board it was reserved for",
        "put that board back in any slot",
    ),
    "PROOF": (Code.E204, "the board holds something else", "what was written is not there", _AGAIN),
    "TRIES": (
        Code.E203,
        "the board was asked too often by one who does not know what it holds, and answers no more",
        _UNCHANGED,
        "switch it off and on, then try again",
    ),
    "VERB": (Code.E202, "the board's agent does not know a command of this station", "its firmware is older", _UPDATE),
}


def refusal(verb: str, word: str) -> BoardFault:
    """What the ERR answer `word` to `verb` means. Any other word says that station and firmware disagree."""
    code, what, means, do = _FAULTS.get(
        word, (Code.E208, "the board answers what the protocol does not foresee", "its firmware is not right", _UPDATE)
    )
    return BoardFault(f"{what} ({verb})", means=means, do=do, code=code)


def changed(how: str) -> BoardFault:
    """E209: `how` it is not what it was when it was looked at."""
    return BoardFault(
        f"the board changed during the attempt: it {how}",
        means="the identity stays married to the board it was reserved for",
        do="put that board back in any slot",
        code=Code.E209,
    )


def two_boards(uid: str, other: str, *, named: bool) -> BoardFault:
    """E209: both answer one question. `named`: what is said names its board, so that the `other` one keeps nothing."""
    try:
        known, another = BoardUid.parse(uid), BoardUid.parse(other)
    except ValueError:
        return changed("answers as two boards")
    return AnotherBoard(
        another,
        f"two boards answer at this port: {known} and {another}",
        unsent=named,
        means="both heard what was sent; the identity stays married to the board it was reserved for",
        do="look for two boards on one line; keep both apart and call the supervisor",
    )


def stored_something_else() -> BoardFault:
    return BoardFault(
        "the board stored something else than it was sent",
        means="its flash or its firmware is not right",
        do="red bin",
        code=Code.E204,
    )
