# SPDX-License-Identifier: GPL-3.0-or-later
"""`station flash`: the bench without a screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.completing import batches, profile_option, slots_option
from station.cli.context import Context, json_option
from station.cli.options import chosen_as
from station.cli.spoken import Spoken
from station.cli.supervising import require_supervisor, supervisor_options
from station.cli.tracing import trace_option, traced
from station.cli.typed import NAMED
from station.codes import Code
from station.errors import UsageError

if TYPE_CHECKING:
    from station.bench.headless import RunOrder
    from station.flow.visit import Permit
    from station.ledger.store import Ledger
    from station.ledger.values import WorkOrder
    from station.rules import LockOut


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """The command's options."""

    slots: tuple[str, ...]
    ports: tuple[str, ...]
    profile_name: str | None
    count: int | None
    label: str | None
    serial: str | None
    batch: str | None
    operator: str
    order: str | None
    quantity: int | None
    trace: Path | None
    watch: bool
    wait: bool
    no_lockout: bool
    as_supervisor: str
    pin_file: Path | None
    events: str | None
    as_json: bool


@click.command(cls=Spoken)
@slots_option
@click.option(
    "--port", "ports", multiple=True, metavar="URL", help="A device or pyserial URL instead; may be repeated."
)
@profile_option
@click.option("--count", type=click.IntRange(1), help="Stop after so many new boards have passed; waits for boards.")
@click.option("--wait", is_flag=True, help="With --count: wait for certificates too, instead of ending with 5.")
@click.option("--label", help="The board's label, where the profile asks for a scan; for one board.")
@click.option("--serial", help="The board's product serial number, where the profile asks for it; for one board.")
@click.option(
    "--batch",
    type=NAMED,
    shell_complete=batches,
    help="Only certificates of this batch, as `station batch list` has it.",
)
@click.option("--order", help="The work order that boards are begun for. Default: [mes] order.")
@click.option("--quantity", type=click.IntRange(1), help="Boards of --order, after which no further one is begun.")
@click.option("--operator", default="", help="Badge of who works here; in each stay and in the audit.")
@click.option("--watch", is_flag=True, help="Keep waiting for boards until Ctrl-C.")
@click.option("--no-lockout", is_flag=True, help="Begin boards whatever fails: to try a profile; a supervisor's word.")
@supervisor_options
@trace_option
@click.option("--events", type=click.Choice(["all", "results"]), help="As --json: of tiles, or a line for each stay.")
@json_option
@click.pass_obj
@chosen_as(_Wish)
def flash(ctx: Context, wish: _Wish) -> int:
    """Give each board in the chosen slots its identity. Without --watch or --count: the boards present now, once.

    With --json, events are JSON lines on stdout and a summary is the last one. With --events results there is one line
    for each board's stay, the outbox's.

    Ctrl-C once ends after the boards in hand; twice leaves them in doubt, married to their identity: putting the board
    back resolves it. So do SIGTERM (`timeout`, a service manager) and a terminal that is closed, but under nohup; the
    exit code is 130, or a more serious one. A reader who goes (`| head -1`) or does not read ends the run after the
    boards in hand, exit code 3.

    There is no dry run: what a board needs is decided by what it answers. `station profile try` writes no certificate.
    """
    from station.bench.audience import audience_of
    from station.bench.headless import run_headless
    from station.bench.lines import Stream
    from station.bench.setup import choose_slots
    from station.outbox.asking import permit_of
    from station.printing.printer import printer_of
    from station.words.run_lines import RunLines

    profile = ctx.profile(wish.profile_name)
    chosen = choose_slots(ctx.config, wish.slots, wish.ports)
    audience, permit = audience_of(ctx.config, chosen), permit_of(ctx.config, _order(wish))
    badge = _badge(wish)
    ctx.log_the_pc()
    with traced(wish.trace), ctx.open_ledger() as ledger:
        if wish.batch:
            permit = replace(permit, batches=ledger.batches.numbers(wish.batch))
        ledger.operator = badge
        return run_headless(
            ledger,
            profile,
            chosen,
            _run_order(ctx, wish, permit, _lock_out(ctx, ledger, wish)),
            RunLines(ctx.words, counts=wish.count is not None),
            stream=Stream(wish.events or Stream.ALL) if wish.as_json or wish.events else None,
            audience=audience,
            printer=printer_of(ctx.config),
        )


def _run_order(ctx: Context, wish: _Wish, permit: Permit, lock_out: LockOut | None) -> RunOrder:
    from station.bench.headless import RunOrder

    return RunOrder(
        count=wish.count,
        watch=wish.watch,
        waits_for_stock=wish.wait,
        write_attempts=int(ctx.config.number("bench.write_attempts")),
        label=wish.label,
        serial=wish.serial,
        permit=permit,
        lock_out=lock_out,
    )


def _lock_out(ctx: Context, ledger: Ledger, wish: _Wish) -> LockOut | None:
    """None by a supervisor's word, which is in the audit."""
    from station.bench.setup import lock_out_of

    if not wish.no_lockout:
        return lock_out_of(ctx.config)
    require_supervisor(ledger, wish.as_supervisor, wish.pin_file, purpose="flash without the lock-out")
    return None


def _badge(wish: _Wish) -> str:
    """Its number, as the screen has it; "" for nobody."""
    if not wish.operator:
        return ""
    from station.people.badge import badge_number

    return badge_number(wish.operator.strip())


def _order(wish: _Wish) -> WorkOrder | None:
    from station.ledger.values import WorkOrder

    if wish.order is None:
        if wish.quantity is not None:
            raise UsageError("--quantity is that of an order", do="name it: --order REF", code=Code.E100)
        return None
    if not wish.order.strip() or not wish.order.isprintable():
        raise UsageError("--order is no reference", do="e.g. --order WO-4711", code=Code.E100)
    return WorkOrder(reference=wish.order.strip(), quantity=wish.quantity or 0)
