# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a bench without a screen: events as JSON lines on stdout or as text on stderr, Ctrl-C once and twice."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from types import FrameType

from station.bench.bench import Bench
from station.bench.setup import make_bench
from station.errors import Exit, PortFault, UsageError, most_serious
from station.events import SCHEMA, Event, Notice, SlotEvent, SlotState, to_json
from station.flow import KIND_OF
from station.label import NotALabel, board_on
from station.ledger.flashable import Flashable
from station.ledger.queries import stock
from station.ledger.store import Ledger
from station.model import State
from station.printable import printable
from station.profiles.profile import Profile
from station.targets.slots import SlotSpec

_ENDING = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
_ENDS_QUIETLY = frozenset({SlotState.EMPTY, SlotState.READY, SlotState.BUSY})


def run_headless(
    ledger: Ledger,
    profile: Profile,
    slots: Sequence[SlotSpec],
    *,
    count: int | None = None,
    watch: bool = False,
    as_json: bool = False,
    write_attempts: int = 2,
    take_new: bool = True,
    label: str | None = None,
) -> Exit:
    """Run until done and return the run's exit code. PortFault E313 when not one board was there.

    `label` is what was scanned for the one board of this run.
    """
    _require_label(profile, label, one_board=len(slots) == 1 and not watch and count in (None, 1))
    started = time.monotonic()
    tell = json_lines() if as_json else text_lines()

    def listen(event: Event) -> None:
        tell(event)
        if label is not None and isinstance(event, SlotEvent) and event.state is SlotState.READY and not event.code:
            bench.slots.scan(label)

    bench = make_bench(ledger, profile, slots, listen, write_attempts=write_attempts, take_new=take_new)
    with stopped_by_signals(bench) as interrupted:
        tally = bench.run(count=count, watch=watch or count is not None)
    summary = summarise(ledger, bench, seconds=time.monotonic() - started)
    if as_json:
        print(json.dumps(summary), flush=True)  # noqa: T201 - stdout is data
    else:
        say(", ".join(f"{summary[key]} {key.replace('_', ' ')}" for key in ("passed", "failed", "in_doubt", "ready")))
    if bench.deaf is not None:
        say(f"E331 the run ended early: its events could not be told ({type(bench.deaf).__name__})")
    nothing = tally.exit is Exit.OK and not (tally.passed or tally.already_done)
    if nothing and not interrupted.is_set():
        where = ", ".join(slot.path for slot in slots)
        raise PortFault(f"no board was found at {where}", do="plug one in, or use --watch", code="E313")
    return most_serious([tally.exit, Exit.INTERRUPTED if interrupted.is_set() else Exit.OK])


def _require_label(profile: Profile, label: str | None, *, one_board: bool) -> None:
    """A label goes to one board. Scans that pile up in a pipe could reach the next one."""
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
            code="E125",
        ) from None


def summarise(ledger: Ledger, bench: Bench, *, seconds: float) -> dict[str, object]:
    """The last line of a run: what this run did, and what the ledger holds now: certificates; `ready` boards of this
    profile."""
    tally, held, profile = bench.tally, stock(ledger.connection), bench.profile
    left = Flashable(profile.products, KIND_OF[profile.identity], profile.channels)
    return {
        "schema": SCHEMA,
        "event": "summary",
        "passed": tally.passed,
        "failed": tally.failed,
        "already_done": tally.already_done,
        "station_faults": tally.station_faults,
        "consumed": held[State.CONSUMED],
        "in_doubt": held[State.IN_DOUBT],
        "ready": left.count(ledger.connection),
        "seconds": round(seconds, 3),
    }


def _say_how_it_ends(*, twice: bool) -> None:
    text = "leaving the boards in hand in doubt" if twice else "ending after the boards in hand …"
    with suppress(OSError):  # not `say`: whoever is printing a line holds stderr
        os.write(2, f"{text}\n".encode())


@contextmanager
def stopped_by_signals(
    bench: Bench, told: Callable[..., None] = _say_how_it_ends, *, needs_terminal: bool = False
) -> Iterator[threading.Event]:
    """SIGINT, SIGTERM and the end of the terminal: once = finish the boards in hand, twice = leave them in doubt. A
    terminal's end may be told more than once and insists on nothing.

    Yields whether any came. `told(twice=…)` is called from a thread of its own. Under nohup the terminal's end is
    nothing, unless the run `needs_terminal`; SIGINT is heard also in the background of a script, where shells have it
    ignored.
    """
    interrupted = threading.Event()
    came: SimpleQueue[int | None] = SimpleQueue()
    terminals = [number for number in (1, 2) if os.isatty(number)]

    def hear(number: int, _frame: FrameType | None) -> None:
        """Nothing that takes a lock: the next signal may come in the middle of it, in this very thread."""
        came.put(number)

    def stop(number: int) -> None:
        if number == signal.SIGHUP:  # whatever is written there from now on fails, or waits for ever
            for terminal in terminals:
                os.dup2(os.open(os.devnull, os.O_WRONLY), terminal)
        twice = interrupted.is_set() and number != signal.SIGHUP
        interrupted.set()
        bench.stop(abort=twice)
        told(twice=twice)

    def listen() -> None:
        for number in iter(came.get, None):
            stop(number)

    outlives_terminal = not needs_terminal and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    heard = [number for number in _ENDING if number != signal.SIGHUP or not outlives_terminal]
    listener = threading.Thread(target=listen, name="signals", daemon=True)
    listener.start()
    before = {number: signal.signal(number, hear) for number in heard}
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        came.put(None)
        listener.join()


def json_lines() -> Callable[[Event], None]:
    """Prints each event as one line; lines of several slots do not mix."""
    lock = threading.Lock()

    def listen(event: Event) -> None:
        with lock:
            try:
                print(printable(json.dumps(to_json(event), ensure_ascii=False)), flush=True)  # noqa: T201 - stdout is data
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that nothing more fails there
                raise

    return listen


def text_lines() -> Callable[[Event], None]:
    """Says how each board ended, and notices."""

    def listen(event: Event) -> None:
        if isinstance(event, Notice):
            where = f"slot {event.slot:<6} " if event.slot else ""
            say(f"{where}{event.code} {event.what}" + (f" → {event.do}" if event.do else ""))
        elif event.state not in _ENDS_QUIETLY or event.code:
            what = f"{event.code} {event.what} → {event.do}" if event.code else f"{event.seconds:.2f} s{_member(event)}"
            say(f"slot {event.slot:<6} {event.state:<12} {event.device_name} {event.uid}  {what}")

    return listen


def _member(event: SlotEvent) -> str:
    """Which part of its NVR set the board became, and how many boards the set still wants."""
    if event.channel is None:
        return ""
    which = f"channel {event.channel} of {event.set_name}" if event.channel else f"the NVR {event.set_name} itself"
    return f", {which}, " + (f"{event.set_missing} still missing" if event.set_missing else "set complete")


def say(text: str) -> None:
    """Talk goes to stderr, whole lines."""
    sys.stderr.write(printable(text) + "\n")
    sys.stderr.flush()
