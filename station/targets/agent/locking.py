# SPDX-License-Identifier: GPL-3.0-or-later
"""LOCK and SEAL, and the proof that they hold (PROTOCOL.md §3, §6): the one step that nothing on the serial line takes
back.

Each time, the board is asked who it is and what it holds, or the order says so itself, so that no other board, and no
other identity, is ever locked, repeats included. That it is locked is not believed on its word: it must refuse to be
written.
"""

from __future__ import annotations

import secrets

from station.codes import Code
from station.errors import BoardFault
from station.model import Digest
from station.targets.agent.answers import AgentId
from station.targets.agent.asking import same_board
from station.targets.agent.proofs import NOBODYS_KEY, new_nonce, token
from station.targets.agent.refusals import changed, refusal
from station.targets.agent.talk import Talk


def lock_first(talk: Talk, known: AgentId, digest: Digest, *, tries: int) -> None:
    """Until the board that holds `digest` is locked, by version 1.

    BoardFault E209 when it is another one or holds something else, E216 when it stays open, else what it answered.
    """
    for _ in range(tries):
        if _is_locked(same_board(talk, known), digest):
            break
        _tell(talk, "LOCK")
    answer = talk.ask("BEGIN", secrets.token_hex(8), "0", "REPLACE", digest)
    if answer.error != "LOCKED":
        talk.ask("ABORT")
        same_board(talk, known)
        raise _stays_open("it was told to, and would still take another identity")


def lock_second(talk: Talk, known: AgentId, digest: Digest, *, tries: int) -> None:
    """As `lock_first`. SEAL carries what only this board, holding `digest`, takes; it is as good twice as once."""
    for _ in range(tries):
        nonce = new_nonce()
        _tell(talk, "SEAL", nonce, token(digest, "SEAL", nonce, known.uid_as_sent))
        board = same_board(talk, known)
        if board.locked:
            break
    answer = talk.ask("OPEN", known.uid_as_sent, secrets.token_hex(6), "0", NOBODYS_KEY, str(board.seq))
    if answer.error != "LOCKED":
        same_board(talk, known)
        raise _stays_open("it was told to, and would still take another identity")


def _is_locked(board: AgentId, digest: Digest) -> bool:
    if board.digest != digest:
        raise changed("now holds something else than what was proved")
    return board.locked


def _tell(talk: Talk, *words: str) -> None:
    """Once. No answer says nothing: the board is asked again what it is."""
    try:
        error = talk.ask(*words, attempts=1).error
    except BoardFault:
        return
    if error == "FLASH":
        raise _stays_open("its flash does not take the lock")
    if error in ("PROOF", "EMPTY"):
        raise changed("now holds something else than what was proved")
    if error:
        raise refusal(words[0], error)


def _stays_open(why: str) -> BoardFault:
    return BoardFault(
        f"the board does not lock: {why}",
        means="its identity is on it and stays married to it; whoever reaches its serial line could replace it",
        do="put it back in for another try; if it says the same then: red bin",
        code=Code.E216,
    )
