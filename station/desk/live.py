# SPDX-License-Identifier: GPL-3.0-or-later
"""`Desk` on a running bench. Every method is called off the UI thread; the bench runs in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from station.bench.audience import NOBODY, Audience
from station.bench.setup import labels_fed
from station.codes import Code
from station.desk.desk import (
    Batch,
    CertificateRow,
    Check,
    FeedItem,
    Found,
    Grant,
    Listener,
    Member,
    ProductStock,
    ProfileRow,
    ScanAnswer,
    Scanned,
    SlotRow,
)
from station.desk.fitting import Fitting
from station.desk.info import StationInfo
from station.desk.orders import Offer, Order, Orders
from station.desk.premises import Premises
from station.desk.pulls import OpenCloud, Pulls
from station.desk.reading import Reading
from station.errors import NeedsPerson, PortFault
from station.events import Asks, Event, Notice, SlotEvent
from station.intake.pull import How
from station.label import NotALabel
from station.ledger.disputes import Dispute
from station.ledger.locks import BY_HAND, STATION
from station.ledger.releasing import Released
from station.ledger.settling import Settled
from station.ledger.store import Ledger
from station.ledger.values import Sort
from station.model import BoardUid, CertName, IdentityKind, Secret, State
from station.people.badge import BADGE, badge_number
from station.people.pins import check_pin, supervisors
from station.people.shift import Shift, begin_shift, present_shift, rename_operator
from station.profiles.profile import Profile
from station.profiles.short_sets import require_short_sets
from station.report.counters import Counters
from station.report.shift import Doubt
from station.rules import Choice, Fate
from station.serial_number import NotASerial
from station.targets.scanner import SerialScanner
from station.targets.slots import SlotSpec
from station.words import english
from station.words.language import Words

if TYPE_CHECKING:
    from station.desk.products import OpenCatalogue
    from station.report.batch import BatchReport
    from station.report.handover import Handover
    from station.words.past import PastLine

_DISPUTES = 500
"""As many as a person looks through; the next ones come up when these are settled."""


class LiveDesk:
    """A context: inside it the bench runs, at its end the boards in hand are finished first.

    `words` tells the language reports are saved in; whoever has a screen sets it.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        profile: Profile,
        slots: Sequence[SlotSpec],
        premises: Premises,
        open_cloud: OpenCloud,
        open_catalogue: OpenCatalogue | None = None,
        orders: Orders | None = None,
        audience: Audience = NOBODY,
    ) -> None:
        self._ledger, self._premises = ledger, premises
        self.words: Callable[[], Words] = lambda: english.WORDS
        self._pulls = Pulls(ledger, open_cloud, self._tell)
        self._orders = orders
        self._open_catalogue = open_catalogue or partial(open_cloud, "")
        self._read = Reading(ledger.beside(), premises.name)
        self._listeners: list[Listener] = []
        self._audience = audience
        self._telling = ExitStack()  # what those outside need while the bench runs
        self._hear_outside: Callable[[Event], None] = lambda _event: None
        self._scanner: SerialScanner | None = None
        self._set_in_work = ""
        self._at_bench = threading.Lock()  # whoever says who works here: two at once would undo one another
        self._shift = present_shift(ledger) or begin_shift(ledger, "")  # as last seen
        ledger.operator = self._shift.operator
        self._read.use(profile)
        self.bench = premises.bench(ledger, profile, slots, self._hear)
        self.bench.slots.hears_scans = True
        self._fitting = Fitting(
            ledger, self.bench, slots, profiles_dir=premises.profiles_dir, config_file=premises.config_file
        )
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bench", daemon=True)

    def __enter__(self) -> LiveDesk:
        self._hear_outside = self._telling.enter_context(self._audience.told(self._tell, self._ledger))
        self._telling.enter_context(labels_fed(self.bench, self._premises.printer, self._tell))
        self._thread.start()
        if self._premises.scanner:
            self.start_scanner(self._premises.scanner)
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._scanner:
            self._scanner.close()
        self.bench.stop()
        self._thread.join()
        self._telling.close()
        if self._orders:
            self._orders.close()
        self._pulls.close()
        self._read.ledger.close()

    def _run(self) -> None:
        try:
            self.bench.run()
        finally:
            self._over.set()

    def wait(self) -> None:
        """Until the bench has ended its run, the boards in hand done."""
        self._over.wait()

    # -- events --------------------------------------------------------------------------------------------------------

    def _hear(self, event: Event) -> None:
        self._hear_outside(event)
        if isinstance(event, SlotEvent) and event.set_name:
            self._set_in_work = event.set_name
        if isinstance(event, SlotEvent) or not event.slot:  # what is about one slot is on its tile
            self._tell(event)

    def _tell(self, item: FeedItem) -> None:
        """To all, although one fails: the bench ends its run because of that, and the others must hear it."""
        failed: list[Exception] = []
        for listener in tuple(self._listeners):
            try:
                listener(item)
            except Exception as error:
                failed.append(error)
        if failed:
            raise failed[0]

    def start_scanner(self, path: str) -> None:
        """A serial one, at a USB topology or path; it may be plugged in later."""
        self._scanner = SerialScanner(path, self._scanned, self._scanner_lost)

    def _scanned(self, text: str) -> None:
        self._tell(Scanned(text=text))

    def _scanner_lost(self, fault: PortFault) -> None:
        self._tell(Notice(at=time.time(), code=Code.E315, what=fault.what, do=fault.do))

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        self.bench.slots.show_all(listener)
        return lambda: self._listeners.remove(listener)

    # -- the wall ------------------------------------------------------------------------------------------------------

    def station(self) -> StationInfo:
        """The shift may have been handed over from the command line meanwhile: then its operator signs from now on."""
        with self._at_bench:
            info = self._read.station(tuple(slot.name for slot in self._fitting.slots))
            shift = Shift(operator=info.operator, started=info.shift_started)
            if shift != self._shift:
                self._shift, self._ledger.operator = shift, shift.operator
        return info

    def counters(self) -> Counters:
        counters = self._read.counters()
        in_work = self._set_in_work
        return replace(counters, current_set=self._read.set_progress(in_work)) if in_work else counters

    def doubts(self) -> tuple[Doubt, ...]:
        return self._read.doubts()

    # -- the operator --------------------------------------------------------------------------------------------------

    def confirm(self) -> None:
        """As `again` of the slots."""
        self.bench.slots.again()

    def scan(self, text: str) -> ScanAnswer:
        if BADGE.fullmatch(text):
            badge = text.removeprefix("OP")
            self._signs(badge)
            return ScanAnswer(known=True, operator=badge)
        try:
            heard = self.bench.slots.hear(text)
        except NotALabel:
            return ScanAnswer(known=False, no_label=True)
        except NotASerial:
            return ScanAnswer(known=False, no_serial=True)
        if heard is None:
            return ScanAnswer(known=False)
        slot, asked = heard
        return ScanAnswer(known=True, slot=slot, is_serial=asked is Asks.SERIAL)

    def _signs(self, badge: str) -> None:
        """The operator from now on, or not at all when the ledger cannot be written."""
        with self._at_bench:
            before, self._ledger.operator = self._ledger.operator, badge
            try:
                shift = present_shift(self._ledger) or begin_shift(self._ledger, badge)
                self._shift = rename_operator(self._ledger, shift, badge)
            except BaseException:
                self._ledger.operator = before
                raise

    def close(self) -> None:
        if self.bench.writing:
            raise NeedsPerson("a board is being written", do="wait until it is done", code=Code.E609)
        self._fitting.close()
        self.bench.stop()
        self._thread.join()

    # -- the supervisor ------------------------------------------------------------------------------------------------

    def supervisors(self) -> tuple[str, ...]:
        return supervisors(self._read.ledger)

    def unlock(self, pin: Secret, name: str) -> Grant:
        return Grant(name=check_pin(self._ledger, pin, name=name, purpose="bench screen"))

    def products(self) -> ProductStock:
        from station.desk.products import list_products  # noqa: PLC0415 - as below

        return list_products(self._read.ledger, self._open_catalogue)

    def batches(self) -> tuple[Batch, ...]:
        return self._pulls.batches()

    def batch_report(self, batch_id: str) -> BatchReport:
        from station.report.batch import report_batch  # noqa: PLC0415 - the first paint waits for no paper

        return report_batch(self._ledger, batch_id)

    def save_batch(self, batch_id: str) -> str:
        from station.report.batch import save_batch  # noqa: PLC0415 - likewise
        from station.words.paper import batch_text  # noqa: PLC0415

        text = batch_text(self.batch_report(batch_id), self.words())
        return str(save_batch(self._ledger, batch_id, folder=self._premises.reports_dir, text=text))

    def offers(self) -> tuple[Offer, ...]:
        return self._orders.offers() if self._orders else ()

    def ask_above(self) -> int:
        return self._ordering().ask_above()

    def check_order(self, order: Order) -> str:
        return self._ordering().check(order)

    def place_order(self, name: str, pin: Secret, order: Order) -> tuple[str, ...]:
        return self._ordering().place(order, pin, name=name)

    def _ordering(self) -> Orders:
        assert self._orders is not None, "nothing was offered"
        return self._orders

    def start_pull(self, grant: Grant, batch_id: str, product_key: str = "", *, recheck: bool = False) -> None:
        self._ledger.audit.note("pull started", batch=batch_id, by=grant.name)
        how = How(with_product_secret=self.bench.profile.product_secret, recheck=recheck)
        self._pulls.start(batch_id, how, product_key=product_key)

    def stop_pull(self, grant: Grant, batch_id: str) -> None:
        self._ledger.audit.note("pull stopped", batch=batch_id, by=grant.name)
        self._pulls.stop(batch_id)

    def certificates(
        self, state: State | None, behind: str, limit: int, text: str = "", sort: Sort | None = None
    ) -> tuple[CertificateRow, ...]:
        from station.desk.searching import as_row  # noqa: PLC0415 - as above

        last = _named(behind) if behind else None
        rows = self._read.ledger.certificates.page(state=state, behind=last, limit=limit, text=text, sort=sort)
        return tuple(map(as_row, rows))

    def members(self, name: str) -> tuple[Member, ...]:
        found = self._read.ledger.certificates.search(name, limit=1)
        if not found or found[0].kind is IdentityKind.SINGLE:
            return ()
        return tuple(
            Member(channel=one.channel, name=str(one.name), state=one.state, uid=one.board_uid or "")
            for one in self._read.ledger.sets.members_of(found[0].identity_id)
        )

    def flash_without(self, grant: Grant, nvr: str, reason: str) -> None:
        name = _named(nvr)
        require_short_sets(self.bench.profile, name)
        self._ledger.short_sets.leave_out(name, reason, by=grant.name)

    def end_set(self, grant: Grant, nvr: str, reason: str) -> None:
        self._ledger.short_sets.end(_named(nvr), reason, by=grant.name)

    def search(self, text: str) -> Found:
        from station.desk.searching import find  # noqa: PLC0415 - as above

        return find(self._read.ledger, text)

    def last_in(self, slot: str) -> tuple[PastLine, ...]:
        from station.desk.stays import last_in  # noqa: PLC0415 - as above

        return last_in(self._ledger, slot)

    def let_back(self, grant: Grant, name: str, reason: str) -> Released:
        return self._ledger.withheld.let_back(_named(name), reason, by=grant.name)

    def let_batch_back(self, grant: Grant, batch_id: str, reason: str) -> Released:
        return self._ledger.withheld.let_batch_back(batch_id, reason, by=grant.name)

    def disputes(self) -> tuple[Dispute, ...]:
        return tuple(self._read.ledger.disputes.open(limit=_DISPUTES))

    def keep(self, grant: Grant, dispute: Dispute, choice: Choice, reason: str) -> Settled:
        return self._ledger.disputes.settle([dispute], choice, reason, by=grant.name)[0]

    def retire(self, grant: Grant, name: str, reason: str) -> None:
        self._ledger.retire(_named(name), reason, by=grant.name)

    def settle(self, grant: Grant, uid: str, fate: Fate, reason: str) -> None:
        self._ledger.strangers.settle(BoardUid(uid), fate, reason, by=grant.name)

    def vouch(self, grant: Grant, name: str, reason: str) -> None:
        self._ledger.strangers.vouch(_named(name), reason, by=grant.name)

    def slots(self) -> tuple[SlotRow, ...]:
        held = self._read.ledger.locks.held()
        return tuple(SlotRow(slot=slot.name, port=slot.path, lock=held.get(slot.name)) for slot in self._fitting.slots)

    def lock_slot(self, grant: Grant, slot: str | None, reason: str) -> None:
        self.bench.slots.lock(slot or STATION, BY_HAND, reason, by=grant.name)

    def unlock_slot(self, grant: Grant, slot: str | None, reason: str, *, told: Collection[Code]) -> None:
        self.bench.slots.unlock(slot or STATION, reason, by=grant.name, told=told)

    def hold(self) -> None:
        self.bench.slots.hold()

    def release(self) -> None:
        self.bench.slots.release()

    def new_slot(self) -> str:
        return self._fitting.new_slot()

    def learn_slot(self, grant: Grant, slot: str, given_up: threading.Event) -> str:
        return self._fitting.learn_slot(grant, slot, given_up)

    def profiles(self) -> tuple[ProfileRow, ...]:
        return self._fitting.profiles()

    def use_profile(self, grant: Grant, name: str) -> None:
        profile = self._fitting.use_profile(grant, name)
        self._read.use(profile)

    def dry_check(self, name: str, by_hand: Callable[[], None], given_up: threading.Event) -> tuple[Check, ...]:
        return self._fitting.dry_check(name, by_hand, given_up)

    def handover(self) -> Handover:
        from station.report.handover import take_stock  # noqa: PLC0415 - as above

        return take_stock(self._ledger, self.counters())

    def hand_over(self, badge: str) -> str:
        from station.desk.handing_over import hand_over  # noqa: PLC0415 - as above
        from station.words.paper import handover_text  # noqa: PLC0415

        to = badge_number(badge)
        with self._at_bench:
            report = self.handover()
            text = handover_text(report, self.words(), to=to)
            return str(hand_over(self._ledger, report, to, folder=self._premises.reports_dir, text=text))


def _named(name: str) -> CertName:
    product, _, device = name.partition("/")
    return CertName(product, device)
