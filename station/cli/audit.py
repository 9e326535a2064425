# SPDX-License-Identifier: GPL-3.0-or-later
"""`station audit …`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from station.cli.account import account
from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, print_told, say
from station.cli.pager import paged
from station.cli.past_lines import audit_content, past_text
from station.cli.progress_line import ProgressLine
from station.cli.spoken import SpokenGroup
from station.cli.typed import MOMENT
from station.codes import Code
from station.errors import ConfigError, IntegrityAlarm, UsageError
from station.meant import perhaps

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from station.ledger.audit import Head
    from station.ledger.view import View


@click.group(cls=SpokenGroup)
def audit() -> None:
    """The append-only, hash-chained record of every transition."""


@audit.command()
@click.option("--head", "expected", default="", help="Also require that this head, printed earlier, is in the chain.")
@json_option
@click.pass_obj
def verify(ctx: Context, expected: str, *, as_json: bool) -> None:
    """Recompute the whole chain and compare it with the rows. A broken one locks the station; exit code 7, also for a
    whole one of a ledger that is locked because it may not be believed.

    Of a copy in a folder that nobody may write to, it only says so.
    """
    from station.ledger import trouble
    from station.ledger.locks import STATION
    from station.ledger.view import may_work_on

    if expected and not re.fullmatch("[0-9a-f]{64}", expected):
        raise UsageError(f"“{expected}” is no audit head", do="give all 64 hex digits of the printed one")
    if may_work_on(ctx.config.ledger_path):
        with ctx.open_ledger() as ledger:
            try:
                head = _verified(ctx, ledger)
            except IntegrityAlarm as alarm:
                ledger.locks.lock(STATION, alarm.code, alarm.what)
                raise
            _require_head(ledger, expected)
            held = ledger.locks.held().get(STATION)
    else:
        with ctx.look() as copy:
            head = _verified(ctx, copy)
            _require_head(copy, expected)
            held = copy.locks.held().get(STATION)
    locked = held.what if held is not None and held.code == trouble.CODE else ""
    if as_json:
        print_json({"lines": head.seq, "head": head.hash, "intact": True, "locked": locked})
    else:
        print_told(f"intact: {head.seq} lines, head {head.hash}")
    if locked:
        raise trouble.locked(locked)


def _verified(ctx: Context, ledger: View) -> Head:
    """Its head; meanwhile, how far it is."""
    from station.intake.progress import Meter

    line, meter = ProgressLine(ctx.words.commands.progress.lines, ctx.words), Meter(0)
    try:
        return ledger.audit.verify(lambda seq: line.show(meter.at(seq, None)))
    finally:
        line.end()


def _require_head(ledger: View, expected: str) -> None:
    if expected and not ledger.audit.contains(expected):
        raise IntegrityAlarm(
            f"the head {expected} is not in the chain",
            means="lines were cut off or rewritten after it was printed",
            do="stop flashing and compare with the backup",
            code=Code.E702,
        )


@audit.command()
@click.pass_obj
def reindex(ctx: Context) -> None:
    """Make every index anew from its table, when `verify` or `station doctor` says that one is damaged (E327)."""
    with ctx.open_ledger() as ledger:
        ledger.audit.reindex()
        ledger.audit.note("indexes made anew", by=account())
    say("every index is made anew from its table; now run: station audit verify")


@audit.command()
@click.option("--since", type=MOMENT, default="", metavar="ISO", help="Written since, e.g. 2026-11-22T06:00 (UTC).")
@click.option("--event", "wanted", multiple=True, metavar="EVENT", help="Only these, e.g. unlocked; may be repeated.")
@click.option("--after", type=click.IntRange(min=0), default=0, help="Only lines behind this number.")
@json_option
@click.pass_obj
@paged
def log(ctx: Context, since: str, wanted: tuple[str, ...], after: int, *, as_json: bool) -> None:
    """The chain, line by line: what happened, when, by whose word. With --json a line each, with its
    proofs and details."""
    from station.desk.searching import moved

    with ctx.look() as ledger:
        _require_known(ledger, wanted, ctx.words.past.events)
        line = None
        for line in ledger.audit.log(since=since, events=wanted, after=after):
            if as_json:
                print_json(audit_content(line) | {"name": line.name})
            else:
                print_line(f"{line.seq}  {past_text(moved(line, line.name), ctx.words)}")
    if line is None and as_json:
        print_json({"lines": []})


def _require_known(ledger: View, wanted: Sequence[str], may_happen: Collection[str]) -> None:
    """ConfigError E116 for a word that no line has, and that nothing is called by."""
    if not (strange := [event for event in wanted if event not in may_happen]):
        return
    happened = ledger.audit.events()
    for event in strange:
        if event not in happened:
            raise ConfigError(
                f"there is no event “{event}” in the audit{perhaps(event, {*happened, *may_happen})}",
                do=f"one of: {', '.join(happened)}",
                code=Code.E116,
            )
