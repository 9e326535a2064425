# SPDX-License-Identifier: GPL-3.0-or-later
"""`station flash`: the bench without a screen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.completing import profile_option, slots_option
from station.cli.context import Context, json_option
from station.cli.options import chosen_as
from station.cli.spoken import Spoken
from station.cli.tracing import trace_option, traced
from station.codes import Code
from station.errors import UsageError

if TYPE_CHECKING:
    from station.ledger.work_orders import WorkOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """The command's options."""

    slots: tuple[str, ...]
    ports: tuple[str, ...]
    profile_name: str | None
    count: int | None
    label: str | None
    serial: str | None
    order: str | None
    quantity: int | None
    trace: Path | None
    watch: bool
    wait: bool
    as_json: bool


@click.command(cls=Spoken)
@slots_option
@click.option(
    "--port", "ports", multiple=True, metavar="URL", help="A device or pyserial URL instead; may be repeated."
)
@profile_option
@click.option("--count", type=click.IntRange(1), help="Stop after so many boards have passed; waits for boards.")
@click.option("--wait", is_flag=True, help="With --count: wait for certificates too, instead of ending with 5.")
@click.option("--label", help="The board's label, where the profile asks for a scan; for one board.")
@click.option("--serial", help="The board's product serial number, where the profile asks for it; for one board.")
@click.option("--order", help="The work order that boards are begun for. Default: [mes] order.")
@click.option("--quantity", type=click.IntRange(1), help="Boards of --order, after which no further one is begun.")
@click.option("--watch", is_flag=True, help="Keep waiting for boards until Ctrl-C.")
@trace_option
@json_option
@click.pass_obj
@chosen_as(_Wish)
def flash(ctx: Context, wish: _Wish) -> int:
    """Give each board in the chosen slots its identity. Without --watch or --count: the boards present now, once.

    With --json, events are JSON lines on stdout and a summary is the last one. Ctrl-C once ends after the boards in
    hand; twice leaves them in doubt, married to their identity: putting the board back resolves it.
    """
    from station.bench.audience import audience_of
    from station.bench.headless import RunOrder, run_headless
    from station.bench.setup import choose_slots
    from station.outbox.asking import permit_of
    from station.printing.printer import printer_of
    from station.words.run_lines import RunLines

    profile = ctx.profile(wish.profile_name)
    chosen = choose_slots(ctx.config, wish.slots, wish.ports)
    audience, permit = audience_of(ctx.config, chosen), permit_of(ctx.config, _order(wish))
    with traced(wish.trace), ctx.open_ledger() as ledger:
        attempts = int(ctx.config.number("bench.write_attempts"))
        order = RunOrder(
            count=wish.count,
            watch=wish.watch,
            waits_for_stock=wish.wait,
            write_attempts=attempts,
            label=wish.label,
            serial=wish.serial,
            permit=permit,
        )
        phrasing = RunLines(ctx.words)
        printer = printer_of(ctx.config)
        return run_headless(
            ledger, profile, chosen, order, phrasing, as_json=wish.as_json, audience=audience, printer=printer
        )


def _order(wish: _Wish) -> WorkOrder | None:
    from station.ledger.work_orders import WorkOrder

    if wish.order is None:
        if wish.quantity is not None:
            raise UsageError("--quantity is that of an order", do="name it: --order REF", code=Code.E100)
        return None
    if not wish.order.strip() or not wish.order.isprintable():
        raise UsageError("--order is no reference", do="e.g. --order WO-4711", code=Code.E100)
    return WorkOrder(reference=wish.order.strip(), quantity=wish.quantity or 0)
