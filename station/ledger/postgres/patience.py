# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that does not wait for ever. A network that is cut is told by the kernel; a server that hangs, or a box
in between that takes everything and passes nothing on, is told by nobody.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import psycopg

ANSWER_S = 60.0
"""Longer than a server of ours is silent over one statement: who waits for a lock there is told earlier."""


class PatientConnection(psycopg.Connection[Any]):
    """Closed, with an OperationalError, when nothing was heard of the server for ANSWER_S."""

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **more: Any) -> Any:
        return super().wait(_until_silent(gen, self), *arguments, **more)


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
