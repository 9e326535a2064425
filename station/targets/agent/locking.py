# SPDX-License-Identifier: GPL-3.0-or-later
"""LOCK, and the proof that it holds (PROTOCOL.md §3): the one step that nothing on the serial line takes back.

Before each LOCK the board is asked who it is and what it holds, so that no other board, and no other identity, is ever
locked, repeats included. That it is locked is not believed on its word: it must refuse to be written.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from station.codes import Code
from station.errors import BoardFault
from station.model import Digest
from station.targets.agent.answers import AgentId
from station.targets.agent.refusals import changed, refusal
from station.targets.agent.talk import Talk


def lock_for_good(talk: Talk, look: Callable[[], AgentId], digest: Digest, *, tries: int) -> None:
    """Until the board that holds `digest` is locked. `look`: its answer to ID; raises where another board answers.

    BoardFault E209 when it holds something else, E216 when it stays open, else what it answered to LOCK.
    """
    for _ in range(tries):
        if _is_locked(look(), digest):
            break
        _tell(talk)
    answer = talk.ask("BEGIN", secrets.token_hex(8), "0", "REPLACE", digest)
    if answer.error != "LOCKED":
        talk.ask("ABORT")
        raise _stays_open("it was told to, and would still take another identity")


def _is_locked(board: AgentId, digest: Digest) -> bool:
    if board.digest != digest:
        raise changed("now holds something else than what was proved")
    return board.locked


def _tell(talk: Talk) -> None:
    """One LOCK. No answer says nothing: the board is asked again what it is."""
    try:
        error = talk.ask("LOCK", attempts=1).error
    except BoardFault:
        return
    if error == "FLASH":
        raise _stays_open("its flash does not take the lock")
    if error:
        raise refusal("LOCK", error)


def _stays_open(why: str) -> BoardFault:
    return BoardFault(
        f"the board does not lock: {why}",
        means="its identity is on it and stays married to it; whoever reaches its serial line could replace it",
        do="put it back in for another try; if it says the same then: red bin",
        code=Code.E216,
    )
