# SPDX-License-Identifier: GPL-3.0-or-later
"""`station status --line`: every bench of a line, and the line as a whole."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from station.cli.context import Context
from station.cli.output import print_json, print_line, print_table

if TYPE_CHECKING:
    from station.ledger.line import BenchView
    from station.ledger.view import View
    from station.words.command_words import LineWords


def show_line(ctx: Context, ledger: View, *, as_json: bool) -> None:
    from station.report.line import line_numbers

    found = line_numbers(ledger, plan=int(ctx.config.number("line.plan")))
    if as_json:
        benches = [{**asdict(bench), "yield": bench.part_passed} for bench in found.benches]
        print_json({**asdict(found), "benches": benches, "part_of_plan": found.part_of_plan})
        return
    text = ctx.words.commands.line
    print_table(text.heads, [_row(bench, text) for bench in found.benches])
    print_line()
    left = text.left.format(hours=f"{found.hours_left:.1f}") if found.hours_left is not None else ""
    print_line(text.line.format(per_hour=found.per_hour, ready=found.ready, in_doubt=found.in_doubt) + left)
    if found.part_of_plan is not None:
        print_line(text.plan.format(plan=found.plan, percent=f"{found.part_of_plan:.0%}"))
    for lock in found.locks:
        print_line(text.locked.format(lock=lock))


def _row(bench: BenchView, text: LineWords) -> tuple[object, ...]:
    passed = "" if bench.part_passed is None else f"{bench.part_passed:.0%}"
    away = "" if bench.present is None else text.away
    seen = away if bench.quiet_s is None else text.seen.format(seconds=f"{bench.quiet_s:.0f}")
    return (bench.name, bench.passed, passed, bench.in_doubt, seen)
