# SPDX-License-Identifier: GPL-3.0-or-later
"""The one id of a board's visit, which its events, its lines in audit and log and its row in the history all carry: of
the visit that this thread works for, as far as it works for one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

VISIT: Final = "visit"
"""What it is called in an audit line's detail, a stay's details, an event."""
_present: ContextVar[str] = ContextVar("visit", default="")


def new_visit() -> str:
    """64 random bits, as people can read them out: no two visits of a factory have one."""
    return os.urandom(8).hex()


def present_visit() -> str:
    """ "" outside a visit."""
    return _present.get()


@contextmanager
def visiting(visit: str) -> Iterator[None]:
    """Inside, in this thread, all is done for this visit."""
    before = _present.set(visit)
    try:
        yield
    finally:
        _present.reset(before)
