# SPDX-License-Identifier: GPL-3.0-or-later
"""`station retire`."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.context import Context
from station.cli.supervising import require_supervisor, supervisor_options
from station.errors import ConfigError


@click.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why: rework, scrap, expired …; written in the audit.")
@supervisor_options
@click.pass_obj
def retire(ctx: Context, name: str, reason: str, as_supervisor: str, pin_file: Path | None) -> None:
    """Take the identity NAME (deviceName, or productKey/deviceName) out of use for good.

    Its sealed secret is destroyed and it never goes to a board again. A board it was on may then take another identity.
    """
    from station.ledger.queries import search

    with ctx.open_ledger() as ledger:
        device = name.rpartition("/")[2]
        found = [r for r in search(ledger.connection, name) if device == r.name.device_name]
        if len(found) != 1:
            known = ", ".join(str(r.name) for r in found) or "none"
            raise ConfigError(f"{name} is not one certificate ({known})", do="write productKey/deviceName", code="E116")
        if not reason.strip():
            raise ConfigError("a reason is needed", do="--reason 'scrap: burnt board'", code="E116")
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"retire {found[0].name}")
        ledger.retire(found[0].name, reason.strip(), by=by)
    click.echo(f"{found[0].name} is RETIRED", err=True)
