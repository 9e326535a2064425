# SPDX-License-Identifier: GPL-3.0-or-later
"""`station batch orphans`: what a registration that was given up left in the cloud, and how it goes away."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.completing import batches
from station.cli.context import Context, cloud_option, json_option
from station.cli.dry import is_dry_run
from station.cli.dry_run import dry_run_option, would
from station.cli.naming import require_named_again
from station.cli.output import print_json, print_told, say
from station.cli.spoken import Spoken
from station.cli.supervising import require_supervisor, supervisor_options
from station.cli.typed import NAME_OR_NONE, NAMED
from station.codes import Exit

if TYPE_CHECKING:
    from station.intake.orphans import Orphans


@click.command(cls=Spoken)
@click.argument("batch_id", metavar="BATCH", type=NAMED, shell_complete=batches)
@click.option("--remove", is_flag=True, help="Delete them in the cloud; needs a supervisor.")
@click.option(
    "--confirm", default="", metavar="BATCH", type=NAME_OR_NONE, help="With --remove, the batch once more, for scripts."
)
@cloud_option
@supervisor_options
@dry_run_option
@json_option
@click.pass_obj
def orphans(
    ctx: Context,
    batch_id: str,
    confirm: str,
    cloud: str,
    as_supervisor: str,
    pin_file: Path | None,
    *,
    remove: bool,
    as_json: bool,
) -> int:
    """List the devices of BATCH that are in the cloud with our mark, unused, and were given up here.

    Nobody has their secrets any more. What a board may carry, since this ledger was set back, is told apart and never
    removed. Exit code 6 while there are any.
    """
    from station.cloud.clouds import open_registration
    from station.intake.orphans import find_orphans, remove_orphans

    with ctx.open_ledger() as ledger, closing(ledger.tokens.lend(open_registration(ctx.config, cloud))) as client:
        if remove and not is_dry_run():
            require_named_again("remove the orphans of", batch_id, confirm)
            by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"remove the orphans of {batch_id}")
            found = remove_orphans(ledger, client, batch_id, by=by)
        else:
            found = find_orphans(ledger, client, batch_id)
            remove = remove and not would(f"remove {len(found.names)} devices in the cloud")
    _tell(found, batch_id, removed=remove, as_json=as_json)
    left = found.maybe_out or (found.names and not remove)
    return Exit.PERSON_NEEDED if left else Exit.OK


def _tell(found: Orphans, batch_id: str, *, removed: bool, as_json: bool) -> None:
    for name in found.names:
        if as_json:
            print_json({"event": "orphan", "batch": batch_id, "name": str(name), "removed": removed})
        else:
            print_told(f"{name}: {'removed' if removed else 'in the cloud, unused'}")
    for name in found.others:
        say(f"{name} is in the cloud and is left alone: it is not ours, or was in use")
    for name in found.maybe_out:
        if as_json:
            print_json({"event": "maybe_out", "batch": batch_id, "name": str(name)})
        say(f"{name} is left alone: a board may carry it, since this ledger was set back")
    if found.maybe_out:
        say("do: once every board of the lost time was looked at, a supervisor: station recover --over --reason …")
    if found.names and not removed:
        remove_them = f"station batch orphans {batch_id} --remove --confirm {batch_id}"
        say(f"do: {remove_them}, or take one: station batch reset-secret DEVICE")
    if not found.names:
        say(f"batch {batch_id} has no orphans in the cloud")
