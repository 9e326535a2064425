# SPDX-License-Identifier: GPL-3.0-or-later
"""`station recover` and `station adopt`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from station.cli.asking import require_yes, yes_option
from station.cli.context import Context
from station.cli.dry_run import dry_run_option
from station.cli.output import say
from station.cli.spoken import Spoken
from station.cli.supervising import require_supervisor, supervisor_options
from station.codes import Code, Exit
from station.errors import ConfigError

_Command = Callable[..., object]


def recovery_options(command: _Command) -> _Command:
    reason = click.option("--reason", required=True, help="What happened; written in the audit.")
    return reason(supervisor_options(yes_option(dry_run_option(command))))


@click.command(cls=Spoken)
@recovery_options
@click.option("--over", is_flag=True, help="The lost time is settled: what comes in is READY again from now on.")
@click.pass_obj
def recover(ctx: Context, reason: str, as_supervisor: str, pin_file: Path | None, *, over: bool) -> int:
    """Go on with a ledger that was set back, copied or restored (E702).

    What its witnesses name is in doubt from now on, married to the board they name: put those boards in any slot. What
    they tell of as retired or withheld is so again. All else that was READY is withheld: a board that carries it is
    learned in any slot, the rest comes back with `station release`. Where a witness was away or damaged, what is
    pulled later is withheld too, until --over.
    """
    if over:
        from station.ledger.recovery import settled

        with ctx.open_ledger() as ledger:
            by = require_supervisor(ledger, as_supervisor, pin_file, purpose="end the recovery")
            require_yes("The lost time is over: what comes in is READY again, and goes to boards")
            settled(ledger, _reasoned(reason), by=by)
        say(ctx.words.commands.ledger.comes_ready)
        return Exit.OK
    return run_recovery(ctx, reason, as_supervisor, pin_file, event="recovery")


@click.command(cls=Spoken)
@recovery_options
@click.pass_obj
def adopt(ctx: Context, reason: str, as_supervisor: str, pin_file: Path | None) -> int:
    """Go on at this PC with a ledger that belonged to another one. The other one must not flash from it any more.

    As `station recover`: boards that the other PC did since are learned here in any slot.
    """
    from station.ledger.where import require_own_file

    require_own_file(ctx.config, "nothing: it belongs to no PC; every bench that has its key works on it")
    return run_recovery(ctx, reason, as_supervisor, pin_file, event="adopted by another machine")


def run_recovery(ctx: Context, reason: str, as_supervisor: str, pin_file: Path | None, *, event: str) -> int:
    """Exit code 6 while something is left for a person, here or earlier."""
    from station.ledger.matters import OF_A_RECOVERY, MatterKind
    from station.ledger.recovery import recover as recover_ledger
    from station.ledger.recovery import require_needed
    from station.words.told import matter_line

    with ctx.open_ledger() as ledger:
        require_needed(ledger)
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=event)
        require_yes("Everything that is READY is withheld")
        done = recover_ledger(ledger, ctx.surroundings(), _reasoned(reason), by=by, event=event)
        left = ledger.matters.open()
    text = ctx.words.commands.ledger
    say(text.told.format(told=done.told, in_doubt=done.in_doubt))
    if done.decided:
        say(text.decided.format(number=done.decided))
    say(text.withheld.format(number=done.withheld))
    for line in done.open:
        say(text.must_look.format(what=line))
    for one in left:
        if one.kind in OF_A_RECOVERY - {MatterKind.FOUND, MatterKind.ELSEWHERE}:
            what = f"{one.what}: {one.do}" if ctx.words.native else matter_line(one, ctx.words)
            say(text.must_look.format(what=what))
    return Exit.PERSON_NEEDED if left else Exit.OK


def _reasoned(reason: str) -> str:
    if not reason.strip():
        raise ConfigError("a reason is needed", do="--reason 'disk died, backup of Monday'", code=Code.E116)
    return reason.strip()
