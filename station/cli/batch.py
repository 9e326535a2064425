# SPDX-License-Identifier: GPL-3.0-or-later
"""`station batch …`: certificates made in the cloud, and the journal of what was asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.context import Context, json_option
from station.cli.output import print_json, print_table
from station.cli.progress_line import ProgressLine, ctrl_c_stops
from station.cli.pull import pull
from station.errors import Exit, UsageError

if TYPE_CHECKING:
    from station.cloud.living import LivingLink
    from station.ledger.store import Ledger
    from station.ledger.values import CloudRequest

_iotda_only = click.option("--cloud", type=click.Choice(["iotda"]), expose_value=False, help="IoTDA; the only one.")
_product = click.option("--product", required=True, help="productKey.")


@click.group()
def batch() -> None:
    """Make production batches in the cloud, and see what became of them.

    Generating costs activation codes. Each request is journalled before it is sent and is never sent twice by itself.
    """


batch.add_command(pull)


@contextmanager
def _opened(ctx: Context) -> Iterator[tuple[Ledger, LivingLink]]:
    from station.intake.accounts import living_link

    with ctx.open_ledger() as ledger:
        living = living_link(ctx.config)
        try:
            yield ledger, living
        finally:
            living.close()


@batch.command()
@click.option("--product", default="", help="productKey.")
@click.option("--amount", type=click.IntRange(1), help="So many, with names of the cloud's choice.")
@click.option("--batch", "batch_id", help="From the names uploaded as this batch.")
@json_option
@click.pass_obj
def generate(ctx: Context, product: str, amount: int | None, batch_id: str | None, *, as_json: bool) -> None:
    """Generate certificates: --product KEY --amount N, or --batch ID of uploaded names."""
    from station.intake.generate import generate as by_amount
    from station.intake.generate import generate_named

    if (amount is None) == (batch_id is None) or (amount is not None and not product):
        raise UsageError("say what to generate", do="--product KEY --amount N, or --batch ID", code="E121")
    with _opened(ctx) as (ledger, living):
        if batch_id is not None:
            made = generate_named(ledger, living, batch_id, product)
        else:
            made = by_amount(ledger, living, product, amount or 0)
    _tell_batch(made, as_json=as_json)


@batch.command("generate-nvr")
@_product
@click.option("--amount", type=click.IntRange(1), required=True, help="NVRs; each comes with its cameras.")
@json_option
@click.pass_obj
def generate_nvr(ctx: Context, product: str, amount: int, *, as_json: bool) -> None:
    """Generate NVR sets."""
    from station.intake.generate import generate_nvr as by_amount

    with _opened(ctx) as (ledger, living):
        made = by_amount(ledger, living, product, amount)
    _tell_batch(made, as_json=as_json)


def _tell_batch(made: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"event": "batch", "batch": made})
    else:
        click.echo(f"batch {made}")
        click.echo(f"next: station pull {made}", err=True)


@batch.command("upload-names")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_product
@json_option
@click.pass_obj
def upload_names(ctx: Context, file: Path, product: str, *, as_json: bool) -> None:
    """Upload the device names in FILE, one a line; at most 1000 become one batch, more become several."""
    from station.intake.generate import upload_names as upload
    from station.intake.names import read_names

    with _opened(ctx) as (ledger, living):
        parts = upload(ledger, living, product, read_names(file))
    for part in parts:
        if as_json:
            print_json({"event": "batch", "batch": part.batch_id, "names": part.names, "again": part.again})
        else:
            was = "uploaded before" if part.again else "uploaded"
            click.echo(f"batch {part.batch_id}: {part.names} names {was}")
    click.echo("next, for each: station batch generate --batch ID", err=True)


@batch.command()
@_iotda_only
@click.option("--product", default="", help="product_id.")
@click.option("--names", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="node_ids, one a line.")
@click.option("--amount", type=click.IntRange(1, 100_000), help="So many, with names made here.")
@click.option("--gateway", default="", help="device_id of the gateway they are sub-devices of.")
@click.option("--channels", type=click.IntRange(1, 255), help="NVR sets: so many cameras under each.")
@click.option("--camera-product", default="", help="product_id of the cameras.")
@click.option("--resume", "batch_id", help="Go on with a batch that was not finished.")
@json_option
@click.pass_obj
def register(
    ctx: Context,
    product: str,
    names: Path | None,
    amount: int | None,
    gateway: str,
    channels: int | None,
    camera_product: str,
    batch_id: str | None,
    *,
    as_json: bool,
) -> int:
    """Register devices in IoTDA with secrets made here, and put their certificates into the queue.

    The secrets are sealed in the ledger before the cloud hears of them; stopped or killed, go on with --resume.
    """
    from station.intake.accounts import iotda
    from station.intake.names import read_names
    from station.intake.register import SetPlan, new_names, plan
    from station.intake.register import register as register_devices
    from station.ledger.registering import open_batches

    if sum(option is not None for option in (names, amount, batch_id)) != 1 or (batch_id is None and not product):
        raise UsageError("say what to register", do="--product P with --names FILE or --amount N; or --resume BATCH")
    if (channels is None) == bool(camera_product):
        raise UsageError("NVR sets need both", do="--channels N --camera-product P")
    line = ProgressLine("devices")
    with ctx.open_ledger() as ledger, ctrl_c_stops() as stop:
        unfinished = open_batches(ledger)
        if batch_id is None:
            _require_finished(unfinished, product)
            chosen = read_names(names) if names else new_names(amount or 0)
            sets = SetPlan(channels=channels, camera_product=camera_product) if channels else None
            batch_id = plan(ledger, product, chosen, gateway_id=gateway, sets=sets)
        elif batch_id not in unfinished:
            raise UsageError(f"nothing is left to register of batch {batch_id}", do="run: station batch list")
        client = iotda(ctx.config)
        try:
            report = register_devices(ledger, client, batch_id, show=line.show, stop=stop)
        finally:
            line.end()
            client.close()
    for name in report.taken:
        click.echo(f"{name} is in the cloud already and is not ours: left out", err=True)
    if as_json:
        taken = [str(name) for name in report.taken]
        print_json(
            {"event": "registered", "batch": batch_id, "new": report.registered, "left": report.left} | {"taken": taken}
        )
    else:
        click.echo(f"batch {batch_id}: {report.registered} identities registered, {report.left} left")
    if report.left:
        click.echo(f"stopped; go on with: station batch register --resume {batch_id}", err=True)
    return Exit.INTERRUPTED if report.left else Exit.OK


def _require_finished(unfinished: dict[str, tuple[str, int]], product: str) -> None:
    for batch_id, (of, left) in unfinished.items():
        if of == product:
            raise UsageError(
                f"batch {batch_id} still has {left} devices of {product} to register",
                do=f"run first: station batch register --resume {batch_id}",
                code="E123",
            )


@batch.command("list")
@json_option
@click.pass_obj
def list_batches(ctx: Context, *, as_json: bool) -> int:
    """What was asked of the cloud and what was received. Exit code 6 when an outcome is unknown."""
    from station.intake.generate import advice
    from station.ledger import journal, queries
    from station.ledger.registering import open_batches

    with ctx.open_ledger() as ledger:
        unknown = journal.unanswered(ledger)
        unfinished = open_batches(ledger)
        requests, rows = journal.requests(ledger), queries.batches(ledger.connection)
    if as_json:
        for request in requests:
            print_json({"event": "request", **_request(request)})
        for row in rows:
            print_json(
                {
                    "event": "received",
                    "batch": row.key.batch_id,
                    "provider": row.key.provider,
                    "product_key": row.key.product_key,
                    "source": row.key.source,
                    "total": row.total,
                    "complete": row.complete,
                    "certificates": row.received,
                }
            )
    else:
        print_table(
            ("batch", "request", "operation", "product", "asked", "sent", "outcome"),
            [
                (r.batch_id, r.request_id, r.operation, r.product_key, r.detail.get("amount"), r.sent_at[:19], r.state)
                for r in requests
            ],
        )
        click.echo()
        print_table(
            ("batch", "product", "from", "certificates", "total", "complete"),
            [
                (b.key.batch_id, b.key.product_key, b.key.source, b.received, b.total, "yes" if b.complete else "no")
                for b in rows
            ],
        )
    for batch_id, (_, left) in unfinished.items():
        click.echo(f"{batch_id} has {left} devices to register: station batch register --resume {batch_id}", err=True)
    for request in unknown:
        click.echo(f"{request.request_id} ({request.operation}) has no known outcome: {advice(request)}", err=True)
    return Exit.PERSON_NEEDED if unknown else Exit.OK


@batch.command()
@click.argument("batch_id", metavar="BATCH")
@json_option
@click.pass_obj
def show(ctx: Context, batch_id: str, *, as_json: bool) -> None:
    """All that the journal and the ledger know of BATCH."""
    from station.ledger import journal, queries

    with ctx.open_ledger() as ledger:
        requests = [request for request in journal.requests(ledger) if request.batch_id == batch_id]
        rows = [row for row in queries.batches(ledger.connection) if row.key.batch_id == batch_id]
    if not requests and not rows:
        raise UsageError(f"batch {batch_id} is neither in the journal nor in the ledger", do="run: station batch list")
    if as_json:
        received = sum(row.received for row in rows)
        complete = bool(rows) and all(row.complete for row in rows)
        content = {"requests": [_request(request) for request in requests], "certificates": received}
        print_json({"event": "batch", "batch": batch_id, "complete": complete, **content})
        return
    for request in requests:
        asked = request.detail.get("amount")
        words = f"{request.operation}{f' of {asked}' if asked else ''} for {request.product_key}"
        click.echo(f"{request.sent_at[:19]}  {words}: {request.state}  (request {request.request_id})")
    for row in rows:
        end = "complete" if row.complete else f"not complete; go on with: station pull {batch_id}"
        click.echo(f"{row.created_at[:19]}  received {row.received} certificates, {end}")


@batch.command()
@click.argument("request_id", metavar="REQUEST")
@click.option("--batch", "batch_id", help="The batch that the cloud's console shows for it.")
@click.option("--nothing-made", is_flag=True, help="The console shows that nothing was made.")
@click.pass_obj
def settle(ctx: Context, request_id: str, batch_id: str | None, *, nothing_made: bool) -> None:
    """Say what became of a REQUEST whose answer was lost."""
    from station.intake.generate import settle as settle_request

    if bool(batch_id) == nothing_made:
        raise UsageError("say what the cloud's console shows", do="--batch ID, or --nothing-made", code="E121")
    with ctx.open_ledger() as ledger:
        settle_request(ledger, request_id, batch_id)
    click.echo(f"request {request_id} is settled", err=True)


def _request(request: CloudRequest) -> dict[str, object]:
    return {
        "request": request.request_id,
        "operation": request.operation,
        "product_key": request.product_key,
        "amount": request.detail.get("amount"),
        "state": request.state,
        "batch": request.batch_id,
        "answer": request.answer,
        "sent_at": request.sent_at,
    }
