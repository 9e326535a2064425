# SPDX-License-Identifier: GPL-3.0-or-later
"""The slots of a bench side by side: which board is where, what keeps it from being started, and what each tile says.

Tiles follow from what is known: whoever changes that paints, and what is on a tile already is not told again.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from station import refusals
from station.bench.logged import log_unlocked
from station.bench.slot import Owed, Slot
from station.bench.tile import ENDING, tile
from station.codes import Code
from station.errors import StationError
from station.events import Asks, Event, Notice, SlotEvent
from station.flow.visit import Visit
from station.label import NotALabel, board_on
from station.ledger.believed import THIS_BENCH
from station.ledger.locks import STATION, Lock, what_ends
from station.ledger.scan_backs import OWED
from station.ledger.store import Ledger
from station.model import BoardUid, Port, State
from station.profiles.profile import Profile
from station.profiles.scanned_back import is_label_of
from station.rules import Outcome
from station.serial_number import says_none, serial_in

LOOK_S = 0.5
"""Between two looks at locks and doubts."""


class Slots:
    """Every method may be called from any thread. A tile is changed and told under the guard, so that whoever listens
    hears each slot's events in order; a listener must not wait for another thread that works on the bench."""

    def __init__(
        self,
        ledger: Ledger,
        profile: Profile,
        names: Sequence[str],
        tell: Callable[[Event], None],
        *,
        take_new: bool = True,
    ) -> None:
        self.profile, self._take_new = profile, take_new
        self._ledger, self._tell = ledger, tell
        self._slots = {name: Slot(name) for name in names}
        self._told: dict[str, SlotEvent] = {}  # by slot: what its tile says
        self.guard = threading.RLock()
        self._locks: dict[str, Lock] = {}  # as last read
        self.formerly: Mapping[str, Sequence[str]] = {}  # a slot's names by which it may still be locked
        self._looked_at = -math.inf  # monotonic
        self._broken_off: Lock | None = None
        self._holds = 0
        self._asked: Slot | None = None  # whose the next scan is
        self._lacks: StationError | None = None  # as last seen
        self.hears_scans = False  # whether somebody is there who can be asked for printed labels

    def __iter__(self) -> Iterator[Slot]:
        return iter(self._slots.values())

    def __getitem__(self, name: str) -> Slot:
        return self._slots[name]

    def add(self, names: Sequence[str]) -> None:
        """Those that are not here yet."""
        with self.guard:
            self._slots |= {name: Slot(name) for name in names if name not in self._slots}
            self.paint()

    def snapshot(self) -> list[SlotEvent]:
        """What each slot shows now."""
        with self.guard:
            return [self._told[slot.name] for slot in self if slot.name in self._told]

    def show_all(self, listener: Callable[[SlotEvent], None]) -> None:
        """Tell it what each slot shows now. Nothing changes meanwhile: what it hears by then or later is as new."""
        with self.guard:
            for event in self.snapshot():
                listener(event)

    def boards(self) -> list[Port]:
        """Where the boards are that are not in hand; those that wait come first."""
        with self.guard:
            slots = sorted(self, key=lambda slot: not slot.waits)
            return [slot.port for slot in slots if slot.port is not None and slot.working is None]

    def busy(self) -> int:
        """How many boards are in hand."""
        with self.guard:
            return sum(slot.working is not None for slot in self)

    def other_with(self, uid: BoardUid, slot: Slot) -> Slot | None:
        """The slot beside this one that holds that board."""
        with self.guard:
            return next((other for other in self if other is not slot and other.uid == uid), None)

    # -- people --------------------------------------------------------------------------------------------------------

    def scan(self, text: str) -> str | None:
        """As `hear`; the slot's name alone."""
        heard = self.hear(text)
        return heard and heard[0]

    def hear(self, text: str) -> tuple[str, Asks] | None:
        """Give what was scanned to the slot that asks for a label or a serial number; returns its name, and what it
        was. NotALabel, NotASerial: the slot goes on asking."""
        with self.guard:
            slot = self._asked
            if slot is None:
                return None
            asked = self._question(slot)
            if asked is None:
                return None
            if asked is Asks.PRINTED:
                self._scan_back(slot, text)
            else:
                slot.hear(self._understood(text, asked))
            self.paint()
            return slot.name, asked

    def _scan_back(self, slot: Slot, text: str) -> None:
        """NotALabel for any other one's; the tile says so, and asks again."""
        owes = slot.owes
        if owes is None:
            return
        if not is_label_of(self.profile, owes.label.fields, text):
            owes.error = refusals.label_of_another(owes.label.fields["device"])
            self.paint()
            raise NotALabel(owes.error.what)
        try:
            self._ledger.scan_backs.scanned(owes.label.identity_id, owes.label.board_uid, slot.name)
            self._recall_owed(slot)
        except StationError as trouble:
            owes.error = trouble
            return
        with suppress(StationError):
            self.read_locks()

    def _understood(self, text: str, as_what: Asks) -> str:
        if as_what is Asks.LABEL:
            board_on(text, self.profile.label)
            return text
        rule = self.profile.serial
        return "" if says_none(text) and not rule.is_required else serial_in(text, rule.pattern)

    @property
    def scans_first(self) -> tuple[Asks, ...]:
        """What of a board that comes is scanned before it is begun. Who takes no new identity knows the board's serial
        number."""
        label = (Asks.LABEL,) if self.profile.scan_label else ()
        return label + ((Asks.SERIAL,) if self.profile.serial.is_asked and self._take_new else ())

    def scans_again(self, code: Code) -> tuple[Asks, ...]:
        """After what was scanned was not of this board. Who had another board's label in hand had its serial too."""
        return (Asks.SERIAL,) if code is Code.E217 else self.scans_first

    def again(self) -> None:
        """Start over with every board whose visit ended because of a fault of the station. Where there is none, the
        doubt goes from the empty slot that alone still shows one: a person was there. It stays a doubt."""
        with self.guard:
            waiting = [(slot, slot.port) for slot in self if slot.waits_for_station]
            for slot, port in waiting:
                if port is not None:
                    self.plugged(slot, port)
            left = [slot for slot in self if slot.port is None and slot.ended_as(Outcome.IN_DOUBT)]
            if not waiting and len(left) == 1:
                left[0].vacate()
                self.paint()

    def unlock(self, scope: str, reason: str, *, by: str, told: Collection[Code] | None = None) -> None:
        """The supervisor `by` unlocks a slot, or the station (scope ""); see `Locks.unlock`."""
        lock = self._lock_of(scope)
        self._ledger.locks.unlock(lock.scope if lock else scope, reason, by=by, told=told)
        self.look()

    def lock(self, scope: str, code: Code, what: str, *, by: str = "") -> None:
        """Lock a slot, the station or this bench at once; `by` a supervisor, when one did it by hand."""
        shown = self._ledger.locks.lock(scope, code, what, by=by)
        slot = "" if scope == THIS_BENCH else scope
        notice = Notice(at=time.time(), code=code, what=shown, do=what_ends(code, what), serious=True, slot=slot)
        self._tell(notice)
        self.look()

    def hold(self) -> None:
        """No board is started until there was a `release` for each `hold`. A board in hand is never interrupted."""
        with self.guard:
            self._holds += 1
            self.paint()

    def release(self) -> None:
        """The boards that have waited are started."""
        with self.guard:
            self._holds -= 1
            self.paint()

    @property
    def are_held(self) -> bool:
        return self._holds > 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """A `hold` for the time of a block."""
        self.hold()
        try:
            yield
        finally:
            self.release()

    # -- what is known -------------------------------------------------------------------------------------------------

    def plugged(self, slot: Slot, port: Port) -> None:
        """While its board is in hand, that one after a reset or another one: `after` tells when the visit is over."""
        if slot.working is not None:
            slot.port, slot.replugged = port, True
            return
        came_back = slot.came_back(port)
        if came_back is not None:
            slot.take_back(port, came_back)
        else:
            slot.receive(port, wants=self.scans_first)
        self.paint()

    def unplugged(self, slot: Slot) -> None:
        if slot.working is not None:
            slot.port = None
            return
        slot.empty()
        self.paint()

    def lock_on(self, slot: Slot) -> Lock | None:
        """The end of the run before the station's lock before the slot's own, as last read, before what it owes."""
        owed = slot.owes.lock if slot.owes is not None else None
        return self._broken_off or self._locks.get(STATION) or self._lock_of(slot.name) or owed

    def _lock_of(self, name: str) -> Lock | None:
        return next((self._locks[one] for one in (name, *self.formerly.get(name, ())) if one in self._locks), None)

    def owe(self, slot: Slot, identity_id: int, *, demanded: bool) -> None:
        """The label that is printed for the board that was done in it is to be scanned back."""
        with self.guard:
            slot.owes = Owed(label=self._ledger.printed.on_label(identity_id), demanded=demanded)

    def remember_owed(self) -> None:
        """What an earlier run left. A StationError when the ledger cannot be read."""
        with self.guard:
            for slot in self:
                self._ledger.scan_backs.adopt(slot.name)
                self._recall_owed(slot)

    def _recall_owed(self, slot: Slot) -> None:
        """As the ledger has it."""
        identity_id = self._ledger.scan_backs.owed(slot.name)
        if identity_id is None:
            slot.owes = None
        elif slot.owes is None or slot.owes.label.identity_id != identity_id:
            self.owe(slot, identity_id, demanded=True)

    def break_off(self, end: Lock) -> None:
        """No board is begun here any more, and no unlock changes that."""
        with self.guard:
            self._broken_off = end
            self.paint()

    def read_locks(self) -> None:
        """A StationError when the ledger cannot be read."""
        self._locks = self._ledger.locks.held()

    def look_now_and_then(self) -> bool:
        """A `look`, LOOK_S after the last one; whether it was time."""
        due = time.monotonic() - self._looked_at >= LOOK_S
        if due:
            self.look()
        return due

    @property
    def are_stocked(self) -> bool:
        """Whether there was an identity for the next board when it was last looked."""
        return self._lacks is None or not self._lacks.code.lacks_stock

    def lack(self, what: StationError | None) -> None:
        """What would keep the next board waiting; None where nothing would. ENDING stays."""
        with self.guard:
            if self._lacks is not ENDING:
                self._lacks = what
            self.paint()

    def look(self) -> None:
        """See what others may have changed in the ledger. Where it cannot be read, the tiles stay as they are: it is
        told when a board is to be started."""
        with self.guard:
            self._looked_at = time.monotonic()
            locked = [slot for slot in self if self.lock_on(slot) is not None]
            with suppress(StationError):
                self.read_locks()
                for slot in self:
                    self._see_what_it_owes(slot)
                for slot in self:
                    if slot.ended_as(Outcome.IN_DOUBT) and self._is_settled(slot):
                        self._settle(slot)
            for slot in locked:
                if self.lock_on(slot) is None:
                    log_unlocked(slot.name)
                    self._unlocked(slot)
            self.paint()

    def _see_what_it_owes(self, slot: Slot) -> None:
        """A supervisor may have waived it, from the command line too. What keeps an empty slot from its next board is
        in the ledger, for a supervisor to see."""
        if slot.owes is not None and slot.owes.demanded and slot.name not in self._locks:
            self._recall_owed(slot)
        owes = slot.owes
        if owes is None:
            return
        if self.hears_scans and not owes.printed:
            owes.printed = self._ledger.printed.copies(owes.label.identity_id) > 0
        if owes.lock is None or slot.name in self._locks:
            return
        if slot.working is None and slot.ended is None:
            self._ledger.locks.lock(slot.name, owes.lock.code, owes.lock.what)
            self.read_locks()

    def _unlocked(self, slot: Slot) -> None:
        """The board that raised the alarm is looked at again, unless it is to be set aside: it would raise it anew."""
        if slot.ended_as(Outcome.ALARM) and not slot.is_set_aside:
            slot.ended = None
            if slot.port is not None:
                self.plugged(slot, slot.port)

    def _is_settled(self, slot: Slot) -> bool:
        """Whether its board, left in doubt, is so no longer: it was done in another slot, or retired."""
        board = slot.ended.visit.board if slot.ended is not None else None
        known = self._ledger.bound_to(board.uid) if board is not None else None
        return known is None or known.state not in (State.IN_DOUBT, State.WRITING)

    def _settle(self, slot: Slot) -> None:
        """Nobody waits for that board any more. One that is still here goes."""
        if slot.port is None:
            slot.vacate()
        else:
            slot.settled = True

    # -- what is shown -------------------------------------------------------------------------------------------------

    def went_on(self, slot: Slot, visit: Visit) -> None:
        """Its board's visit has come so far."""
        with self.guard:
            slot.visit = visit
            self._paint(slot)

    def paint(self) -> None:
        """Where no board is in hand, what the slot says now, if it is something else than before."""
        self._choose_asked()
        for slot in self:
            if slot.working is None:
                self._paint(slot)

    def _paint(self, slot: Slot) -> None:
        asks = self._question(slot) if slot is self._asked else None
        event = tile(slot, self.lock_on(slot), held=self.are_held, asks=asks, lacks=self._lacks)
        before = self._told.get(slot.name)
        if before is None or not event.says_the_same(before):
            self.show(event)

    def _choose_asked(self) -> None:
        """One slot at a time asks for its scans, until it has them; the next is the one that has waited longest. What
        is only offered comes behind what a board waits for."""

        def is_offered(slot: Slot) -> bool:
            return self._question(slot) is Asks.PRINTED and slot.owes is not None and not slot.owes.demanded

        if self._asked is None or self._question(self._asked) is None or is_offered(self._asked):
            waiting = [slot for slot in self if self._question(slot) is not None]
            self._asked = min(waiting, key=lambda slot: (is_offered(slot), slot.plugged_at), default=None)

    def _question(self, slot: Slot) -> Asks | None:
        """What it would be scanned for, if it were its turn."""
        lock = self.lock_on(slot)
        if self.are_held or self._lacks is ENDING or (lock is not None and lock.code is not OWED):
            return None
        if slot.wants and slot.waits and lock is None:
            return slot.wants[0]
        is_due = slot.owes is not None and slot.owes.printed and slot.working is None
        return Asks.PRINTED if is_due and self.hears_scans else None

    def show(self, event: SlotEvent) -> None:
        """Under the guard."""
        self._told[event.slot] = event
        self._tell(event)
