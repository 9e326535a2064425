# SPDX-License-Identifier: GPL-3.0-or-later
"""`station unlock`."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.completing import slots
from station.cli.context import Context
from station.cli.dry_run import dry_run_option
from station.cli.naming import require_reason
from station.cli.output import say
from station.cli.spoken import Spoken
from station.cli.supervising import require_supervisor, supervisor_options
from station.codes import Code
from station.errors import ConfigError


@click.command(cls=Spoken)
@click.argument("slot", required=False, default="", shell_complete=slots)
@click.option("--reason", required=True, help="Why; written in the audit.")
@supervisor_options
@dry_run_option
@click.pass_obj
def unlock(ctx: Context, slot: str, reason: str, as_supervisor: str, pin_file: Path | None) -> None:
    """Unlock SLOT, or the whole station when none is named."""
    from station.ledger.scan_backs import OWED

    said = require_reason(reason, "fixture needle replaced")
    with ctx.open_ledger() as ledger:
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"unlock {slot or 'the station'}")
        held = {scope: lock.code for scope, lock in ledger.locks.held().items()}
        held = {owed.slot: OWED for owed in ledger.scan_backs.open()} | held
        if slot not in held:
            known = "; ".join(f"slot {scope}" if scope else "the station" for scope in held)
            raise ConfigError(
                f"{f'slot {slot}' if slot else 'the station'} is not locked",
                do=f"locked: {known}" if known else "nothing is locked",
                code=Code.E116,
            )
        ledger.locks.unlock(slot, said, by=by, told=(held[slot],))
    text = ctx.words.commands.supervisor
    say(text.slot_unlocked.format(slot=slot) if slot else text.station_unlocked)
