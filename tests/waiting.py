# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a test waits for what must come. What comes ends the wait at once, so it is long: a busy machine takes many
times as long as a quiet one. No test says that something was quick; what must not wait for another is tried while that
one is held up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

PATIENCE_S = 60.0
Answer = TypeVar("Answer")


def until(ask: Callable[[], Answer | None], why: Callable[[], object] = lambda: "it never came") -> Answer:
    """Its first answer that is true; `why` tells what was there instead."""
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := ask()):
        assert time.monotonic() < deadline, why()
        time.sleep(0.01)
    return answer


def is_gone(pid: int) -> bool:
    """A zombie counts: nobody here has to reap it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
