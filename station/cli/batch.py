# SPDX-License-Identifier: GPL-3.0-or-later
"""`station batch …`: certificates made in the cloud. Registering and the journal have files of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from station.cli.asking import yes_option
from station.cli.batch_journal import list_batches, settle, show
from station.cli.batch_odd import odd
from station.cli.batch_orphans import orphans
from station.cli.batch_register import register
from station.cli.batch_reset import reset_secret
from station.cli.batch_scrap import delete, freeze, unfreeze
from station.cli.context import Context, cloud_option, json_option
from station.cli.output import print_json, print_told, say
from station.cli.paying import require_meant, require_paid_on_purpose, tell_only
from station.cli.pull import pull
from station.cli.spoken import SpokenGroup
from station.cli.typed import NAMED
from station.codes import Code
from station.errors import UsageError

if TYPE_CHECKING:
    from station.cloud.capabilities import Products
    from station.config.settings import Config
    from station.ledger.store import Ledger

Account = TypeVar("Account", bound="Products")

_product = click.option("--product", required=True, help="productKey.")
_dry_run = click.option("--dry-run", is_flag=True, help="Only check and tell what would be asked for; nothing is sent.")
_confirmed = click.option(
    "--confirm-amount", "confirmed", type=int, help="The amount once more, where it is above cloud.ask_above."
)


@click.group(cls=SpokenGroup)
def batch() -> None:
    """Make production batches in the cloud, and see what became of them.

    Generating costs activation codes. Each request is journalled before it is sent and is never sent twice by itself.
    """


for command in (pull, register, reset_secret, orphans, freeze, unfreeze, delete, list_batches, show, odd, settle):
    batch.add_command(command)


@contextmanager
def _opened(
    ctx: Context, cloud: str, open_account: Callable[[Config, str], Account], *, batch: str | None = None
) -> Iterator[tuple[Ledger, Account]]:
    """`cloud` "": the one that `batch` is known to be in, else as configured."""
    from station.intake.wanted import cloud_of

    with ctx.open_ledger() as ledger:
        known = cloud_of(ledger, batch) if batch and not cloud else None
        with closing(ledger.tokens.lend(open_account(ctx.config, cloud or known or ""))) as client:
            yield ledger, client


@batch.command()
@click.option("--product", default="", help="productKey.")
@click.option("--amount", type=click.IntRange(1), help="So many, with names of the cloud's choice.")
@click.option("--batch", "batch_id", type=NAMED, help="From the names uploaded as this batch.")
@_confirmed
@yes_option
@cloud_option
@_dry_run
@json_option
@click.pass_obj
def generate(
    ctx: Context,
    product: str,
    amount: int | None,
    batch_id: str | None,
    confirmed: int | None,
    cloud: str,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Generate certificates: --product KEY --amount N, or --batch ID of uploaded names."""
    from station.cloud.clouds import open_batches
    from station.intake.generate import generate as by_amount
    from station.intake.generate import generate_named
    from station.intake.wanted import find_batch

    if (amount is None) == (batch_id is None) or (amount is not None and not product):
        raise UsageError("say what to generate", do="--product KEY --amount N, or --batch ID", code=Code.E121)
    if not dry_run:
        what = f"{amount} certificates" if amount else f"The certificates of batch {batch_id}"
        require_paid_on_purpose(ctx, amount or 0, confirmed, what)
    with _opened(ctx, cloud, open_batches, batch=batch_id) as (ledger, client):
        if dry_run:
            product = product or find_batch(ledger, batch_id or "", provider=client.provider).product_key
            words = f"generate {amount} certificates" if amount else f"generate the certificates of batch {batch_id}"
            tell_only(ledger, client, product, words, as_json=as_json)
            return
        if batch_id is not None:
            made = generate_named(ledger, client, batch_id, product)
        else:
            made = by_amount(ledger, client, product, amount or 0)
    _tell_batch(made, as_json=as_json)


@batch.command("generate-nvr")
@_product
@click.option("--amount", type=click.IntRange(1), required=True, help="NVRs; each comes with its cameras.")
@_confirmed
@yes_option
@cloud_option
@_dry_run
@json_option
@click.pass_obj
def generate_nvr(
    ctx: Context, product: str, amount: int, confirmed: int | None, cloud: str, *, dry_run: bool, as_json: bool
) -> None:
    """Generate NVR sets."""
    from station.cloud.clouds import open_sets
    from station.intake.generate import generate_nvr as by_amount

    if not dry_run:
        require_paid_on_purpose(ctx, amount, confirmed, f"{amount} NVRs with their cameras")
    with _opened(ctx, cloud, open_sets) as (ledger, client):
        if dry_run:
            tell_only(ledger, client, product, f"generate {amount} NVRs with their cameras", as_json=as_json)
            return
        made = by_amount(ledger, client, product, amount)
    _tell_batch(made, as_json=as_json)


def _tell_batch(made: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"event": "batch", "batch": made})
    else:
        print_told(f"batch {made}")
        say(f"next: station pull {made}")


@batch.command("upload-names")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_product
@_confirmed
@cloud_option
@_dry_run
@json_option
@click.pass_obj
def upload_names(
    ctx: Context, file: Path, product: str, confirmed: int | None, cloud: str, *, dry_run: bool, as_json: bool
) -> None:
    """Upload the device names in FILE, one a line; at most 1000 become one batch, more become several."""
    from station.cloud.clouds import open_batches
    from station.intake.generate import upload_names as upload
    from station.intake.names import read_names

    names = read_names(file)
    if not dry_run:
        require_meant(ctx, len(names), confirmed)
    with _opened(ctx, cloud, open_batches) as (ledger, client):
        if dry_run:
            upload(ledger, client, product, names, only_check=True)
            tell_only(ledger, client, product, f"upload {len(names)} names", as_json=as_json)
            return
        parts = upload(ledger, client, product, names)
    for part in parts:
        if as_json:
            print_json({"event": "batch", "batch": part.batch_id, "names": part.names, "again": part.again})
        else:
            was = "uploaded before" if part.again else "uploaded"
            print_told(f"batch {part.batch_id}: {part.names} names {was}")
    say("next, for each: station batch generate --batch ID")
