# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is there, in whichever version of the protocol it speaks: the newer one is tried first."""

from __future__ import annotations

from station.errors import AnotherBoard
from station.targets.agent.answers import AgentId, parse_id, parse_who
from station.targets.agent.line import Reply
from station.targets.agent.refusals import refusal
from station.targets.agent.talk import Talk


def who(talk: Talk, known: AgentId | None, *, wait_s: float | None = None, attempts: int | None = None) -> AgentId:
    """What the board says of itself. `known`: what it said before; another board may answer now. As `Talk.ask`."""
    for ask in (_second, _first) if known is None or known.protocol == 2 else (_first, _second):
        found = ask(talk, known, wait_s, attempts)
        if found:
            return found
    raise refusal("WHO", "VERB")


def same_board(talk: Talk, known: AgentId | None) -> AgentId:
    """What the board says now. AnotherBoard E209 when it is not the one that is `known`."""
    board = who(talk, known)
    if known:
        require_same(board, known)
    return board


def require_same(board: AgentId, known: AgentId) -> None:
    """AnotherBoard E209 when `board` is not the one that is `known`."""
    if board.uid != known.uid or board.protocol != known.protocol:
        raise _another(board, known)


def first_id(talk: Talk, known: AgentId) -> AgentId | None:
    """By version 1, which tells the digest to everybody; None where it is not spoken. AnotherBoard as `same_board`."""
    board = _first(talk, None, None, None)
    if board and board.uid != known.uid:
        raise _another(board, known)
    return board


def _another(board: AgentId, known: AgentId) -> AnotherBoard:
    return AnotherBoard(
        board.uid,
        f"the board changed during the attempt: it was {known.uid}, is {board.uid}",
        unsent=True,
        means="the identity stays married to the board it was reserved for",
        do="put that board back in any slot",
    )


def _first(talk: Talk, _known: AgentId | None, wait_s: float | None, attempts: int | None) -> AgentId | None:
    answer = talk.ask("ID", wait_s=wait_s, attempts=attempts)
    return None if answer.error == "VERB" else parse_id(_values(answer, "ID"))


def _second(talk: Talk, known: AgentId | None, wait_s: float | None, attempts: int | None) -> AgentId | None:
    """A board that is known tells only what changes. Where it holds something else than before, it is asked for all."""
    known = known if known and known.protocol == 2 else None
    answer = talk.ask("WHO", *([known.uid_as_sent] if known else []), wait_s=wait_s, attempts=attempts)
    if answer.error == "VERB":
        return None
    board = parse_who(_values(answer, "WHO"), known)
    if known and board.uid == known.uid and (board.seq, board.holding) != (known.seq, known.holding):
        return parse_who(_values(talk.ask("WHO", wait_s=wait_s, attempts=attempts), "WHO"), None)
    return board


def _values(answer: Reply, verb: str) -> dict[str, str]:
    if answer.error:
        raise refusal(verb, answer.error)
    return dict(answer.values)
