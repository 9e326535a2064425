# SPDX-License-Identifier: GPL-3.0-or-later
"""`station run`."""

from __future__ import annotations

import gc
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.completing import profile_option, slots_option
from station.cli.context import Context, a_language
from station.cli.guiding import guide_of, spoken_in
from station.cli.output import say
from station.cli.spoken import Spoken
from station.cli.tracing import trace_option, traced
from station.cli.typed import require_terminal
from station.codes import Exit
from station.model import Language
from station.secrets.asked_for import is_asked_for

if TYPE_CHECKING:
    from station.desk.live import LiveDesk
    from station.ledger.opening import OpeningNotice


@click.command(cls=Spoken)
@slots_option
@click.option(
    "--port", "ports", multiple=True, metavar="URL", help="A device or pyserial URL instead; may be repeated."
)
@profile_option
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

    On a bench that is not set up, the guide first: it asks for what is missing, and may be left and taken up again.
    Space confirms, a scanner may be used at any time, F2 changes the language, F9 is for the supervisor.
    """
    gc.disable()  # what is loaded stays; to look for garbage in it is a tenth of the time to the first paint
    take_terminal()
    if not (slots or ports or profile_name):
        is_ready, language = set_up(ctx, language)
        if not is_ready:
            return Exit.PERSON_NEEDED
    ctx.log_the_pc()
    ask_beforehand(ctx)
    notices: list[OpeningNotice] = []

    def prepare(around: ExitStack) -> LiveDesk:
        from station.bench.setup import choose_slots
        from station.tui.prepared import desk_of

        profile, chosen = ctx.profile(profile_name), choose_slots(ctx.config, slots, ports)
        around.enter_context(traced(trace))
        ledger = around.enter_context(ctx.open_ledger(notices.append))
        return desk_of(ctx.config, ledger, profile, chosen)

    from station.tui.run import run_bench

    try:
        return run_bench(ctx.config, names_of(ctx, slots, ports), prepare, Language(language) if language else None)
    finally:
        for notice in notices:
            ctx.tell(notice)


def take_terminal() -> None:
    """It is painted on, wherever errors are told."""
    from station.doctor.terminal import paint_here

    require_terminal("the operator's bench", "without a screen: station flash")
    paint_here()


def ask_beforehand(ctx: Context) -> None:
    """For the passphrase, while there is a terminal to ask on."""
    if is_asked_for(ctx.config.key_path) and not ctx.config.text("vault.passphrase_file"):
        ctx.ask_passphrase()


def names_of(ctx: Context, slots: tuple[str, ...], ports: tuple[str, ...]) -> tuple[str, ...]:
    """Of the slots of this run. Those of the configuration are known without what could look for ports."""
    names = tuple(line.name for line in ctx.config.slots)
    if names and not (slots or ports):
        return names
    from station.bench.setup import choose_slots

    return tuple(slot.name for slot in choose_slots(ctx.config, slots, ports))


def set_up(ctx: Context, language: str | None) -> tuple[bool, str | None]:
    """Whether the bench can be opened: it is set up, or the guide has come to its end. With the language to begin
    with, where somebody has chosen one."""
    from contextlib import closing

    guide = guide_of(ctx)
    if guide is None:
        return True, language
    gc.enable()
    from station.tui.guide.app import run_guide

    spoken, said = spoken_in(ctx, language)
    with closing(guide):
        is_ready, words = run_guide(guide, spoken, said=said)
    if not is_ready:
        say(words.guide.left)
    return is_ready, words.language
