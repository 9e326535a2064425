# SPDX-License-Identifier: GPL-3.0-or-later
"""The printer of a bench gets the label of each board that has passed, once, in the order they passed.

What waits stands in the ledger, in the visit's own line, so that it outlives a restart. That a label was printed is
written down before its first byte leaves: one that may have come out is never printed again unmarked. A printer that
does not print is said once, and tried again. It keeps no board waiting, but where the profile needs its labels none
begins until all that wait are printed.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy

from station.codes import Code
from station.errors import StationError, defect
from station.events import Notice
from station.ledger.printed import NotDone, OnLabel, PrintedBefore, Waiting
from station.ledger.store import Ledger
from station.logger import logger
from station.printing.picture import draw
from station.printing.printer import Printer, send
from station.printing.wire import encoded
from station.profiles.sticker import Sticker

_LOOK_S = 0.5
_LOG = logger("labels")
_AGAIN_S = 5.0
_LEAVES_S = 5.0
"""How long the end of a run goes on with what waits."""
_ENDS_S = 30.0
"""Of the label in hand: more than its steps may take."""

Stickers = Callable[[], Mapping[str, Sticker]]


@contextmanager
def fed(
    ledger: Ledger, printer: Printer, stickers: Stickers, say: Callable[[Notice], None]
) -> Iterator[Callable[[], None]]:
    """Inside, and once more at its end, for a moment. `stickers`: by profile, those that the bench prints now; no label
    is printed as another profile has it. What is given is asked before a board begins: StationFault while the profile
    needs its labels and one of them does not come out."""
    feeder = _Feeder(ledger, printer, stickers, say)
    if feeder.needed:  # what an earlier run left: no board is to begin before that is known
        feeder.try_to_print()
    thread = threading.Thread(target=feeder.run, name="labels", daemon=True)
    thread.start()
    try:
        yield feeder.require_printed
    finally:
        feeder.end()
        thread.join(_ENDS_S)


class _Feeder:
    def __init__(self, ledger: Ledger, printer: Printer, stickers: Stickers, say: Callable[[Notice], None]) -> None:
        self._ledger, self._printer, self._stickers, self._say = ledger, printer, stickers, say
        self._over = threading.Event()
        self._until = math.inf  # monotonic
        self._after, self._series = 0, 0  # the visit up to which nothing waits, as they were numbered then
        self._said: Code | None = None
        self._prints_not: StationError | None = None  # why a label waits, until none does any more
        self._refused: dict[int, StationError] = {}  # by identity: why its label cannot be drawn; said once

    def end(self) -> None:
        """What is left is printed as long as that; the rest waits in the ledger."""
        self._until = time.monotonic() + _LEAVES_S
        self._over.set()

    def run(self) -> None:
        """In a thread of its own; never raises."""
        while True:
            last = self._over.is_set()
            works = self._print_what_waits()
            if last:
                return
            self._over.wait(_LOOK_S if works else _AGAIN_S)

    def _print_what_waits(self) -> bool:
        """False where the printer, or the ledger, is the trouble."""
        trouble = self.try_to_print()
        if trouble is not None:
            self._tell(trouble)
            return False
        self._said = None
        return True

    def try_to_print(self) -> StationError | None:
        """Never raises: what kept it from it. Is not told."""
        try:
            if (series := self._ledger.visits.series) != self._series:
                self._after, self._series = 0, series
            waiting, newest = self._ledger.printed.waiting(after=self._after)
            stickers = self._stickers()
            ours = [one for one in waiting if one.profile in stickers]
            for one in ours:
                if time.monotonic() >= self._until:
                    return None
                self._print(one, stickers[one.profile])
        except StationError as trouble:
            if trouble.code is Code.E317:
                self._prints_not = trouble
            return trouble
        except Exception as error:  # whatever it is, the labels after it do not pay for it
            return defect(error)
        if not waiting:
            self._after = newest
        refused = (self._refused.get(one.identity_id) for one in ours)
        self._prints_not = next((why for why in refused if why is not None), None)
        return None

    @property
    def needed(self) -> bool:
        """Whether the bench's profile needs its labels."""
        return any(sticker.needed for sticker in self._stickers().values())

    def require_printed(self) -> None:
        why = self._prints_not
        if why is not None and self.needed:
            again = copy(why)
            again.means = "this profile's boards need their labels; none begins until all that wait are printed"
            if why.code is Code.E317:
                again.do = "see to the printer; it goes on by itself"
            raise again

    def _print(self, one: Waiting, sticker: Sticker) -> None:
        if one.identity_id in self._refused:
            return
        label = self._ledger.printed.on_label(one.identity_id)
        try:
            image = draw(sticker, label.fields, font=self._printer.font)
        except Exception as error:  # the labels after it do not wait for one that cannot be drawn
            why = error if isinstance(error, StationError) else defect(error)
            self._refused[one.identity_id] = self._prints_not = why
            self._tell(why)
            return
        self._send(label, sticker, encoded(sticker, image))

    def _send(self, label: OnLabel, sticker: Sticker, data: bytes) -> None:
        noted = False

        def note() -> None:
            nonlocal noted
            self._ledger.printed.note(label, copy=0)
            noted = True

        try:
            send(self._printer.where, sticker.language, data, leaves=note)
            _LOG.info("the label of %s is printed", label.fields["device"])
        except (PrintedBefore, NotDone):
            pass  # by another process, or by hand, at this moment; or a supervisor has retired it
        except StationError as trouble:
            if noted:
                self._tell_lost(label.fields["device"], trouble)
            raise

    def _tell_lost(self, device: str, trouble: StationError) -> None:
        """Of each one: nothing will print it again by itself."""
        do = f"look whether it came out; if not: station label print {device} --reason …"
        self._hear(trouble.code, f"{trouble.what}; the label of {device} may be lost", do)
        self._said = trouble.code

    def _tell(self, trouble: StationError) -> None:
        if self._said is not trouble.code:
            self._said = trouble.code
            self._hear(trouble.code, trouble.what, trouble.do)

    def _hear(self, code: Code, what: str, do: str) -> None:
        with suppress(Exception):  # who listened may be gone
            self._say(Notice(at=time.time(), code=code, what=what, do=do, serious=True))
