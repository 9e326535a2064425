# SPDX-License-Identifier: GPL-3.0-or-later
"""Many slots at once: boards come and go, each slot has one worker, nobody waits for a neighbour.

The bench turns plug and unplug into flows, flows into events, outcomes into visits and lock-outs. Listeners are called
from any thread with frozen events, one event of a slot at a time, and must return soon: the other slots wait meanwhile.
One that raises ends the run after the boards in hand. The bench starts no board while its slot or the station is locked
or the bench is held, and none after `stop`. Locks and doubts that others lift, at another bench or from the command
line, are noticed within `slots.LOOK_S`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from station.bench.logged import log_notice
from station.bench.one_core import stay_on_one_core
from station.bench.outcome import Tally
from station.bench.slot import After, Ended, Slot, after, is_waited_out, wants_stock
from station.bench.slots import Slots
from station.bench.stays import Stays
from station.bench.tile import ENDING, of_ended
from station.codes import Code, Exit
from station.errors import IntegrityAlarm, NeedsPerson, NoCertificates, StationError, StationFault, place_of
from station.events import Event, Notice, Phase
from station.flow.flow import flash
from station.flow.visit import FREE, Job, Permit, Visit, wanted_by
from station.ledger.locks import STATION, Lock
from station.ledger.store import Ledger
from station.ledger.values import Takes
from station.model import BoardUid, IdentityKind, Port
from station.profiles.profile import Profile
from station.rules import Outcome
from station.targets import is_ours
from station.targets.base import Target
from station.targets.hotplug import PortAppeared, PortEvent, PortWatcher
from station.targets.slots import SlotSpec
from station.visiting import new_visit, visiting

MOST_SLOTS = 16
"""A screen shows so many, and a supervisor may add slots up to it."""
_TICK_S = 0.1
_RETRY_S = 2.0
"""Between two looks at a ledger that has nothing to give or cannot be read."""
_LEFT_S = 20.0
"""Between two looks at what other benches of a line left behind."""
_NO_STOCK = NoCertificates("no identities left", do="pull another batch")
_JUST_SEEN = frozenset({(Phase.CONSUME, 0.0), (Phase.VERIFY, 1.0)})
"""Steps, and how far, when the board has just shown what it holds: a port that comes after that is another one's."""
_START_AGAIN = "end the station and start it again"


class Bench:
    """One bench. `run` blocks; every other method may be called from any thread."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        target: Target,
        profile: Profile,
        slots: Sequence[str],
        watcher: PortWatcher,
        listen: Callable[[Event], None],
        write_attempts: int = 2,
        take_new: bool = True,
    ) -> None:
        self.ledger = ledger
        self.slots = Slots(ledger, profile, slots, self._tell, take_new=take_new)
        self.tally = Tally()
        self.deaf: Exception | None = None  # what a listener raised: the run ends because of it
        self._target, self._watcher, self._listen = target, watcher, listen
        self.permit: Permit = FREE  # what the factory wants of boards that begin; set before the run
        self.give_way: Callable[[], None] = lambda: None  # see `Job`; set before the run
        self._write_attempts, self._take_new = write_attempts, take_new
        self.tell_stay: Callable[[int], None] = lambda _number: None
        """Hears of each stay as soon as it is in the history, by its number."""
        self.stays = Stays(ledger, self.slots, self.tally, tell=self._tell, heard=self._tell_stay)
        self.require_printed: Callable[[], None] = lambda: None  # before a board begins: of those before it
        self._stopping = threading.Event()
        self._aborting = threading.Event()
        where = stay_on_one_core if is_ours(profile.target) else None
        self._pool = ThreadPoolExecutor(max(MOST_SLOTS, len(slots)), "slot", initializer=where)
        self._count: int | None = None
        self._waits = False  # for boards, and for what is waited out
        self._waits_for_stock = True
        self._order_has_all: NeedsPerson | None = None  # as last seen
        self._take_over_at = time.monotonic() + _LEFT_S
        self._reassigned: tuple[SlotSpec, ...] = ()  # not yet told to the watcher

    # -- running -------------------------------------------------------------------------------------------------------

    def run(self, *, count: int | None = None, watch: bool = True, waits_for_stock: bool = True) -> Tally:
        """Until `stop`; or until `count` boards passed; or, without `watch`, until the boards present are done; or,
        without `waits_for_stock`, until nothing is left for a board and none is in hand, which is told as E500, or E640
        for a work order that has its boards.

        What ends it early, after the boards in hand, is told as E331, and every slot says so from then on.
        """
        self._count, self._waits, self._waits_for_stock = count, watch, waits_for_stock
        try:
            self._work_until_finished(watch=watch)
        except Exception as error:  # nobody sees boards come and go any more
            self._ended_early(error)
        finally:
            self._stopping.set()
            self._pool.shutdown(wait=True)
            self._watcher.close()
        self._count_what_waits()
        if self.deaf is not None:
            self._ended_early(self.deaf)
        return self.tally

    def _work_until_finished(self, *, watch: bool) -> None:
        self._lock_on_broken_chain()
        self.stays.say_beforehand()
        with suppress(StationError):  # the locks that are in the ledger stand all the same
            self.slots.remember_owed()
        first = True
        while not self._finished(watch=watch, first=first):
            if self.slots.look_now_and_then() and self._take_new:
                self.slots.lack(self._what_is_lacking())
                with suppress(StationError):  # it is told when a board is to be started
                    self._look_at_the_order()
            self._take_over_from_the_dead()
            self._reassign()
            if self._stopping.is_set():
                self.slots.lack(ENDING)
            for event in self._watcher.events(0.0 if first and not watch else _TICK_S):
                self._follow(event)
            with self.slots.guard:
                for slot in self.slots:
                    self._consider(slot)
            first = False

    def _take_over_from_the_dead(self) -> None:
        """Of a line: a bench that is gone still has identities in its hands. A file's next opening sees to that."""
        if self.ledger.bench and time.monotonic() >= self._take_over_at:
            self._take_over_at = time.monotonic() + _LEFT_S
            with suppress(StationError):
                self.ledger.recover(own=False)

    def _follow(self, event: PortEvent) -> None:
        with self.slots.guard:
            slot = self.slots[event.port.slot]
            if isinstance(event, PortAppeared):
                self.slots.plugged(slot, event.port)
            else:
                if slot.paused is not None and slot.paused.visit.married:  # it was to go on, and does not
                    self.tally.count(slot.paused.visit)
                self.slots.unplugged(slot)

    def _ended_early(self, error: Exception) -> None:
        """Kind and place of what nobody foresaw; its text may quote anything."""
        why = f"{error.code} {error.what}" if isinstance(error, StationError) else place_of(error)
        end = Lock(scope=STATION, code=Code.E331, what=f"the run ended early: {why}", since="")
        self.slots.break_off(end)
        self.tally.note(error.exit if isinstance(error, StationError) else Exit.STATION_FAULT)
        self._tell(Notice(at=time.time(), code=end.code, what=end.what, do=_START_AGAIN, serious=True))

    def _lock_on_broken_chain(self) -> None:
        try:
            self.ledger.audit.verify_recent()
        except IntegrityAlarm as alarm:
            self.stays.alarm(alarm)

    def stop(self, *, abort: bool = False) -> None:
        """No new boards; the boards in hand are finished. With `abort` they are left where they are, in doubt."""
        self._stopping.set()
        if abort:
            self._aborting.set()

    def use(self, target: Target, profile: Profile) -> None:
        """Another profile for the boards whose visit has not begun. NeedsPerson E609 while one is in hand."""
        with self.slots.guard:
            self.require_idle()
            self._target, self.slots.profile = target, profile
            for slot in self.slots:
                if slot.port is not None and slot.waits:
                    self.slots.plugged(slot, slot.port)
            self.stays.say_beforehand()

    def assign(self, slots: Sequence[SlotSpec]) -> None:
        """Other ports for these slots; one that is new is added. Boards that stay where they are, and what the tile
        says of them, are left alone. NeedsPerson E609 while one is in hand."""
        with self.slots.guard:
            self.require_idle()
            self.slots.add([slot.name for slot in slots])
            self.stays.say_beforehand()
            self._reassigned = tuple(slots)

    def _reassign(self) -> None:
        with self.slots.guard:
            slots, self._reassigned = self._reassigned, ()
        if slots:
            self._watcher.assign(slots)

    def require_idle(self) -> None:
        """NeedsPerson E609 while a board is in hand; while the bench is held, none comes in hand."""
        if self.writing:
            raise NeedsPerson("a board is being written", do="wait until no slot is busy", code=Code.E609)

    @property
    def writing(self) -> bool:
        """Whether a board is in hand now."""
        return self.slots.busy() > 0

    @property
    def profile(self) -> Profile:
        """What the boards that come now are flashed by."""
        return self.slots.profile

    # -- slots ---------------------------------------------------------------------------------------------------------

    def _consider(self, slot: Slot) -> None:
        """Start the board in this slot when it is due and allowed."""
        port = slot.port
        if port is None or not self._may_begin(slot):
            return
        try:
            self.slots.read_locks()
            locked = self.slots.lock_on(slot) is not None
            if not locked:
                self.require_printed()
            lacks_stock = not locked and slot.starved and not self._stocked()
        except StationError as trouble:
            self._cannot_start(slot, trouble)
            return
        if locked:
            self._turn_away(slot)
        elif lacks_stock:
            slot.due_at = time.monotonic() + _RETRY_S
        elif not slot.wants:
            visit = slot.goes_on or new_visit()
            slot.begin(self._pool.submit(self._work, slot, port, visit, slot.label, slot.serial))

    def _may_begin(self, slot: Slot) -> bool:
        """As far as can be told without the ledger."""
        due = slot.due_at is not None and time.monotonic() >= slot.due_at
        if not slot.waits or not due or self.slots.are_held or self._stopping.is_set():
            return False
        if slot.wants and self.slots.lock_on(slot) is None:
            return False
        return self._count is None or self.tally.passed + self.slots.busy() < self._count

    def _turn_away(self, slot: Slot) -> None:
        if not slot.turned_away:
            slot.turned_away = True
            self.tally.note(Exit.PERSON_NEEDED)
            self.slots.paint()

    def _what_is_lacking(self) -> StationError | None:
        """What would keep the next board waiting."""
        try:
            self.require_printed()
            if self.permit.order is not None:
                self.ledger.work_orders.require_room(self.permit.order)
            return None if self._stocked() else _NO_STOCK
        except StationError as trouble:
            return trouble

    def _stocked(self) -> bool:
        return self.ledger.has_stock(*self._wanted())

    def _wanted(self) -> tuple[tuple[str, ...], IdentityKind, Takes]:
        return wanted_by(self.profile, self.permit.batches)

    def _cannot_start(self, slot: Slot, trouble: StationError) -> None:
        is_told = slot.trouble is not None and slot.trouble.code == trouble.code
        if not (is_told or self._goes_on_after(trouble)):
            self.tally.note(trouble.exit)
        slot.wait(_RETRY_S, trouble, slot.paused)
        self.slots.paint()

    def _work(self, slot: Slot, port: Port, visit: str, label: str | None, serial: str) -> None:
        with visiting(visit):
            self._visit(slot, port, label, serial)

    def _visit(self, slot: Slot, port: Port, label: str | None, serial: str) -> None:
        started = time.monotonic()
        visit = flash(self._job(slot), port, label=label, serial=serial)
        seconds = time.monotonic() - started
        goes_on = self._goes_on_after(visit.error)
        try:
            if not goes_on:
                with self.slots.guard:
                    self.tally.count(visit)
            if not goes_on and visit.outcome is not Outcome.REMOVED:
                self.give_way()
                self.stays.record(visit, seconds)
        finally:
            self._over(slot, visit, seconds)
        error = None if goes_on else visit.error
        if error is not None and (error.exit is Exit.INTEGRITY or visit.outcome is Outcome.STATION_FAULT):
            serious = error.exit is Exit.INTEGRITY
            self._tell(Notice(at=time.time(), code=error.code, what=error.what, do=error.do, serious=serious))

    def _goes_on_after(self, error: StationError | None) -> bool:
        """Whether that is waited out: it counts where the run ends with it, and nowhere else."""
        return self._waits and is_waited_out(error)

    def _count_what_waits(self) -> None:
        for slot in self.slots:
            if slot.waits and is_waited_out(slot.trouble) and slot.trouble is not None:
                self.tally.note(slot.trouble.exit)
                if slot.paused is not None:
                    self.tally.count(slot.paused.visit)

    def _over(self, slot: Slot, visit: Visit, seconds: float) -> None:
        ended = Ended(visit=visit, seconds=seconds, at=time.time(), monotonic=time.monotonic())
        wrong_scan = visit.outcome is Outcome.WRONG_LABEL
        with self.slots.guard:
            then = after(visit, slot.port, replugged=slot.replugged)
            slot.leave_hand()
            if then is After.WAIT:
                slot.starved = wants_stock(visit)
                slot.wants = self.slots.scans_again(visit.error.code) if wrong_scan and visit.error else ()
                slot.wait(0.0 if wrong_scan else _RETRY_S, visit.error, ended)
            else:
                slot.end(ended)
            if not wrong_scan:  # otherwise the tile says so when it is its turn to ask again
                self.slots.show(of_ended(ended))
            if then is After.GONE:
                slot.lose()
            elif then is After.ANEW and slot.port is not None:
                self.slots.plugged(slot, slot.port)
                if wants_stock(visit) and not slot.wants:  # nothing is left for any board
                    slot.starved = True
                    slot.wait(_RETRY_S, visit.error)
            self.slots.paint()

    def _job(self, slot: Slot) -> Job:
        def tell(visit: Visit) -> None:
            if self._aborting.is_set():
                raise StationFault("interrupted", do="put the board back in any slot", code=Code.E330)
            self._tell_visit(slot, visit)

        return Job(
            ledger=self.ledger,
            target=self._target,
            profile=self.profile,
            tell=tell,
            other_slot=lambda uid: self._other_slot(slot, uid),
            write_attempts=self._write_attempts,
            take_new=self._take_new,
            permit=self.permit,
            give_way=self.give_way,
        )

    def _other_slot(self, slot: Slot, uid: BoardUid) -> str | None:
        while True:
            with self.slots.guard:
                other = self.slots.other_with(uid, slot)
                if other is None:
                    slot.uid = uid
                    return None
                if other.port is not None or self._aborting.is_set():
                    return f"slot {other.name}"
            time.sleep(_TICK_S)  # it was pulled out there and put in here: that slot is about to notice

    def _finished(self, *, watch: bool, first: bool) -> bool:
        with self.slots.guard:
            if self.slots.busy():
                return False
            if self._stopping.is_set() or (self._count is not None and self.tally.passed >= self._count):
                return True
            if not (first or self._waits_for_stock) and self._nothing_can_come():
                return True
            return not watch and not first

    def _nothing_can_come(self) -> bool:
        """No stock or no room in the order as last seen, and no board that may do without: one in doubt, or done."""
        if any(slot.waits and not slot.starved for slot in self.slots if slot.port):
            return False
        if self._order_has_all is not None:  # or had: one that was in hand may have been given back
            with suppress(StationError):
                self._look_at_the_order()
        if (full := self._order_has_all) is not None:
            self.tally.note(full.exit)
            self._tell(Notice(at=time.time(), code=full.code, what=full.what, do=full.do, serious=True))
            return True
        if self.slots.are_stocked:
            return False
        self.tally.note(Exit.NO_CERTIFICATES)
        if not any(slot.starved for slot in self.slots):  # nobody has said so yet
            with suppress(StationError):
                self._say_what_is_left()
        return True

    def _look_at_the_order(self) -> None:
        if self.permit.order is None:
            return
        try:
            self.ledger.work_orders.require_room(self.permit.order)
            self._order_has_all = None
        except NeedsPerson as full:
            self._order_has_all = full

    def _say_what_is_left(self) -> None:
        try:
            self.ledger.peek(*self._wanted())
        except NoCertificates as none:
            self._tell(Notice(at=time.time(), code=none.code, what=none.what, do=none.do, serious=True))

    # -- telling -------------------------------------------------------------------------------------------------------

    def _tell_visit(self, slot: Slot, visit: Visit) -> None:
        with self.slots.guard:
            if (visit.phase, visit.fraction) in _JUST_SEEN:
                slot.replugged = False
            self.slots.went_on(slot, visit)

    def _tell_stay(self, number: int) -> None:
        try:
            self.tell_stay(number)
        except StationError:
            raise
        except Exception as error:
            self.unheard(error)

    def _tell(self, event: Event) -> None:
        if isinstance(event, Notice):
            log_notice(event)
        try:
            self._listen(event)
        except Exception as error:  # the board in hand must not pay for it
            self.unheard(error)

    def unheard(self, error: Exception) -> None:
        """Nobody hears of the boards any more: the run ends after those in hand. From any thread."""
        self.deaf = self.deaf or error
        self.tally.note(Exit.STATION_FAULT)
        self.stop()
