# SPDX-License-Identifier: GPL-3.0-or-later
"""`station report …`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from station.cli.completing import batches
from station.cli.context import Context, a_language, json_option
from station.cli.options import chosen_as
from station.cli.output import print_json, print_line, print_lines, say
from station.cli.report_paper import ReportWish, scope_of, tell_batch, write_report
from station.cli.spoken import SpokenGroup
from station.cli.typed import DAY, MOMENT, NAME_OR_NONE
from station.codes import Exit
from station.errors import NeedsPerson, UsageError
from station.model import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.report.export import Exported


@click.group(cls=SpokenGroup)
def report() -> None:
    """Exports for quality systems, batch reports and labels. Nothing here holds a secret."""


@report.command()
@click.option("--batch", "batch_id", type=NAME_OR_NONE, default="", shell_complete=batches, help="Only this batch.")
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


_FILE = click.Path(dir_okay=False, path_type=Path)


@report.command()
@click.argument("batch_id", metavar="[BATCH]", type=NAME_OR_NONE, default="", shell_complete=batches)
@click.option("--shift", is_flag=True, help="Of the present shift instead.")
@click.option("--day", type=DAY, default="", metavar="DATE", help="Of a day instead, e.g. 2026-11-22.")
@click.option("--line", is_flag=True, help="Of all that the ledger holds instead; of a line, of all its benches.")
@click.option("--html", type=_FILE, help="File for one signed page with pictures, to be read and printed.")
@click.option("--csv", type=_FILE, help="File for the same numbers, one a line.")
@click.option("--xlsx", type=_FILE, help="File for the same numbers and all certificates, as a spreadsheet.")
@click.option("--language", type=a_language, help="Default: [bench] language.")
@click.option("--verify", "whole_chain", is_flag=True, help="Recompute the whole audit for it, not its newest lines.")
@json_option
@click.pass_obj
@chosen_as(ReportWish)
def batch(ctx: Context, wish: ReportWish) -> int:
    """What came with a batch, what became of it, and the audit head that pins it: boards an hour, yield, failures by
    code, slots and phases compared. Exit code 7 where the audit is broken; the report says so and is written.
    """
    from station.report.batch import report_batch

    with ctx.open_ledger() as ledger:
        scope = scope_of(wish, ledger)
        if scope.batch_id and not (wish.files or wish.as_json or wish.whole_chain):
            tell_batch(report_batch(ledger, scope.batch_id), ctx.words)
            return Exit.OK
        sheet = write_report(ctx, ledger, scope, wish)
    return Exit.INTEGRITY if sheet.checked.wrong else Exit.OK


@report.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", default="", metavar="KEY", help="Also require that this key signed it, as printed on the page.")
@json_option
@click.pass_obj
def verify(ctx: Context, file: Path, key: str, *, as_json: bool) -> None:
    """Whether a page of `station report batch --html` is as a bench signed it, and which bench that was.

    Exit code 7 where it was altered; 6 where neither this ledger nor --key knows who signed it.
    """
    from station.paper.seal import read_seal
    from station.paper.signed import line_of
    from station.words.report_words import report_words

    content = file.read_bytes()
    seal = read_seal(content)
    with ctx.look() as ledger:
        known, line = line_of(ledger, seal, content)
    if as_json:
        print_json({"bench": seal.bench, "key": seal.key, "known": known, "line": line or None})
    else:
        text = report_words(ctx.words.language)
        print_line(text.whole.format(path=file, bench=seal.bench, key=seal.key))
        if known:
            print_line(text.of_this_ledger.format(line=line) if line else text.key_known)
    if (key and key.lower() != seal.key) or not (key or known):
        raise NeedsPerson(
            f"nobody here knows that {seal.bench} signs with the key {seal.key}",
            means="the page is whole, and whoever signed it may have written anything",
            do="compare the key with the one on a page that this bench printed, and give it: --key KEY",
        )


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
    from station.people.badge import badge_number
    from station.report.handover import take_stock
    from station.words.paper import handover_text

    badge = badge_number(to)
    with ctx.open_ledger() as ledger:
        found = take_stock(ledger)
        text = handover_text(found, ctx.words, to=badge)
        path = hand_over(ledger, found, badge, folder=ctx.config.state_dir / "reports", text=text)
    print_line(path)


@report.command()
@click.option("--batch", "batch_id", type=NAME_OR_NONE, default="", shell_complete=batches, help="Only this batch.")
@click.option("--since", type=MOMENT, default="", metavar="ISO", help="Done since, e.g. 2026-11-22T06:00 (UTC).")
@click.option("--output", type=click.Path(path_type=Path), help="File or printer device; default: stdout.")
@json_option
@click.pass_obj
def labels(ctx: Context, batch_id: str, since: str, output: Path | None, *, as_json: bool) -> None:
    """Labels of flashed boards as ZPL II, for a label printer: name, uid, and both as a QR code.

    All at once, none of them noted or marked as a reprint, unlike those of `station label print`.
    """
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
