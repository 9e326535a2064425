# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a bench without a screen: events as JSON lines on stdout or as text on stderr."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from station.andon.andon import SILENT, Andon
from station.bench.bench import Bench
from station.bench.lines import Phrasing, json_lines, say, text_lines
from station.bench.setup import make_bench
from station.bench.signals import stopped_by_signals
from station.codes import Code, Exit
from station.errors import PortFault, UsageError, most_serious
from station.events import SCHEMA, Event, SlotEvent, SlotState
from station.flow.visit import wanted_by
from station.label import NotALabel, board_on
from station.ledger.store import Ledger
from station.model import State
from station.printable import printable
from station.profiles.profile import Profile
from station.targets.slots import SlotSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """What a run is asked to do. By default: the boards present now, once."""

    count: int | None = None
    """end after so many boards have passed"""
    watch: bool = False
    """wait for boards until a signal comes"""
    write_attempts: int = 2
    take_new: bool = True
    """False: only boards that have their identity already"""
    label: str | None = None
    """what was scanned for the one board of this run"""


def run_headless(
    ledger: Ledger,
    profile: Profile,
    slots: Sequence[SlotSpec],
    order: RunOrder,
    phrasing: Phrasing,
    *,
    as_json: bool = False,
    andon: Andon = SILENT,
) -> Exit:
    """Run until done, told as JSON lines or in `phrasing`, and return the run's exit code. PortFault E313 when not one
    board was there."""
    _require_label(profile, order, len(slots))
    started = time.monotonic()
    tell = json_lines() if as_json else text_lines(phrasing)

    def listen(event: Event) -> None:
        hear(event)
        tell(event)
        if order.label is not None and isinstance(event, SlotEvent) and _asks_for_label(event):
            bench.slots.scan(order.label)

    with andon.sounding(tell, ledger) as hear:
        bench = make_bench(ledger, profile, slots, listen, write_attempts=order.write_attempts, take_new=order.take_new)
        with stopped_by_signals(bench) as interrupted:
            tally = bench.run(count=order.count, watch=order.watch or order.count is not None)
    _tell_summary(summarise(ledger, bench, seconds=time.monotonic() - started), None if as_json else phrasing)
    if bench.deaf is not None:
        say(phrasing.ended_early(type(bench.deaf).__name__))
    if interrupted.is_set():
        return most_serious([tally.exit, Exit.INTERRUPTED])
    if tally.exit is Exit.OK and not (tally.passed or tally.already_done):
        where = ", ".join(slot.path for slot in slots)
        raise PortFault(f"no board was found at {where}", do="plug one in, or use --watch", code=Code.E313)
    return tally.exit


def _tell_summary(summary: dict[str, object], phrasing: Phrasing | None) -> None:
    """Without a phrasing as JSON."""
    if phrasing is None:
        print(printable(json.dumps(summary)), flush=True)  # noqa: T201 - stdout is data
        return
    for line in phrasing.summary(summary):
        say(line)


def _asks_for_label(event: SlotEvent) -> bool:
    return event.state is SlotState.READY and not event.code


def _require_label(profile: Profile, order: RunOrder, slots: int) -> None:
    """A label goes to one board. Scans that pile up in a pipe could reach the next one."""
    label = order.label
    one_board = slots == 1 and not order.watch and order.count in (None, 1)
    if label is not None and not profile.scan_label:
        raise UsageError(f"profile {profile.name} asks for no label", do="leave --label out")
    if profile.scan_label and (label is None or not one_board):
        raise UsageError(
            f"profile {profile.name} asks for the label of each board",
            do="one board at a time: --port URL --label TEXT; or station run, which listens to the scanner",
        )
    try:
        if label is not None:
            board_on(label, profile.label)
    except NotALabel as error:
        raise UsageError(
            f"that is no board's label: {error}",
            means="nothing was reserved or written",
            do="scan the label on the board itself; if it says more than the uid, the profile's label takes it out",
            code=Code.E125,
        ) from None


def summarise(ledger: Ledger, bench: Bench, *, seconds: float) -> dict[str, object]:
    """The last line of a run: what this run did, and what the ledger holds now: certificates; `ready` boards of this
    profile, beside which others wait `without_product_secret`."""
    tally, held, profile = bench.tally, ledger.stock.by_state(), bench.profile
    left = ledger.stock.flashable(*wanted_by(profile))
    return {
        "schema": SCHEMA,
        "event": "summary",
        "passed": tally.passed,
        "failed": tally.failed,
        "already_done": tally.already_done,
        "station_faults": tally.station_faults,
        "consumed": held[State.CONSUMED],
        "in_doubt": held[State.IN_DOUBT],
        "ready": left.count(),
        "without_product_secret": left.bare(),
        "seconds": round(seconds, 3),
    }
