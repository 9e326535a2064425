# SPDX-License-Identifier: GPL-3.0-or-later
"""The printer of a bench gets the label of each board that has passed, once, in the order they passed.

What waits stands in the ledger, in the visit's own line, so that it outlives a restart. That a label was printed is
written down before its first byte leaves: one that may have come out is never printed again unmarked. A printer that
does not print keeps no board waiting; it is said once, and tried again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from station.codes import Code
from station.errors import ConfigError, StationError
from station.events import Notice
from station.ledger.printed import Waiting
from station.ledger.store import Ledger
from station.printing.picture import draw
from station.printing.printer import Printer, send
from station.printing.wire import encoded
from station.profiles.sticker import Sticker

_LOOK_S = 0.5
_AGAIN_S = 5.0


@contextmanager
def fed(
    ledger: Ledger, printer: Printer, sticker: Callable[[], Sticker | None], say: Callable[[Notice], None]
) -> Iterator[None]:
    """Inside, and once more at its end. `sticker`: of the bench's profile as it is now."""
    feeder = _Feeder(ledger, printer, sticker, say)
    thread = threading.Thread(target=feeder.run, name="labels", daemon=True)
    thread.start()
    try:
        yield
    finally:
        feeder.over.set()
        thread.join()
        feeder.print_what_waits()


class _Feeder:
    def __init__(
        self, ledger: Ledger, printer: Printer, sticker: Callable[[], Sticker | None], say: Callable[[Notice], None]
    ) -> None:
        self._ledger, self._printer, self._sticker, self._say = ledger, printer, sticker, say
        self.over = threading.Event()
        self._after = 0  # the visit up to which nothing waits
        self._said: Code | None = None
        self._refused: set[int] = set()  # identities whose label cannot be drawn: said once

    def run(self) -> None:
        while not self.over.wait(_LOOK_S if self.print_what_waits() else _AGAIN_S):
            pass

    def print_what_waits(self) -> bool:
        """False where the printer, or the ledger, is the trouble."""
        try:
            waiting, newest = self._ledger.printed.waiting(after=self._after)
            for one in waiting:
                self._print(one)
        except StationError as trouble:
            self._tell(trouble)
            return False
        if not waiting:
            self._after = newest
        self._said = None
        return True

    def _print(self, one: Waiting) -> None:
        sticker = self._sticker()
        if sticker is None or one.identity_id in self._refused:
            return
        label = self._ledger.printed.on_label(one.identity_id)
        try:
            image = draw(sticker, label.fields, font=self._printer.font)
        except ConfigError as error:
            self._refused.add(one.identity_id)
            self._tell(error)
            return
        data = encoded(sticker, image)
        send(self._printer.where, sticker.language, data, leaves=lambda: self._ledger.printed.note(label, copy=0))

    def _tell(self, trouble: StationError) -> None:
        if self._said is not trouble.code:
            self._said = trouble.code
            self._say(Notice(at=time.time(), code=trouble.code, what=trouble.what, do=trouble.do, serious=True))
