# SPDX-License-Identifier: GPL-3.0-or-later
"""`station demo`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from station.cli.context import json_option
from station.cli.spoken import Spoken


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
@json_option
def demo(
    boards: int,
    count: int | None,
    target: str,
    boards_are: str,
    channels: int,
    line_faults: float,
    *,
    headless: bool,
    as_json: bool,
) -> int:
    """The whole job, end to end, without hardware or account: a simulated cloud makes a batch, it is pulled into a
    fresh ledger, boards are plugged, flashed, verified and consumed; then every board is opened and compared.

    Exit code 0 only when every board passed and every certificate is accounted for.
    """
    from station.demo.setting import Wish

    wish = Wish(
        boards=boards,
        count=count or 3 * boards,
        target=target,
        boards_are=boards_are,
        channels=channels,
        line_faults=line_faults / 100,
    )
    with tempfile.TemporaryDirectory(prefix="station-demo-") as folder:
        if headless or as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            from station.demo.headless import run_demo

            return run_demo(Path(folder), wish, as_json=as_json)
        from station.tui.demo import run_demo_on_screen

        return run_demo_on_screen(Path(folder), wish)
