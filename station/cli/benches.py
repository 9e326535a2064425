# SPDX-License-Identifier: GPL-3.0-or-later
"""`station status --line`: every bench of a line, and the line as a whole."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from station.cli.context import Context
from station.cli.output import print_json, print_line, print_table

if TYPE_CHECKING:
    from station.ledger.locks import Lock
    from station.ledger.view import View
    from station.report.line import BenchNumbers, LineNumbers
    from station.words.command_words import LineWords


def show_line(ctx: Context, ledger: View, *, as_json: bool) -> None:
    from station.report.line import line_numbers
    from station.words.told import lock_line

    found = line_numbers(ledger, plan=int(ctx.config.number("line.plan")))
    if as_json:
        print_json(_content(found))
        return
    text = ctx.words.commands.line
    print_table(text.heads, [_row(bench, text) for bench in found.benches])
    print_line()
    lasting = text.lasting.format(hours=f"{found.hours_left:.1f}") if found.hours_left is not None else ""
    numbers = {"per_hour": found.per_hour, "ready": found.ready, "in_doubt": found.in_doubt}
    print_line(text.line.format(**numbers, lasting=lasting))
    if found.part_of_plan is not None:
        print_line(text.plan.format(plan=found.plan, percent=f"{found.part_of_plan:.0%}"))
    for lock in found.locks:
        print_line(text.locked.format(lock=f"{lock.where or '*'}: {lock_line(lock, ctx.words)}"))


def _content(found: LineNumbers) -> dict[str, object]:
    """Doubts are in `station status --json`."""
    values = {one.name: getattr(found, one.name) for one in fields(found) if one.name != "doubts"}
    benches = [
        {
            **asdict(bench.seen),
            "failed": bench.failed,
            "to_put_back": bench.to_put_back,
            "in_red_bin": bench.in_red_bin,
            "yield": bench.part_passed,
        }
        for bench in found.benches
    ]
    more = {"in_red_bin": found.in_red_bin, "part_of_plan": found.part_of_plan}
    return {**values, **more, "benches": benches, "locks": [told_of(lock) for lock in found.locks]}


def told_of(lock: Lock) -> str:
    return f"{lock.where or '*'}: {lock.code} {lock.what}"


def _row(bench: BenchNumbers, text: LineWords) -> tuple[object, ...]:
    passed = "" if bench.part_passed is None else f"{bench.part_passed:.0%}"
    away = text.away if bench.seen.present is False else ""
    quiet_s = bench.seen.quiet_s
    heard_of = away if quiet_s is None else text.seen.format(seconds=f"{quiet_s:.0f}")
    return (bench.seen.name, bench.seen.passed, passed, bench.to_put_back, bench.in_red_bin, heard_of)
