# SPDX-License-Identifier: GPL-3.0-or-later
"""A thread of its own for a question that waits for something outside: a cloud, a board that is still to come.

The threads that all other questions share stay free for scans, keys and counters, however long it takes; and nobody
waits for it when the program ends.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Answer = TypeVar("Answer")


async def apart(question: Callable[[], Answer]) -> Answer:
    """What it answers or raises."""
    answered: Future[Answer] = Future()
    answered.set_running_or_notify_cancel()  # from here on it may be unwanted, but not called off

    def work() -> None:
        try:
            answered.set_result(question())
        except Exception as error:
            answered.set_exception(error)

    threading.Thread(target=work, name="apart", daemon=True).start()
    return await asyncio.wrap_future(answered)
