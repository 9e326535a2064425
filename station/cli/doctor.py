# SPDX-License-Identifier: GPL-3.0-or-later
"""`station doctor`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from station.cli.asking import require_yes, yes_option
from station.cli.context import Context, json_option
from station.cli.dry import is_dry_run
from station.cli.dry_run import dry_run_option, would
from station.cli.output import print_json, print_line, say
from station.cli.spoken import Spoken
from station.errors import StationError, StationFault, most_serious
from station.words.width import padded

if TYPE_CHECKING:
    from station.doctor import Finding


@click.command(cls=Spoken)
@click.option("--fix", is_flag=True, help="Do what mends it, where nothing can be lost by it; then look again.")
@yes_option
@dry_run_option
@json_option
@click.pass_obj
def doctor(ctx: Context, *, fix: bool, as_json: bool) -> int:
    """Find what is wrong with this bench, and the command that mends it. Changes nothing but with --fix, opens no
    board's port.

    Checks drivers, permissions, slots, busy ports, adapter latency, programs that get in the way, disk, folders, key,
    ledger and audit, its witnesses and machine, clock, profile, label printer, andon, outbox and what each cloud's
    account is answered. Exit code 7 for an integrity alarm, 3 when something else is wrong, 6 when only a person is
    waited for; warnings do not count.
    """
    from station.cli.telling import words_of
    from station.doctor import Level, examine
    from station.doctor.bench import checks
    from station.doctor.logged import log_finding
    from station.words.cells import cell
    from station.words.details import said

    words = words_of(ctx)
    with suppress(StationError):  # an unsound configuration is a finding
        ctx.log()
    if fix:
        _mend([finding for finding in examine(checks(lambda: ctx.config)) if finding.fix])
    findings = []
    for finding in examine(checks(lambda: ctx.config)):
        findings.append(finding)
        log_finding(finding)
        if not as_json:
            level, check = (padded(cell(text, words), most) for text, most in ((finding.level, 8), (finding.check, 13)))
            print_line(f"{level} {check} {said(finding.what, words)}".rstrip())
            if finding.do:
                print_line(f"{'':22} → {said(finding.do, words)}")
    wrong = sum(finding.level is Level.WRONG for finding in findings)
    if as_json:
        rows = [{"check": f.check, "level": f.level, "what": f.what, "do": f.do} for f in findings]
        print_json({"wrong": wrong, "findings": rows})
    return most_serious(finding.exit for finding in findings)


def _mend(findings: Sequence[Finding]) -> None:
    """All of them, after one yes. StationFault where this user may not."""
    if not findings:
        return
    if not is_dry_run():
        require_yes("This is done: " + "; ".join(finding.do for finding in findings))
    for finding in findings:
        assert finding.fix is not None
        if would(finding.do):
            continue
        try:
            finding.fix()
        except OSError as error:
            raise StationFault(f"{finding.what}: {error.strerror}", do=f"as its owner or root: {finding.do}") from error
        say(f"done: {finding.do}")
