# SPDX-License-Identifier: GPL-3.0-or-later
"""`station product …`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.context import Context, cloud_option, json_option
from station.cli.output import print_json, print_line, print_table, say, spoken
from station.cli.pager import paged
from station.cli.spoken import SpokenGroup
from station.codes import Exit
from station.words.width import padded

if TYPE_CHECKING:
    from station.cloud.capabilities import Products
    from station.cloud.values import Product


@contextmanager
def _opened(ctx: Context, cloud: str) -> Iterator[Products]:
    """With the token of the line where there is one: a token of this PC's own would end that."""
    from station.cloud.clouds import open_products

    with ExitStack() as opened:
        client = opened.enter_context(closing(open_products(ctx.config, cloud)))
        if ctx.config.text("ledger.url"):
            client = opened.enter_context(ctx.open_ledger()).tokens.lend(client)
        yield client


@click.group(cls=SpokenGroup)
def product() -> None:
    """Products in the cloud."""


@product.command("list")
@cloud_option
@json_option
@click.pass_obj
@paged
def list_products(ctx: Context, cloud: str, *, as_json: bool) -> None:
    """All products of the project. Secrets are never shown."""
    with _opened(ctx, cloud) as client:
        products = list(client.products())
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
@cloud_option
@json_option
@click.pass_obj
def show(ctx: Context, product_key: str, cloud: str, *, as_json: bool) -> None:
    """One product. Secrets are never shown."""
    with _opened(ctx, cloud) as client:
        one = client.product(product_key)
    if as_json:
        print_json({"event": "product", **_public(one)})
        return
    for name, value in _public(one).items():
        print_line(f"{padded(ctx.words.of(spoken(name), '').rstrip(), 20)}{value}")


@product.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@cloud_option
@click.option("--dry-run", is_flag=True, help="Only check the file; nothing is sent.")
@json_option
@click.pass_obj
def create(ctx: Context, file: Path, cloud: str, *, dry_run: bool, as_json: bool) -> int:
    """Create a product from FILE, the JSON body of the API document.

    All faults of the file are reported at once, each with its path; nothing is sent while there is one.
    """
    from station.cloud.clouds import require_making
    from station.intake.product_file import create_product, read_product

    making = require_making(ctx.config, cloud)
    spec = read_product(file)
    findings = making.check(spec)
    for warning in findings.warnings:
        say(f"warning: {warning}")
    findings.raise_faults()
    if dry_run:
        say(f"{file} has no faults; nothing was sent")
        return Exit.OK
    with ctx.open_ledger() as ledger:
        client = making.open(ctx.config)
        try:
            made = create_product(ledger, client, spec)
        finally:
            client.close()
    if as_json:
        print_json({"event": "product", **_public(made)})
    else:
        print_line(f"product {made.product_key} ({made.name})")
    wanted = spec.get("product_id")
    if wanted and wanted != made.product_key:
        say(f"the cloud made product {made.product_key}, and the file asks for {wanted}")
        say("  do: look at both in the cloud's console before devices are registered")
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
