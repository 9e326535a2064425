# SPDX-License-Identifier: GPL-3.0-or-later
"""A question to a cloud or a board that a person need not wait for. It changes nothing: what comes of it after it was
given up is nobody's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from station.errors import StationError, defect

Answer = TypeVar("Answer")
_LOOK_S = 0.1


def unless_given_up(question: Callable[[], Answer]) -> Callable[[threading.Event], Answer | None]:
    """For `Asker.wait`: what it answers or raises; None once it was given up."""

    def wait(given_up: threading.Event) -> Answer | None:
        answers: list[Answer] = []
        troubles: list[StationError] = []

        def ask() -> None:
            try:
                answers.append(question())
            except StationError as error:
                troubles.append(error)
            except Exception as error:
                troubles.append(defect(error))

        asked = threading.Thread(target=ask, name="question", daemon=True)
        asked.start()
        while asked.is_alive() and not given_up.is_set():
            asked.join(_LOOK_S)
        if troubles:
            raise troubles[0]
        return answers[0] if answers else None

    return wait
