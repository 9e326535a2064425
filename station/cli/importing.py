# SPDX-License-Identifier: GPL-3.0-or-later
"""`station import`."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.context import Context, json_option
from station.cli.disputed import tell_disputes
from station.cli.output import print_json
from station.errors import Exit
from station.model import Provider


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--cloud",
    type=click.Choice([provider.value for provider in Provider]),
    help="Whose certificates they are. [default: cloud.provider of the configuration]",
)
@click.option("--skip-bad", is_flag=True, help="Import the good rows of a file that has bad ones.")
@json_option
@click.pass_obj
def import_file(ctx: Context, file: Path, cloud: str | None, *, skip_bad: bool, as_json: bool) -> int:
    """Take certificates from FILE: CSV, XLSX or JSON as the cloud's console exports it.

    Columns are found by name. Every bad row is reported with its number and nothing is imported while there is one.
    The same file again changes nothing.
    """
    from station.intake.importing import import_file as import_certificates

    provider = Provider(cloud or ctx.config.text("cloud.provider"))
    with ctx.open_ledger() as ledger:
        report = import_certificates(ledger, file, provider=provider, skip_bad=skip_bad)
    receipt = report.receipt
    for row in report.skipped:
        click.echo(f"{row}: skipped", err=True)
    if receipt.withheld or receipt.turned_active:
        click.echo(f"{receipt.withheld + receipt.turned_active} are in use already: WITHHELD, never flashed", err=True)
    tell_disputes(receipt)
    if as_json:
        print_json(
            {
                "event": "imported",
                "batch": report.batch_id,
                "identities": report.identities,
                "new": receipt.new,
                "withheld": receipt.withheld,
                "conflicts": [str(name) for name in receipt.conflicts],
                "skipped": len(report.skipped),
            }
        )
    else:
        click.echo(f"batch {report.batch_id}: {report.identities} identities in the file, {receipt.new} new")
    return Exit.PERSON_NEEDED if receipt.conflicts else Exit.OK
