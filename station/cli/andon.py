# SPDX-License-Identifier: GPL-3.0-or-later
"""`station andon`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from station.cli.context import Context
from station.cli.output import print_line, say, spoken
from station.cli.spoken import SpokenGroup
from station.codes import Exit
from station.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.andon.light import Light
    from station.andon.output import Output


@click.group(cls=SpokenGroup)
def andon() -> None:
    """What the tiles show, told outside the screen while `run` and `flash` work: JSON lines, a light tower, a sound.

    Each output is a table [andon.NAME] of station.toml with one of these keys: `file`, `pipe` or `command` for JSON
    lines, `post` for one HTTP POST a line, `lights` for a tower's serial port, `bell` for the terminal's, `sound` for a
    program that plays one. `on` lists the tiles it is told of; with `post` goes `token_file`, with `lights` go `baud`
    and `bytes`: what shows each state, in hex. `station help events` shows one of each.

    The state of the bench is its worst tile's. From calm to worst: OFF, EMPTY, PASS, ALREADY_DONE, BUSY, READY,
    WAITING, NO_STOCK, FAIL, IN_DOUBT, LOCKED, ALARM. One that `bytes` lacks is shown as the next milder one.
    """


@andon.command("try")
@click.argument("outputs", nargs=-1)
@click.option("--pause", default=1.0, type=click.FloatRange(0, 60), show_default=True, help="Seconds at each state.")
@click.pass_obj
def try_outputs(ctx: Context, outputs: tuple[str, ...], pause: float) -> int:
    """Walk through every state, calm to alarm, at each output or those named, and say which one it is.

    Its lines have `"try": true`.

    No board and no ledger is touched. Exit code 3 when an output does not take it.
    """
    from station.andon.reading import andon_of
    from station.andon.trying import chosen, walk
    from station.words.told import error_line

    found = chosen(andon_of(ctx.config), outputs)
    failed: list[Output] = []

    def fails(output: Output, error: StationError) -> None:
        failed.append(output)
        print_line(ctx.words.of(output.name, error_line(error, ctx.words)))

    def show(light: Light) -> None:
        say(light)
        time.sleep(pause)

    try:
        walk(found, ctx.config.text("bench.name"), fails, show)
    finally:
        _close(found)
    for output in found:
        if output not in failed:
            print_line(ctx.words.of(output.name, spoken("ok")))
    return Exit.STATION_FAULT if failed else Exit.OK


def _close(outputs: Sequence[Output]) -> None:
    for output in outputs:
        output.close()
