# SPDX-License-Identifier: GPL-3.0-or-later
"""`station pull`, also as `station batch pull`."""

from __future__ import annotations

import click

from station.cli.context import Context, cloud_option, json_option
from station.cli.output import print_json
from station.cli.progress_line import ProgressLine, ctrl_c_stops
from station.cli.pulled import content, counts, tell_rest
from station.cli.rechecking import recheck_devices, tell_outlook
from station.errors import Exit, most_serious


@click.command()
@click.argument("batch")
@click.option(
    "--product",
    default="",
    help="Its productKey; for a batch made elsewhere, where it is of NVRs or its pages do not name it.",
)
@click.option(
    "--nvr/--ordinary",
    default=None,
    help="What kind of batch it is. [default: as the journal says, else both are tried]",
)
@click.option("--with-product-secret", is_flag=True, help="Store productSecret too, for boards that need it.")
@click.option(
    "--wait",
    "wait_s",
    type=float,
    help="Seconds to wait while nothing new comes. [default: 300; 20 if not in the journal]",
)
@cloud_option
@click.option("--recheck", is_flag=True, help="All pages again: withholds what came into use elsewhere meanwhile.")
@click.option("--page-size", type=click.IntRange(1, 200), help="Identities a page. [default: as the cloud gives them]")
@json_option
@click.pass_obj
def pull(
    ctx: Context,
    batch: str,
    product: str,
    wait_s: float | None,
    cloud: str,
    page_size: int | None,
    *,
    nvr: bool | None,
    with_product_secret: bool,
    recheck: bool,
    as_json: bool,
) -> int:
    """Fetch the certificates of production batch BATCH into the ledger.

    May be stopped (Ctrl-C), killed and run again: it goes on where it ended, and nothing comes twice.
    """
    from station.cloud.clouds import open_certificates
    from station.cloud.paging import Patience
    from station.intake.progress import resting
    from station.intake.pull import How, Watcher
    from station.intake.pull import pull as pull_batch
    from station.intake.wanted import cloud_of, find_batch
    from station.ledger.releasing import outlook

    how = How(
        with_product_secret=with_product_secret,
        recheck=recheck,
        page_size=page_size,
        patience=None if wait_s is None else Patience(seconds=wait_s),
    )
    line = ProgressLine("identities")
    with ctx.open_ledger() as ledger, ctrl_c_stops() as stop:
        if recheck and (code := recheck_devices(ctx, ledger, batch, stop, as_json=as_json)) is not None:
            return code
        client = open_certificates(ctx.config, cloud or cloud_of(ledger, batch) or "")
        client.while_throttled(resting(line.say, stop))
        try:
            report = pull_batch(
                ledger,
                client,
                find_batch(ledger, batch, product_key=product, is_nvr=nvr, provider=client.provider),
                how,
                Watcher(show=line.show, say=line.say, stop=stop),
            )
        finally:
            line.end()
            client.close()
        prospects = outlook(ledger.connection, batch) if recheck else {}
    if as_json:
        print_json(content(report))
    else:
        click.echo(counts(report))
    tell_rest(report)
    tell_outlook(batch, prospects)
    doubtful = report.odd or report.receipt.conflicts
    return most_serious([Exit.INTERRUPTED if report.stopped else Exit.OK, Exit.PERSON_NEEDED if doubtful else Exit.OK])
