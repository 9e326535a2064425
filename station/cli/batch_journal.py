# SPDX-License-Identifier: GPL-3.0-or-later
"""`station batch list|show|settle`: what was asked of the cloud, from our own journal, since the cloud has no list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from station.cli.asking import require_yes, yes_option
from station.cli.completing import batches
from station.cli.context import Context, json_option
from station.cli.dry_run import dry_run_option
from station.cli.output import print_json, print_line, print_table, print_told, say, second, spoken
from station.cli.pager import paged
from station.cli.spoken import Spoken
from station.cli.typed import NAMED
from station.codes import Code, Exit
from station.errors import UsageError
from station.meant import perhaps

if TYPE_CHECKING:
    from station.ledger.registering import OpenBatch
    from station.ledger.values import BatchCounts, BatchRow, CloudRequest


@click.command("list", cls=Spoken)
@json_option
@click.pass_obj
@paged
def list_batches(ctx: Context, *, as_json: bool) -> int:
    """What was asked of the cloud and what was received. Exit code 6 when a person must settle something."""
    from station.intake.journalled import advice

    with ctx.open_ledger() as ledger:
        unknown = ledger.requests.unanswered()
        unfinished = ledger.registrations.open_batches()
        requests, rows = ledger.requests.all(), ledger.batches.all()
        counts = ledger.batches.counts()
        odd = ledger.odd.open_counts()
    received = [_Received(row, counts[row.key], odd.get((row.key.provider, row.key.batch_id), 0)) for row in rows]
    if as_json and not requests and not received and not unfinished:
        print_json({"batches": []})
    elif as_json:
        for request in requests:
            print_json({"event": "request", **_request(request)})
        for one in received:
            print_json(one.content())
        for batch_id, batch in unfinished.items():
            print_json(_unfinished(batch_id, batch))
    else:
        _print_tables(requests, received)
    waiting = _tell_unfinished(unfinished)
    for request in unknown:
        say(f"{request.request_id} ({request.operation}) has no known outcome: {advice(request)}")
    return Exit.PERSON_NEEDED if unknown or waiting else Exit.OK


@dataclass(frozen=True, slots=True)
class _Received:
    """A batch of the ledger; `odd`: items of it that were set aside."""

    row: BatchRow
    counts: BatchCounts
    odd: int

    def content(self) -> dict[str, object]:
        return {
            "event": "received",
            "batch": self.row.key.batch_id,
            "provider": self.row.key.provider,
            "product_key": self.row.key.product_key,
            "source": self.row.key.source,
            "total": self.row.total,
            "complete": self.row.complete,
            "certificates": self.row.received,
            "held": self.counts.held,
            "withheld": self.counts.withheld,
            "conflicting": self.counts.conflicting,
            "odd": self.odd,
        }

    def cells(self) -> tuple[object, ...]:
        return (
            self.row.key.batch_id,
            self.row.key.product_key,
            self.row.key.source,
            self.row.total,
            self.counts.held,
            self.row.received,
            self.counts.withheld,
            self.counts.conflicting,
            self.odd,
            spoken("yes" if self.row.complete else "no"),
        )


def _print_tables(requests: Sequence[CloudRequest], received: Sequence[_Received]) -> None:
    print_table(
        ("batch", "request", "operation", "product", "asked", "sent", "outcome"),
        [
            (
                r.batch_id,
                r.request_id,
                r.operation,
                r.product_key,
                r.detail.get("amount"),
                second(r.sent_at),
                spoken(r.state),
            )
            for r in requests
        ],
    )
    print_line("")
    print_table(
        ("batch", "product", "from", "total", "here", "certificates", "withheld", "conflicting", "odd", "complete"),
        [one.cells() for one in received],
    )


def _unfinished(batch_id: str, batch: OpenBatch) -> dict[str, object]:
    """A registration that goes on with --resume; `waiting`: devices of it that wait for a person."""
    content = {"batch": batch_id, "product_key": batch.product_key, "to_register": batch.devices}
    return {"event": "unfinished", **content, "waiting": batch.devices - batch.fresh}


def _tell_unfinished(unfinished: Mapping[str, OpenBatch]) -> bool:
    """Whether any of them waits for a person."""
    waiting = False
    for batch_id, batch in unfinished.items():
        waits = batch.devices - batch.fresh
        waiting = waiting or bool(waits)
        of_them = f", {waits} of them wait for a person (station batch show {batch_id})" if waits else ""
        resume = f"station batch register --resume {batch_id}"
        say(f"{batch_id} has {batch.devices} devices to register{of_them}: {resume}")
    return waiting


@click.command(cls=Spoken)
@click.argument("batch_id", metavar="BATCH", type=NAMED, shell_complete=batches)
@json_option
@click.pass_obj
@paged
def show(ctx: Context, batch_id: str, *, as_json: bool) -> None:
    """All that the journal and the ledger know of BATCH, or of a request by its id."""
    with ctx.open_ledger() as ledger:
        requests = [r for r in ledger.requests.all() if batch_id in (r.batch_id, r.request_id)]
        rows = [row for row in ledger.batches.all() if row.key.batch_id == batch_id]
        open_here = ledger.registrations.open_batches().get(batch_id)
        waits = ledger.registrations.waiting(batch_id)
        known_ids = [r.batch_id for r in ledger.requests.all()] + [row.key.batch_id for row in ledger.batches.all()]
    if not requests and not rows and not open_here:
        raise UsageError(
            f"batch {batch_id} is neither in the journal nor in the ledger{perhaps(batch_id, known_ids)}",
            do="run: station batch list",
        )
    known = _Batch(batch_id, requests, rows, open_here.devices if open_here else 0, waits)
    if as_json:
        print_json(known.content())
    else:
        known.tell()


@dataclass(frozen=True, slots=True)
class _Batch:
    """All that is known of one batch. `waits`: devices that wait for a person, a line each."""

    batch_id: str
    requests: Sequence[CloudRequest]
    rows: Sequence[BatchRow]
    to_register: int
    waits: Sequence[str]

    def content(self) -> dict[str, object]:
        return {
            "event": "batch",
            "batch": self.batch_id,
            "complete": bool(self.rows) and all(row.complete for row in self.rows),
            "requests": [_request(request) for request in self.requests],
            "certificates": sum(row.received for row in self.rows),
            "to_register": self.to_register,
            "waiting": list(self.waits),
        }

    def tell(self) -> None:
        for request in self.requests:
            _tell_request(request)
        for row in self.rows:
            end = "complete" if row.complete else f"not complete; go on with: station pull {self.batch_id}"
            print_told(f"received {row.received} certificates, {end}", indent=f"{second(row.created_at)}  ")
        if self.to_register:
            print_told(f"{self.to_register} devices to register: station batch register --resume {self.batch_id}")
        for line in self.waits:
            print_told(f"waits for a person: {line}", indent="  ")


def _tell_request(request: CloudRequest) -> None:
    from station.intake.journalled import advice

    asked = request.detail.get("amount")
    words = f"{request.operation}{f' of {asked}' if asked else ''}, product {request.product_key}"
    print_told(f"{words}: {spoken(request.state)}  ({request.request_id})", indent=f"{second(request.sent_at)}  ")
    if request.raw:
        print_told(f"answered, and not understood: {request.raw}", indent="  ")
    if request.state == "UNKNOWN":
        print_told(advice(request), indent="  → ")


@click.command(cls=Spoken)
@click.argument("request_id", metavar="REQUEST")
@click.option("--made", metavar="ID", help="The batch (or product) that the cloud's console shows for it.")
@click.option("--nothing-made", is_flag=True, help="The console shows that nothing was made.")
@yes_option
@dry_run_option
@click.pass_obj
def settle(ctx: Context, request_id: str, made: str | None, *, nothing_made: bool) -> None:
    """Say what became of a REQUEST whose answer was lost."""
    from station.intake.journalled import require_unknown
    from station.intake.journalled import settle as settle_request

    if bool(made) == nothing_made:
        raise UsageError("say what the cloud's console shows", do="--made ID, or --nothing-made", code=Code.E121)
    with ctx.open_ledger() as ledger:
        require_unknown(ledger, request_id)
        if made:
            require_yes(f"Request {request_id} is taken to have made {made}; its product may be ordered again")
        else:
            require_yes(f"Request {request_id} is taken to have made nothing; its product may be ordered again")
        settle_request(ledger, request_id, made)
    say(f"request {request_id} is settled")


def _request(request: CloudRequest) -> dict[str, object]:
    return {
        "request": request.request_id,
        "operation": request.operation,
        "product_key": request.product_key,
        "amount": request.detail.get("amount"),
        "state": request.state,
        "batch": request.batch_id,
        "answer": request.answer,
        "raw": request.raw,
        "sent_at": request.sent_at,
    }
