# SPDX-License-Identifier: GPL-3.0-or-later
"""`station batch list|show|settle`: what was asked of the cloud, from our own journal, since the cloud has no list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from station.cli.context import Context, json_option
from station.cli.output import print_json, print_table
from station.errors import Exit, UsageError

if TYPE_CHECKING:
    from station.ledger.values import CloudRequest


@click.command("list")
@json_option
@click.pass_obj
def list_batches(ctx: Context, *, as_json: bool) -> int:
    """What was asked of the cloud and what was received. Exit code 6 when an outcome is unknown."""
    from station.intake.journalled import advice
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


@click.command()
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


@click.command()
@click.argument("request_id", metavar="REQUEST")
@click.option("--made", metavar="ID", help="The batch (or product) that the cloud's console shows for it.")
@click.option("--nothing-made", is_flag=True, help="The console shows that nothing was made.")
@click.pass_obj
def settle(ctx: Context, request_id: str, made: str | None, *, nothing_made: bool) -> None:
    """Say what became of a REQUEST whose answer was lost."""
    from station.intake.journalled import settle as settle_request

    if bool(made) == nothing_made:
        raise UsageError("say what the cloud's console shows", do="--made ID, or --nothing-made", code="E121")
    with ctx.open_ledger() as ledger:
        settle_request(ledger, request_id, made)
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
