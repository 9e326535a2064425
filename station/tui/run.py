# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens the bench on a real desk, for `station run`."""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
import threading
from collections.abc import Sequence

from station.bench.audience import audience_of
from station.bench.setup import lock_out_of
from station.bench.signals import stopped_by_signals
from station.cloud.clouds import open_certificates, open_products
from station.codes import Code, Exit
from station.config.settings import Config
from station.desk.live import LiveDesk
from station.desk.orders import Orders
from station.desk.premises import Premises
from station.errors import ConfigError
from station.ledger.store import Ledger
from station.model import Language
from station.outbox.asking import permit_of
from station.printing.printer import printer_of
from station.profiles.profile import Profile
from station.targets.scanner import scanner_fault
from station.targets.slots import SlotSpec
from station.tui.app import BenchApp
from station.words.tongues import TONGUES

_SWITCH_S = 0.0005


def run_bench(
    config: Config, ledger: Ledger, profile: Profile, slots: Sequence[SlotSpec], language: Language | None = None
) -> Exit:
    """Until the operator or a signal ends it; the boards in hand are finished first."""
    premises = Premises(
        name=config.text("bench.name"),
        profiles_dir=config.profiles_dir,
        reports_dir=config.state_dir / "reports",
        config_file=config.path,
        write_attempts=int(config.number("bench.write_attempts")),
        scanner=_scanner(config, slots),
        printer=printer_of(config),
        permit=permit_of(config),
        lock_out=lock_out_of(config),
    )
    desk = LiveDesk(
        ledger=ledger,
        profile=profile,
        slots=slots,
        premises=premises,
        open_cloud=lambda name: ledger.tokens.lend(open_certificates(config, name)),
        open_catalogue=lambda: ledger.tokens.lend(open_products(config)),
        orders=Orders(ledger, lambda: config),
        audience=audience_of(config, slots),
    )
    anyone = config.text("bench.ended_by") == "anyone"
    return show_bench(desk, language or Language(config.text("bench.language")), ended_by_anyone=anyone)


def _scanner(config: Config, slots: Sequence[SlotSpec]) -> str:
    """ConfigError rather than a board's port that is read as if it were the scanner's."""
    path = config.text("bench.scanner")
    fault = scanner_fault(path, slots) if path else ""
    if fault:
        raise ConfigError(
            fault, do="set it to the topology that `station slots` prints for the scanner", code=Code.E110
        )
    return path


def show_bench(desk: LiveDesk, language: Language, *, ended_by_anyone: bool) -> Exit:
    """The desk and its screen, until it is closed. INTERRUPTED after a signal or the end of the terminal, STATION_FAULT
    when the screen crashed."""
    app = BenchApp(desk, desk.station(), language, ended_by_anyone=ended_by_anyone)
    desk.words = lambda: TONGUES[app.language]
    # With the default of 5 ms a key waits for each busy slot's turn at the interpreter, 16 times over.
    sys.setswitchinterval(_SWITCH_S)
    gc.freeze()  # what is loaded now stays: a collection that walks all of it holds every key for tens of ms

    def leave() -> None:
        desk.wait()
        app.call_later(app.exit)

    def told(*, twice: bool) -> None:
        if not twice:
            threading.Thread(target=leave, daemon=True).start()

    with stopped_by_signals(desk.bench, told, needs_terminal=True) as interrupted, desk:
        threading.Thread(target=_hang_up_with_terminal, daemon=True).start()
        app.run(mouse=False)  # a click or a wheel must not move what a key is meant for
    if interrupted.is_set():
        return Exit.INTERRUPTED
    return Exit.STATION_FAULT if app.return_code else Exit.OK


def _hang_up_with_terminal() -> None:
    """A terminal that is not the controlling one goes without a signal, and reading it would never rest again."""
    terminal = sys.stdin.fileno()
    gone = select.poll()
    gone.register(terminal, 0)  # its end is told without being asked for
    if os.isatty(terminal) and gone.poll():
        os.kill(os.getpid(), signal.SIGHUP)
