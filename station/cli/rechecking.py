# SPDX-License-Identifier: GPL-3.0-or-later
"""`station pull --recheck`: what the cloud says now of what is withheld, and what may come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from station.cli.context import Context
from station.cli.output import print_json, print_line, say
from station.cli.progress_line import ProgressLine
from station.codes import Exit
from station.errors import UsageError

if TYPE_CHECKING:
    from station.ledger.store import Ledger
    from station.rules import WayBack
    from station.words.language import Words


def recheck_devices(
    ctx: Context, ledger: Ledger, batch: str, stop: Callable[[], bool], *, as_json: bool
) -> Exit | None:
    """For a batch that was registered or came from a file, which no pull brings; None for any other."""
    from station.cloud.clouds import is_pulled, open_registration
    from station.intake.recheck import recheck

    keys = [row.key for row in ledger.batches.all() if row.key.batch_id == batch]
    if any(key.source != "cloud" for key in keys):
        raise UsageError(f"{batch} came from a file: no cloud can be asked", do=f"station release --batch {batch}")
    registered = next((key.provider for key in keys if not is_pulled(key.provider)), None)
    if registered is None:
        return None
    text = ctx.words.commands.pull
    line = ProgressLine(ctx.words.commands.progress.devices, ctx.words)
    cloud = ledger.tokens.lend(open_registration(ctx.config, registered))
    try:
        report = recheck(ledger, cloud, batch, show=line.show, stop=stop)
    finally:
        line.end()
        cloud.close()
    if as_json:
        gone = [str(name) for name in report.gone]
        print_json(
            {"event": "rechecked", "batch": batch, "withheld": report.withheld, "asked": report.asked, "gone": gone}
        )
    else:
        print_line(text.asked.format(batch=batch, asked=report.asked, withheld=report.withheld))
    for name in report.gone[:20]:
        say(text.gone.format(name=name))
    tell_outlook(batch, ledger.withheld.outlook(batch), ctx.words)
    return Exit.OK if report.asked == report.withheld else Exit.INTERRUPTED


def tell_outlook(batch: str, outlook: Mapping[WayBack, int], words: Words) -> None:
    """What of a batch stays withheld, and why; what a supervisor may let back."""
    from station.rules import WayBack

    text = words.commands.pull
    for why, many in outlook.items():
        say(text.stay.format(why=text.ways[why], number=many))
    if outlook.get(WayBack.OPEN):
        say(text.let_back.format(batch=batch))
