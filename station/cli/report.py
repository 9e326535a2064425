# SPDX-License-Identifier: GPL-3.0-or-later
"""`station report …`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, print_lines, print_table, say
from station.cli.spoken import SpokenGroup
from station.cli.typed import MOMENT
from station.errors import UsageError
from station.model import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.report.export import Exported


@click.group(cls=SpokenGroup)
def report() -> None:
    """Exports for quality systems, batch reports and labels. Nothing here holds a secret."""


@report.command()
@click.option("--batch", "batch_id", default="", help="Only this batch.")
@click.option("--state", type=click.Choice([s.value for s in State], case_sensitive=False), help="Only this state.")
@click.option("--since", type=MOMENT, default="", metavar="ISO", help="Changed since, e.g. 2026-11-22T06:00 (UTC).")
@click.option("--visits", is_flag=True, help="Every board's stay in a slot instead, failures too.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; default: stdout.")
@json_option
@click.pass_obj
def export(
    ctx: Context, batch_id: str, state: str | None, since: str, output: Path | None, *, visits: bool, as_json: bool
) -> None:
    """Which board got which certificate, when and at whose bench: CSV, or JSON lines with --json."""
    if visits and (batch_id or state):
        raise UsageError("a stay has no batch and no state", do="leave --batch and --state out, or --visits")
    with ctx.open_ledger() as ledger:
        if visits:
            found: Iterable[Exported] = ledger.visits.told(MOMENT.unix(since))
        else:
            found = ledger.traces.all(batch_id=batch_id, state=State(state.upper()) if state else None, since=since)
        if output is None:
            _write(found, sys.stdout, visits=visits, as_json=as_json)
            return
        with output.open("w", encoding="utf-8", newline="") as file:
            rows = _write(found, file, visits=visits, as_json=as_json)
    say(f"{rows} {'visits' if visits else 'certificates'} written to {output}")


def _write(found: Iterable[Exported], out: TextIO, *, visits: bool, as_json: bool) -> int:
    from station.ledger.stays import Stay
    from station.ledger.tracing import Trace
    from station.report.export import write_csv, write_json_lines

    return write_json_lines(found, out) if as_json else write_csv(found, out, Stay if visits else Trace)


@report.command()
@click.argument("batch_id", metavar="BATCH")
@json_option
@click.pass_obj
def batch(ctx: Context, batch_id: str, *, as_json: bool) -> None:
    """What came with a batch, what became of it, and the audit head that pins it."""
    from station.report.batch import report_batch
    from station.words.paper import batch_text

    with ctx.open_ledger() as ledger:
        found = report_batch(ledger, batch_id)
    if as_json:
        reasons = {reason.why: reason.certificates for reason in found.open_reasons}
        print_json(asdict(found) | {"open_reasons": reasons})
        return
    if not ctx.words.native:
        print_lines(batch_text(found, ctx.words))
        return
    complete = "complete" if found.complete else "not complete"
    print_line(f"batch {found.batch_id}, product {found.product_key}: {found.received} certificates, {complete}")
    of = f" of {found.total}" if found.total is not None else ""
    aside = {"withheld": found.withheld, "conflicting": found.conflicting, "odd": found.odd}
    listed = "".join(f", {count} {word}" for word, count in aside.items() if count)
    print_line(f"{found.held}{of} identities held{listed}")
    print_table(("state", "certificates"), [(s, n) for s, n in found.states.items() if n])
    print_line(f"{found.boards} boards, {found.attempts_over_one} certificates needed more than one attempt")
    if found.proofs:
        print_line("proved by " + ", ".join(f"{method}: {count}" for method, count in found.proofs.items()))
    if found.first:
        print_line(f"consumed from {found.first[:19]} to {found.last[:19]} UTC")
    for reason in found.open_reasons:
        print_line(f"  {reason.certificates} × {reason.why}")
    print_line(f"audit head {found.audit_head}")


@report.command()
@json_option
@click.pass_obj
def shift(ctx: Context, *, as_json: bool) -> None:
    """The shift so far: who works since when, totals, failures by code, boards in doubt, stock, audit head."""
    from station.report.handover import as_json as values_of
    from station.report.handover import take_stock
    from station.words.paper import handover_text

    with ctx.open_ledger() as ledger:
        found = take_stock(ledger)
    if as_json:
        print_json(values_of(found))
    else:
        print_lines(handover_text(found, ctx.words))


@report.command()
@click.option("--to", required=True, metavar="BADGE", help="Who takes over: OP and a number, as on the badge.")
@click.pass_obj
def handover(ctx: Context, to: str) -> None:
    """Close the shift: save its report as text and JSON, and begin the next one."""
    from station.desk.handing_over import hand_over
    from station.people.pins import badge_number
    from station.report.handover import take_stock
    from station.words.paper import handover_text

    badge = badge_number(to)
    with ctx.open_ledger() as ledger:
        found = take_stock(ledger)
        text = handover_text(found, ctx.words, to=badge)
        path = hand_over(ledger, found, badge, folder=ctx.config.state_dir / "reports", text=text)
    print_line(path)


@report.command()
@click.option("--batch", "batch_id", default="", help="Only this batch.")
@click.option("--since", type=MOMENT, default="", metavar="ISO", help="Done since, e.g. 2026-11-22T06:00 (UTC).")
@click.option("--output", type=click.Path(path_type=Path), help="File or printer device; default: stdout.")
@json_option
@click.pass_obj
def labels(ctx: Context, batch_id: str, since: str, output: Path | None, *, as_json: bool) -> None:
    """Labels of flashed boards as ZPL II, for a label printer: name, uid, and both as a QR code."""
    from station.report.labels import zpl

    with ctx.open_ledger() as ledger:
        done = ledger.traces.all(batch_id=batch_id, state=State.CONSUMED, since=since)
        if as_json and output is None:
            print_json({"labels": list(zpl(done))})
            return
        out: TextIO = sys.stdout if output is None else output.open("w", encoding="utf-8")
        try:
            out.writelines(zpl(done))
        finally:
            if output is not None:
                out.close()
