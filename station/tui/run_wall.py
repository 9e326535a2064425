# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens the wall on a ledger, for `station board`."""

from __future__ import annotations

from collections.abc import Callable

from station.codes import Exit
from station.config.server_url import title_of
from station.config.settings import Config
from station.desk.wall_of_bench import WallOfBench
from station.desk.wall_of_line import WallOfLine
from station.ledger.view import look_at
from station.ledger.where import OnServer, where
from station.model import Language
from station.tui.ended import show_until_ended
from station.tui.line_wall import LineWallApp
from station.tui.wall import WallApp


def show_wall(config: Config, configure: Callable[[], Config], language: Language | None = None) -> Exit:
    """The wall board of this bench, or of the line that it is one of: reads the ledger, and can do nothing else.
    INTERRUPTED after a signal. `configure` reads the configuration again."""
    place, speaks = where(config), language or Language(config.text("bench.language"))
    if isinstance(place, OnServer):
        name, plan = title_of(place.url), int(config.number("line.plan"))
        with WallOfLine(name, lambda: look_at(place), plan=plan) as line:
            interrupted = show_until_ended(LineWallApp(line, speaks))
    else:
        with look_at(place) as ledger:
            interrupted = show_until_ended(WallApp(WallOfBench(ledger, config, configure), speaks))
    return Exit.INTERRUPTED if interrupted else Exit.OK
