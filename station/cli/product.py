# SPDX-License-Identifier: GPL-3.0-or-later
"""`station product …`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.context import Context, json_option
from station.cli.output import print_json, print_table
from station.errors import Exit

if TYPE_CHECKING:
    from station.cloud.values import Product

_cloud = click.option(
    "--cloud",
    type=click.Choice(["living", "iotda"]),
    help="Which cloud. [default: cloud.provider of the configuration]",
)


@click.group()
def product() -> None:
    """Products in the cloud."""


@product.command("list")
@_cloud
@json_option
@click.pass_obj
def list_products(ctx: Context, cloud: str | None, *, as_json: bool) -> None:
    """All products of the project. Secrets are never shown."""
    from station.intake.accounts import catalogue

    client = catalogue(ctx.config, cloud or "")
    try:
        products = list(client.products())
    finally:
        client.close()
    if as_json:
        for one in products:
            print_json({"event": "product", **_public(one)})
        return
    print_table(
        ("product", "name", "state", "kind", "network", "created"),
        [(p.product_key, p.name, p.state, p.node_type or p.category, p.network, p.created[:10]) for p in products],
    )


@product.command()
@click.argument("product_key")
@json_option
@click.pass_obj
def show(ctx: Context, product_key: str, *, as_json: bool) -> None:
    """One Living Link product."""
    from station.intake.accounts import living_link

    client = living_link(ctx.config)
    try:
        one = client.product(product_key)
    finally:
        client.close()
    if as_json:
        print_json({"event": "product", **_public(one)})
        return
    for name, value in _public(one).items():
        click.echo(f"{name + ':':<20}{value}")


@product.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_cloud
@click.option("--dry-run", is_flag=True, help="Only check the file; nothing is sent.")
@json_option
@click.pass_obj
def create(ctx: Context, file: Path, cloud: str | None, *, dry_run: bool, as_json: bool) -> int:
    """Create an IoTDA product from FILE, the JSON body of the API document.

    All faults of the file are reported at once, each with its path; nothing is sent while there is one.
    """
    from station.cloud.iotda.product_spec import check_product
    from station.errors import UsageError
    from station.intake.accounts import iotda
    from station.intake.product_file import create_product, read_product

    if (cloud or ctx.config.text("cloud.provider")) != "iotda":
        raise UsageError("products are created in IoTDA only", do="add --cloud iotda", code="E121")
    spec = read_product(file)
    findings = check_product(spec)
    for warning in findings.warnings:
        click.echo(f"warning: {warning}", err=True)
    findings.raise_faults()
    if dry_run:
        click.echo(f"{file} has no faults; nothing was sent", err=True)
        return Exit.OK
    with ctx.open_ledger() as ledger:
        client = iotda(ctx.config)
        try:
            made = create_product(ledger, client, spec)
        finally:
            client.close()
    if as_json:
        print_json({"event": "product", **_public(made)})
    else:
        click.echo(f"product {made.product_key} ({made.name})")
    wanted = spec.get("product_id")
    if wanted and wanted != made.product_key:
        click.echo(f"the cloud made product {made.product_key}, and the file asks for {wanted}", err=True)
        click.echo("  do: look at both in the cloud's console before devices are registered", err=True)
        return Exit.PERSON_NEEDED
    return Exit.OK


def _public(one: Product) -> dict[str, object]:
    return {
        "product_key": one.product_key,
        "name": one.name,
        "state": one.state,
        "raw_state": one.raw_state,
        "node_type": one.node_type,
        "network": one.network,
        "data_format": one.data_format,
        "category": one.category,
        "region": one.region,
        "created": one.created,
    }
