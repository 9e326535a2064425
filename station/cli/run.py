# SPDX-License-Identifier: GPL-3.0-or-later
"""`station run`."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.context import Context, a_language
from station.cli.spoken import Spoken
from station.cli.tracing import trace_option, traced
from station.cli.typed import require_terminal
from station.model import Language


@click.command(cls=Spoken)
@click.option("--slot", "slots", multiple=True, help="A configured slot; may be repeated. Default: all of them.")
@click.option(
    "--port", "ports", multiple=True, metavar="URL", help="A device or pyserial URL instead; may be repeated."
)
@click.option("--profile", "profile_name", help="Profile name or file. Default: [bench] profile.")
@click.option("--language", type=a_language, help="Language to begin with. Default: [bench] language.")
@trace_option
@click.pass_obj
def run(
    ctx: Context,
    slots: tuple[str, ...],
    ports: tuple[str, ...],
    profile_name: str | None,
    language: str | None,
    trace: Path | None,
) -> int:
    """Open the operator's bench on this terminal: boards are flashed as they are plugged in.

    Space confirms, a scanner may be used at any time, F2 changes the language, F9 is for the supervisor.
    """
    from station.bench.setup import choose_slots
    from station.doctor.terminal import paint_here
    from station.tui.run import run_bench

    require_terminal("the operator's bench", "without a screen: station flash")
    paint_here()
    profile = ctx.profile(profile_name)
    chosen = choose_slots(ctx.config, slots, ports)
    with traced(trace), ctx.open_ledger() as ledger:
        return run_bench(ctx.config, ledger, profile, chosen, Language(language) if language else None)
