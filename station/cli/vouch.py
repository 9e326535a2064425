# SPDX-License-Identifier: GPL-3.0-or-later
"""`station vouch`."""

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
@click.option("--reason", required=True, help="How it is known; written in the audit.")
@supervisor_options
@yes_option
@dry_run_option
@click.pass_obj
def vouch(ctx: Context, name: str, reason: str, as_supervisor: str, pin_file: Path | None) -> None:
    """Say that the blank board under the label is the one that NAME was written to, and no other with a wrong label.

    For boards without a uid of their own, after E631. It may then be written once more.
    """
    said = require_reason(reason, "it never left the fixture")
    with ctx.open_ledger() as ledger:
        found = one_certificate(ledger, name)
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"vouch for the board of {found}")
        require_yes(f"{found} may be written once more, to the blank board under its label")
        label = ledger.strangers.vouch(found, said, by=by)
    say(ctx.words.commands.supervisor.vouched.format(uid=label, name=found))
