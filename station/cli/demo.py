# SPDX-License-Identifier: GPL-3.0-or-later
"""`station demo`."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from station.cli.context import Context, json_option
from station.cli.options import chosen_as
from station.cli.spoken import Spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """The command's options."""

    headless: bool
    boards: int
    count: int | None
    target: str
    boards_are: str
    channels: int
    line_faults: float
    benches: int | None
    as_json: bool


@click.command(cls=Spoken)
@click.option("--headless", is_flag=True, help="No screen, even on a terminal.")
@click.option("--boards", type=click.IntRange(1, 16), default=4, show_default=True, help="Slots that work at once.")
@click.option("--count", type=click.IntRange(1), help="Boards to flash.  [default: three a slot]")
@click.option("--target", default="agent", show_default=True, help="Kind of board: agent, esp-nvs, console.")
@click.option(
    "--boards-are",
    type=click.Choice(["simulated", "firmware"]),
    default="simulated",
    show_default=True,
    help="Shipped simulated boards, or real firmware on an emulated Cortex-M3.",
)
@click.option("--nvr", "channels", type=click.IntRange(0, 64), default=0, help="NVR sets with so many cameras each.")
@click.option(
    "--line-faults", type=click.FloatRange(0, 20), default=0.0, help="Percent of lines damaged by the cables."
)
@click.option("--line", "benches", type=click.IntRange(2, 8), help="So many benches on one PostgreSQL ledger.")
@json_option
@click.pass_obj
@chosen_as(_Chosen)
def demo(ctx: Context, chosen: _Chosen) -> int:
    """The whole job, end to end, without hardware or account: a simulated cloud makes a batch, it is pulled into a
    fresh ledger, boards are plugged, flashed, verified and consumed; then every board is opened and compared.

    With --line, benches are processes of their own on a PostgreSQL that is made for it, and killed once on the way.

    Exit code 0 only when every board passed and every certificate is accounted for.
    """
    from station.demo.setting import Wish

    wish = Wish(
        boards=chosen.boards,
        count=chosen.count or 3 * chosen.boards * (chosen.benches or 1),
        target=chosen.target,
        boards_are=chosen.boards_are,
        channels=chosen.channels,
        line_faults=chosen.line_faults / 100,
    )
    with tempfile.TemporaryDirectory(prefix="station-demo-") as folder:
        if chosen.benches:
            from station.demo.line import run_line_demo

            return run_line_demo(Path(folder), wish, chosen.benches, ctx.words, as_json=chosen.as_json)
        if chosen.headless or chosen.as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            from station.demo.headless import run_demo

            return run_demo(Path(folder), wish, ctx.words, as_json=chosen.as_json)
        from station.doctor.terminal import paint_here
        from station.tui.demo import run_demo_on_screen

        paint_here()
        return run_demo_on_screen(Path(folder), wish, ctx.words)
