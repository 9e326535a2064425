# SPDX-License-Identifier: GPL-3.0-or-later
"""`station doctor`."""

from __future__ import annotations

import click

from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line
from station.cli.spoken import Spoken
from station.errors import most_serious


@click.command(cls=Spoken)
@json_option
@click.pass_obj
def doctor(ctx: Context, *, as_json: bool) -> int:
    """Find what is wrong with this bench, and the command that mends it. Changes nothing, opens no board's port.

    Checks drivers, permissions, slots, busy ports, adapter latency, programs that get in the way, disk, key, ledger and
    audit, its witnesses and machine, clock, profile and the cloud's answer. Exit code 7 for an integrity
    alarm, 3 when something else is wrong, 6 when only a person is waited for; warnings do not count.
    """
    from station.cli.telling import words_of
    from station.doctor import Level, examine
    from station.doctor.bench import checks
    from station.words.details import said

    findings, words = [], words_of(ctx)
    for finding in examine(checks(lambda: ctx.config)):
        findings.append(finding)
        if not as_json:
            print_line(f"{finding.level:8} {finding.check:13} {said(finding.what, words)}".rstrip())
            if finding.do:
                print_line(f"{'':8} {'':13} → {said(finding.do, words)}")
    wrong = sum(finding.level is Level.WRONG for finding in findings)
    if as_json:
        rows = [{"check": f.check, "level": f.level, "what": f.what, "do": f.do} for f in findings]
        print_json({"wrong": wrong, "findings": rows})
    return most_serious(finding.exit for finding in findings)
