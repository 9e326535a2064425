# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a bench without a screen: events as JSON lines on stdout or as text on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from station.bench.audience import NOBODY, Audience
from station.bench.bench import Bench
from station.bench.lines import Phrasing, Stream, lines, say
from station.bench.outcome import Tally
from station.bench.setup import labels_fed, make_bench
from station.bench.signals import stopped_by_signals
from station.codes import Code, Exit
from station.errors import PortFault, UsageError, most_serious
from station.events import Asks, Event, SlotEvent
from station.flow.visit import FREE, Permit, wanted_by
from station.label import NotALabel, board_on
from station.ledger.store import Ledger
from station.model import State
from station.outbox.event import event_of
from station.profiles.profile import Profile
from station.profiles.sticker import ScanBack
from station.rules import USUAL, Counted, LockOut
from station.serial_number import NONE, NotASerial, says_none, serial_in
from station.targets.slots import SlotSpec
from station.visiting import present_visit

if TYPE_CHECKING:
    from station.printing.printer import Printer


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """What a run is asked to do. By default: the boards present now, once."""

    count: int | None = None
    """end after so many boards have passed"""
    watch: bool = False
    """wait for boards until a signal comes"""
    waits_for_stock: bool = False
    """with a count, do not end when nothing is left for a board"""
    write_attempts: int = 2
    permit: Permit = FREE
    lock_out: LockOut | None = USUAL
    """None: whatever fails, boards are begun"""
    take_new: bool = True
    """False: only boards that have their identity already"""
    label: str | None = None
    """what was scanned for the one board of this run"""
    serial: str | None = None
    """likewise, of its product serial number"""


def run_headless(
    ledger: Ledger,
    profile: Profile,
    slots: Sequence[SlotSpec],
    order: RunOrder,
    phrasing: Phrasing,
    *,
    stream: Stream | None = None,
    audience: Audience = NOBODY,
    printer: Printer | None = None,
) -> Exit:
    """Run until done, told as JSON lines or in `phrasing`, and return the run's exit code. PortFault E313 when not one
    board was there."""
    started = time.monotonic()
    heard: list[Callable[[Event], None]] = []  # by whom, once they hear

    def listen(event: Event) -> None:
        for hear in heard:
            hear(event)

    bench = bench_for(ledger, profile, slots, order, listen)
    # The second of two signals may come when the bench has ended already: nothing that follows is cut off by it.
    with stopped_by_signals(bench) as interrupted, lines(stream, phrasing, ledger, bench.unheard) as told:
        if told.stay is not None:
            bench.tell_stay = partial(_tell_stay, ledger, told.stay)
        with audience.told(told.tell, ledger) as hear:
            heard += [hear, told.tell]
            with labels_fed(bench, printer, listen):
                tally = run_bench(bench, order)
        said = bench.deaf is not None and stream is not Stream.ALL  # as a notice, which is talk
        told.summary(summarise(ledger, bench, seconds=time.monotonic() - started))
    if bench.deaf is not None and not said:
        with suppress(OSError):  # it may be the very reader who has gone
            say(phrasing.ended_early(type(bench.deaf).__name__))
    if interrupted.is_set():
        return most_serious([tally.exit, Exit.INTERRUPTED])
    require_boards(tally, slots)
    return tally.exit


def _tell_stay(ledger: Ledger, tell: Callable[[Mapping[str, object]], None], number: int) -> None:
    """As the outbox tells it, and by whom it was done, which stays in this house. In the thread of its visit."""
    if stay := ledger.outbox.lasting(number, present_visit()):
        tell({**event_of(stay, ledger.bench_name).content, "operator": stay.operator or None})


def bench_for(
    ledger: Ledger, profile: Profile, slots: Sequence[SlotSpec], order: RunOrder, listen: Callable[[Event], None]
) -> Bench:
    """A bench that scans the order's label and serial number where its board asks for them. UsageError for what fits no
    board."""
    require_scans(profile, order, len(slots))

    def hear(event: Event) -> None:
        listen(event)
        if isinstance(event, SlotEvent) and (scan := _answer(event, order)) is not None:
            bench.slots.scan(scan)

    bench = make_bench(
        ledger,
        profile,
        slots,
        hear,
        write_attempts=order.write_attempts,
        take_new=order.take_new,
        permit=order.permit,
        lock_out=order.lock_out,
    )
    return bench  # whom `hear` knows


def run_bench(bench: Bench, order: RunOrder) -> Tally:
    counts = order.count is not None
    waits_for_stock = order.waits_for_stock or not counts or order.watch
    return bench.run(count=order.count, watch=order.watch or counts, waits_for_stock=waits_for_stock)


def require_boards(tally: Tally, slots: Sequence[SlotSpec]) -> None:
    """PortFault E313 when not one board was there."""
    if tally.exit is Exit.OK and not tally.counted:
        where = ", ".join(slot.path for slot in slots)
        raise PortFault(f"no board was found at {where}", do="plug one in, or use --watch", code=Code.E313)


def _answer(event: SlotEvent, order: RunOrder) -> str | None:
    """What a slot asks for; what was wrong is not said again."""
    if event.asks is None or event.code:
        return None
    return order.label if event.asks is Asks.LABEL else order.serial or NONE


def require_scans(profile: Profile, order: RunOrder, slots: int) -> None:
    """Scans go to one board. Those that pile up in a pipe could reach the next one."""
    one_board = slots == 1 and not order.watch and order.count in (None, 1)
    wants_serial = profile.serial.is_required and order.take_new
    if order.label is not None and not profile.scan_label:
        raise UsageError(f"profile {profile.name} asks for no label", do="leave --label out")
    if order.serial is not None and not profile.serial.is_asked:
        raise UsageError(f"profile {profile.name} asks for no serial number", do="leave --serial out")
    if profile.scan_label and (order.label is None or not one_board):
        raise _one_at_a_time(profile, "the label", "--label TEXT")
    if (wants_serial and order.serial is None) or (order.serial is not None and not one_board):
        raise _one_at_a_time(profile, "the serial number", "--serial TEXT")
    _require_nobody_asked(profile, order)
    _require_readable(profile, order)


def _require_nobody_asked(profile: Profile, order: RunOrder) -> None:
    """For a label that is printed later."""
    if order.take_new and profile.sticker is not None and profile.sticker.scan_back is ScanBack.DEMANDED:
        raise UsageError(
            f"profile {profile.name} demands that each printed label is scanned back, and nobody is asked here",
            do='station run, which hears the scanner; or scan_back = "offered" in its [label]',
        )


def _one_at_a_time(profile: Profile, what: str, option: str) -> UsageError:
    return UsageError(
        f"profile {profile.name} asks for {what} of each board",
        do=f"one board at a time: --slot NAME or --port URL, with {option}; or station run, which hears the scanner",
    )


def _require_readable(profile: Profile, order: RunOrder) -> None:
    """Before any port is opened."""
    try:
        if order.label is not None:
            board_on(order.label, profile.label)
    except NotALabel as error:
        raise UsageError(
            f"that is no board's label: {error}",
            means="nothing was reserved or written",
            do="scan the label on the board itself; if it says more than the uid, the profile's label takes it out",
            code=Code.E125,
        ) from None
    try:
        if order.serial is not None and (profile.serial.is_required or not says_none(order.serial)):
            serial_in(order.serial, profile.serial.pattern)
    except NotASerial as error:
        raise UsageError(
            f"that is no serial number: {error}",
            means="nothing was reserved or written",
            do="scan the serial number on the board itself; what it looks like is in the profile's serial table",
            code=Code.E127,
        ) from None


def summarise(ledger: Ledger, bench: Bench, *, seconds: float) -> dict[str, object]:
    """The last line of a run: what this run did, stay by stay; and what the ledger holds now: certificates; `ready`
    boards of this profile and its batch, beside which others wait `without_product_secret`."""
    tally, held, profile = bench.tally, ledger.stock.by_state(), bench.profile
    left = ledger.stock.flashable(*wanted_by(profile, bench.permit.batches))
    counted = {str(counted): tally.counted[counted] for counted in Counted}
    return counted | {
        "consumed": held[State.CONSUMED],
        "in_doubt": held[State.IN_DOUBT],
        "ready": left.count(),
        "without_product_secret": left.bare(),
        "seconds": round(seconds, 3),
    }
