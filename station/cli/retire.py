# SPDX-License-Identifier: GPL-3.0-or-later
"""`station retire`."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.asking import require_yes, yes_option
from station.cli.completing import certificates
from station.cli.context import Context
from station.cli.dry_run import dry_run_option
from station.cli.naming import one_certificate, require_reason
from station.cli.output import say
from station.cli.spoken import Spoken
from station.cli.supervising import require_supervisor, supervisor_options


@click.command(cls=Spoken)
@click.argument("name", shell_complete=certificates)
@click.option("--reason", required=True, help="Why: rework, scrap, expired …; written in the audit.")
@supervisor_options
@yes_option
@dry_run_option
@click.pass_obj
def retire(ctx: Context, name: str, reason: str, as_supervisor: str, pin_file: Path | None) -> None:
    """Take the identity NAME (deviceName, or productKey/deviceName) out of use for good.

    Its sealed secret is destroyed and it never goes to a board again. A board it was on may then take another identity;
    one that was locked ([agent] lock = true) only after its flash was erased with a programmer.
    """
    said = require_reason(reason, "scrap: burnt board")
    with ctx.open_ledger() as ledger:
        found = one_certificate(ledger, name)
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"retire {found}")
        require_yes(f"{found} goes to no board any more, and there is no way back")
        ledger.retire(found, said, by=by)
    say(ctx.words.commands.supervisor.retired.format(name=found))
