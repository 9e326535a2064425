# SPDX-License-Identifier: GPL-3.0-or-later
"""How long is waited for a server, and a connection that does not wait for ever. A network that is cut is told by the
kernel; a server that hangs, or a box in between that takes everything and passes nothing on, is told by nobody. That a
server did not wait for its standby, because somebody ended that, is told by a warning beside the answer.

One follows from the other: a cut is told first, then the server gives up what the connection had, then it is known what
became of a commit.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, Final

import psycopg
from psycopg.pq.abc import PGconn

CUT_S: Final = 10
"""After so long without an answer of the network a connection counts as cut."""
ASKED: Final = {"idle": 5, "interval": 2, "count": 3}
"""A silent connection: after how many seconds whether the other end is there, again after how many, how often."""
OLD_ONE_S = max(CUT_S, ASKED["idle"] + ASKED["interval"] * ASKED["count"]) + 4.0
"""So long the server may take to give up a connection of ours that was cut: it is told of a cut as we are."""
COMMIT_S = OLD_ONE_S + 5.0
"""So long a bench asks what became of a commit whose answer was lost: until its old connection is given up, it may
still be committed."""
LOCKS_S: Final = 30
"""A statement waits so long for what another bench has in hand: longer than for one that was cut."""
ANSWER_S = 60.0
"""Longer than a server of ours is silent over one statement: who waits for a lock there is told earlier."""

_WAITS_FOR_STANDBY = "SyncRepWaitForLSN"


class PatientConnection(psycopg.Connection[Any]):
    """Closed, with an OperationalError, when nothing was heard of the server for ANSWER_S, and where a commit was
    answered before its standby had it: whether it lasts is to be looked up then."""

    def __init__(self, pgconn: PGconn) -> None:
        super().__init__(pgconn)
        self._is_cut_short = False
        self.add_notice_handler(self._noticed)

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **more: Any) -> Any:
        answer = super().wait(_until_silent(gen, self), *arguments, **more)
        if self._is_cut_short:
            self.pgconn.finish()
            raise psycopg.OperationalError("the server kept a step before its standby had it")
        return answer

    def _noticed(self, notice: psycopg.errors.Diagnostic) -> None:
        """By the place in the server that said it: the words are in whatever language it speaks."""
        if notice.source_function == _WAITS_FOR_STANDBY:
            self._is_cut_short = True


def _until_silent(gen: Generator[Any, Any, Any], server: psycopg.Connection[Any]) -> Generator[Any, Any, Any]:
    heard = time.monotonic()
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if ready:
                heard = time.monotonic()
            elif time.monotonic() - heard > ANSWER_S:
                server.pgconn.finish()
                raise psycopg.OperationalError("the server does not answer")
            wanted = gen.send(ready)
    except StopIteration as end:
        return end.value
