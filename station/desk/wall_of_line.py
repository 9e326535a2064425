# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board of a line reads the ledger that its benches share, on a connection of its own that only reads: no
claim waits for it. A server that is away is asked for again at the next look.
"""

from __future__ import annotations

from collections.abc import Callable

from station.codes import Then
from station.errors import StationError
from station.ledger.view import View
from station.report.line import LineNumbers, line_numbers


class WallOfLine:
    """`open_view` reaches the ledger. A context: what it raises at first is raised, unless it is waited out."""

    def __init__(self, name: str, open_view: Callable[[], View], *, plan: int = 0) -> None:
        self.name = name
        self._open, self._plan = open_view, plan
        self._view: View | None = None

    def __enter__(self) -> WallOfLine:
        try:
            self._view = self._open()
        except StationError as error:
            if Then.WAITED_OUT not in error.code.then:
                raise
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._view is not None:
            self._view.close()

    def numbers(self) -> LineNumbers:
        if self._view is None:
            self._view = self._open()
        return line_numbers(self._view, plan=self._plan)
