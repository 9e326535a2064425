# SPDX-License-Identifier: GPL-3.0-or-later
"""`station batch reset-secret`: the way back for a device whose secret nobody knows."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from station.cli.asking import require_yes, yes_option
from station.cli.batch_register import tell
from station.cli.context import Context, cloud_option, json_option
from station.cli.dry import is_dry_run
from station.cli.dry_run import dry_run_option
from station.cli.output import print_json
from station.cli.spoken import Spoken
from station.cli.supervising import require_supervisor, supervisor_options
from station.codes import Exit


@click.command("reset-secret", cls=Spoken)
@click.argument("device_id", metavar="DEVICE")
@click.option("--product", required=True, help="product_id.")
@cloud_option
@supervisor_options
@yes_option
@dry_run_option
@json_option
@click.pass_obj
def reset_secret(
    ctx: Context, device_id: str, product: str, cloud: str, as_supervisor: str, pin_file: Path | None, *, as_json: bool
) -> int:
    """Give the device DEVICE of the cloud a new secret made here, and put its certificate into the queue.

    For a registration that stayed unclear, one that was given up, or a device registered elsewhere. A board that holds
    the old secret can no longer log in: a device that was ever in use is refused.
    """
    from station.cloud.clouds import open_registration
    from station.intake.adopting import find_unused
    from station.intake.adopting import reset_secret as give_new_secret

    with ctx.open_ledger() as ledger, closing(ledger.tokens.lend(open_registration(ctx.config, cloud))) as client:
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"reset the secret of {product}/{device_id}")
        require_yes(f"{product}/{device_id} gets a new secret; a board that holds the old one can no longer log in")
        if is_dry_run():
            find_unused(ledger, client, product, device_id)
            if as_json:
                print_json({"event": "dry-run", "product_key": product, "identities": 1, "devices": 1})
            return Exit.OK
        report = give_new_secret(ledger, client, product, device_id, by=by)
    tell(report, as_json=as_json)
    return Exit.PERSON_NEEDED if report.unsettled else Exit.OK
