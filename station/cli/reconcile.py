# SPDX-License-Identifier: GPL-3.0-or-later
"""`station reconcile`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from station.cli.completing import batches
from station.cli.context import Context, json_option
from station.cli.options import chosen_as
from station.cli.output import print_json, print_line, say
from station.cli.progress_line import ProgressLine, StopAsked, ctrl_c_stops
from station.cli.spoken import Spoken
from station.cli.telling import state_in, tell
from station.cli.typed import MOMENT, NAMED
from station.codes import Code, Exit
from station.errors import CloudFault, UsageError, most_serious

if TYPE_CHECKING:
    from station.intake.reconcile import Difference, Reconciled
    from station.ledger.store import Ledger
    from station.ledger.values import BatchKey
    from station.model import State
    from station.words.language import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileWish:
    """The command's options."""

    batch: str | None
    all_batches: bool
    since: str
    days: int
    as_json: bool


@click.command(cls=Spoken)
@click.argument("batch", type=NAMED, required=False, metavar="[BATCH]", shell_complete=batches)
@click.option("--all", "all_batches", is_flag=True, help="Every batch.")
@click.option(
    "--since", type=MOMENT, default="", metavar="ISO", help="Only batches of which something moved since (UTC)."
)
@click.option(
    "--days", type=click.IntRange(min=0), default=30, show_default=True, help="Until a board should be in use."
)
@json_option
@click.pass_obj
@chosen_as(ReconcileWish)
def reconcile(ctx: Context, wish: ReconcileWish) -> int:
    """Ask the cloud again, and tell only what differs: in use there and never on a board here (E706, exit code 7); on a
    board for long and never in use; there and not here; withheld and never used; here and no longer there.

    May be stopped (Ctrl-C) and run again: it goes on where it ended. Exit code 6 where something differs.
    """
    if bool(wish.batch) == wish.all_batches:
        raise UsageError("which batch is to be asked about?", do="give a BATCH, or --all", code=Code.E121)
    ends = [Exit.OK]
    with ctx.open_ledger() as ledger, ctrl_c_stops(ctx.words) as stop:
        for key in _chosen(ledger, wish):
            try:
                report = _ask(ctx, ledger, key, wish, stop)
            except CloudFault as fault:  # the other batches are asked about all the same
                tell(fault, ctx)
                ends.append(fault.code.exit)
                continue
            if report is None:
                _tell_a_file(key.batch_id, ctx.words, as_json=wish.as_json)
                continue
            _tell(report, ctx.words, as_json=wish.as_json)
            if report.fault is not None:
                tell(report.fault, ctx)
            ends.append(_end_of(report))
            if stop():
                break
    return most_serious(ends)


def _chosen(ledger: Ledger, wish: ReconcileWish) -> Iterator[BatchKey]:
    """Each batch once, whatever products it has. ConfigError E116 for one that is not here."""
    rows = {(row.key.provider, row.key.batch_id): row.key for row in ledger.batches.all()}
    chosen = [key for key in rows.values() if wish.all_batches or key.batch_id == wish.batch]
    if not chosen and wish.batch:
        raise ledger.batches.unknown(wish.batch)
    for key in chosen:
        if not wish.since or next(ledger.traces.all(batch_id=key.batch_id, since=wish.since), None):
            yield key


def _ask(ctx: Context, ledger: Ledger, key: BatchKey, wish: ReconcileWish, stop: StopAsked) -> Reconciled | None:
    """None for a batch that came from a file."""
    from station.cloud.clouds import is_pulled, open_certificates, open_registration
    from station.intake.progress import resting
    from station.intake.reconcile import Inquiry, reconcile_pulled, reconcile_registered

    if key.source != "cloud":
        return None
    line = ProgressLine(ctx.words.commands.progress.identities, ctx.words)
    inquiry = Inquiry(days=wish.days, show=line.show, say=line.say, stop=stop)
    try:
        if is_pulled(key.provider):
            with closing(ledger.tokens.lend(open_certificates(ctx.config, key.provider))) as client:
                client.while_throttled(resting(line.say, stop))
                return reconcile_pulled(ledger, client, key.batch_id, inquiry)
        with closing(ledger.tokens.lend(open_registration(ctx.config, key.provider))) as cloud:
            cloud.while_throttled(resting(line.say, stop))
            return reconcile_registered(ledger, cloud, key.batch_id, inquiry)
    finally:
        line.end()


def _end_of(report: Reconciled) -> Exit:
    from station.intake.reconcile import Differs

    if any(one.kind is Differs.LEAKED for one in report.differences):
        return Code.E706.exit
    if report.fault is not None:
        return report.fault.code.exit
    if not report.whole:
        return Exit.INTERRUPTED
    return Exit.PERSON_NEEDED if report.differences else Exit.OK


def _tell_a_file(batch: str, words: Words, *, as_json: bool) -> None:
    from station.words.reconcile_words import reconcile_words

    if as_json:
        print_json({"event": "not-asked", "batch": batch})
    say(reconcile_words(words.language).a_file.format(batch=batch))


def _tell(report: Reconciled, words: Words, *, as_json: bool) -> None:
    """What differs is data; what cannot be known is talk."""
    from station.words.reconcile_words import reconcile_words

    text, batch = reconcile_words(words.language), report.batch_id
    for one in report.differences:
        if as_json:
            print_json(_content(batch, one))
        else:
            state = state_in(words, _state(one)) if one.state else ""
            kind = text.kinds[one.kind].format(batch=batch, name=one.name)
            print_line(text.line.format(name=one.name, state=state, uid=one.board_uid, kind=kind))
    if as_json:
        counts = Counter(str(one.kind) for one in report.differences)
        told = {"asked": report.asked, "unsaid": report.unsaid, "lists": report.lists, "whole": report.whole}
        print_json({"event": "reconciled", "batch": batch, **told, "differences": dict(counts)})
    differ = text.differ if report.differences else text.same
    said = [differ.format(batch=batch, asked=report.asked, number=len(report.differences))]
    said += [text.unsaid.format(batch=batch, number=report.unsaid)] if report.unsaid else []
    said += [] if report.lists else [text.lists_none.format(batch=batch)]
    said += [] if report.whole else [text.ended.format(batch=batch)]
    leaked = sum(one.kind == "leaked" for one in report.differences)
    said += [words.of(f"{Code.E706} {words.codes[Code.E706].what}", leaked)] if leaked else []
    for line in said:
        say(line)


def _state(one: Difference) -> State:
    from station.model import State

    return State(one.state)


def _content(batch: str, one: Difference) -> dict[str, object]:
    return {
        "event": "difference",
        "batch": batch,
        "kind": one.kind,
        "name": str(one.name),
        "state": one.state,
        "board_uid": one.board_uid,
        "status": one.status,
        "since": one.since,
    }
